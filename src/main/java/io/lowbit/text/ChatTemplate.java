// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text;

import io.lowbit.text.jinja.Options;
import io.lowbit.text.jinja.Template;
import io.lowbit.text.jinja.TemplateException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The template that turns a conversation into the text a model was trained on; renders it as the
 * Python package transformers does. Immutable and thread-safe.
 */
public final class ChatTemplate {
  private static final List<String> SPECIAL_TOKENS =
      List.of(
          "bos_token",
          "eos_token",
          "unk_token",
          "sep_token",
          "pad_token",
          "cls_token",
          "mask_token");

  private final Template template;
  private final Map<String, String> specialTokens;

  private ChatTemplate(Template template, Map<String, String> specialTokens) {
    this.template = template;
    this.specialTokens = Map.copyOf(specialTokens);
  }

  /**
   * Parses the source of a chat template.
   *
   * @param specialTokens variables every rendering has, such as {@code bos_token} and {@code
   *     eos_token}
   * @throws TemplateException if it is not well formed
   */
  public static ChatTemplate parse(String source, Map<String, String> specialTokens) {
    return new ChatTemplate(Template.parse(source, Options.chat()), specialTokens);
  }

  /**
   * The chat template of a model folder with its special tokens; empty if it has none.
   *
   * @throws TemplateException if it is not well formed
   */
  public static Optional<ChatTemplate> ofFolder(Path folder) throws IOException {
    TokenizerConfiguration configuration = TokenizerConfiguration.read(folder);
    Map<String, String> tokens = new HashMap<>();
    for (String name : SPECIAL_TOKENS) {
      configuration.token(name).ifPresent(token -> tokens.put(name, token));
    }
    return configuration.chatTemplate().map(source -> parse(source, tokens));
  }

  /**
   * The chat template of a GGUF file with its special tokens; empty if it has none.
   *
   * @throws TemplateException if it is not well formed
   */
  public static Optional<ChatTemplate> of(TokenizerSpec.Ggml vocabulary) {
    Map<String, String> tokens = new HashMap<>();
    put("bos_token", vocabulary.bos(), vocabulary, tokens);
    put("eos_token", vocabulary.eos(), vocabulary, tokens);
    put("unk_token", vocabulary.unknown(), vocabulary, tokens);
    return vocabulary.chatTemplate().map(source -> parse(source, tokens));
  }

  private static void put(
      String name, OptionalInt id, TokenizerSpec.Ggml vocabulary, Map<String, String> tokens) {
    id.ifPresent(i -> tokens.put(name, vocabulary.pieces().get(i)));
  }

  /**
   * The prompt for the next answer in a conversation without tools.
   *
   * @param messages mappings with {@code role}, mostly {@code content}, and whatever else the
   *     template knows
   * @throws TemplateException if the template refuses the conversation, or fails
   */
  public String prompt(List<?> messages) {
    Map<String, Object> variables = new HashMap<>();
    variables.put("messages", messages);
    variables.put("add_generation_prompt", true);
    // Python's transformers hands these over as none where there are none.
    variables.put("tools", null);
    variables.put("documents", null);
    return render(variables, Optional.empty());
  }

  /**
   * Renders a conversation, every variable given by the caller: {@code messages}, {@code tools},
   * {@code add_generation_prompt} and whatever the template reads. A variable that is not there is
   * undefined, which a template can tell from none and from false. The special tokens stand in
   * where the caller has none of that name.
   *
   * @param now the time a template gets that asks for the date; the clock if empty
   * @throws TemplateException if the template refuses the conversation, or fails
   */
  public String render(Map<String, ?> variables, Optional<LocalDateTime> now) {
    Map<String, Object> all = new LinkedHashMap<>(specialTokens);
    all.putAll(variables);
    return now.map(template::at).orElse(template).render(all);
  }
}
