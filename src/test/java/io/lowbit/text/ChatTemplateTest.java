// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import io.lowbit.testing.Shared;
import io.lowbit.text.jinja.TemplateException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.testng.annotations.Test;

public class ChatTemplateTest {
  private static final String SOURCE =
      """
      {{ bos_token }}
      {%- for m in messages %}
        {%- if m.role == 'system' %}{{ raise_exception('no system messages') }}{% endif %}
        {{- '[' + m.role + ']' + m.content | trim + eos_token }}
      {%- endfor %}
      {%- if add_generation_prompt %}[assistant]{% endif %}
      {{- tools is defined }}{{ tools is none }}{{ strftime_now('%Y') if date }}
      """;

  private static final List<Map<String, String>> MESSAGES =
      List.of(Map.of("role", "user", "content", " Hi \n"));

  @Test
  public void promptsOfferNoToolsAndBeginAnAnswer() {
    ChatTemplate template =
        ChatTemplate.parse(SOURCE, Map.of("bos_token", "<s>", "eos_token", "</s>"));
    assertEquals(template.prompt(MESSAGES), "<s>[user]Hi</s>[assistant]TrueTrue");
  }

  @Test
  public void whatIsNotGivenIsUndefined() {
    ChatTemplate template = ChatTemplate.parse(SOURCE, Map.of("eos_token", "</s>"));
    LocalDateTime now = LocalDateTime.of(1999, 1, 1, 0, 0);
    Map<String, Object> variables =
        new HashMap<>(Map.of("messages", MESSAGES, "eos_token", "|", "date", true));
    assertEquals(template.render(variables, Optional.of(now)), "[user]Hi|FalseFalse1999");
  }

  @Test
  public void aRefusalSaysWhatTheTemplateSays() {
    ChatTemplate template = ChatTemplate.parse(SOURCE, Map.of());
    List<Map<String, String>> messages = List.of(Map.of("role", "system", "content", ""));
    TemplateException refusal =
        expectThrows(TemplateException.class, () -> template.prompt(messages));
    assertEquals(refusal.kind(), TemplateException.Kind.RAISED);
    assertEquals(refusal.reason(), "no system messages");
    assertEquals(refusal.line(), 3);
  }

  @Test
  public void modelFoldersNameTemplateAndTokens() throws IOException {
    Path folder = Files.createTempDirectory("chat");
    assertTrue(ChatTemplate.ofFolder(folder).isEmpty());
    Files.writeString(
        folder.resolve("tokenizer_config.json"),
        """
        {"bos_token": {"content": "<s>"}, "eos_token": "</s>",
         "chat_template": "{{ bos_token }}{{ messages[0].content }}{{ eos_token }}{{ pad_token }}"}
        """);
    assertEquals(ChatTemplate.ofFolder(folder).orElseThrow().prompt(MESSAGES), "<s> Hi \n</s>");
  }

  @Test
  public void ggufVocabulariesNameTemplateAndTokens() {
    TokenizerSpec.Ggml vocabulary =
        new TokenizerSpec.Ggml(
            "gpt2",
            "",
            List.of("<a>", "<z>"),
            List.of(),
            List.of(),
            List.of(),
            OptionalInt.of(0),
            OptionalInt.of(1),
            OptionalInt.empty(),
            false,
            false,
            false,
            Optional.of("{{ bos_token ~ eos_token ~ unk_token }}"));
    assertEquals(ChatTemplate.of(vocabulary).orElseThrow().prompt(MESSAGES), "<a><z>");
  }

  @Test
  public void rendersThePromptOfARealModel() throws IOException {
    Path folder = Shared.path("tokenizers/qwen3");
    assertEquals(
        ChatTemplate.ofFolder(folder).orElseThrow().prompt(MESSAGES),
        "<|im_start|>user\n Hi \n<|im_end|>\n<|im_start|>assistant\n");
  }
}
