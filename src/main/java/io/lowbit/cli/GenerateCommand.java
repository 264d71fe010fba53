// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import com.google.gson.JsonObject;
import io.lowbit.engine.Generator;
import io.lowbit.engine.Session;
import io.lowbit.model.ModelSource;
import io.lowbit.text.ChatTemplate;
import io.lowbit.text.RequestEncoding;
import io.lowbit.text.Tokenizer;
import io.lowbit.text.jinja.JsonValues;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code lowbit generate}: greedy continuations. */
@Command(
    name = "generate",
    description = "Greedy continuations of prompts.",
    mixinStandardHelpOptions = true)
public final class GenerateCommand implements Callable<Integer> {
  private static final int PROMPTS_AT_ONCE = 32;

  @Spec private CommandSpec spec;

  @Mixin private ModelOptions options;

  @Option(
      names = "--prompts",
      required = true,
      paramLabel = "FILE",
      description = "JSON lines with prompt, prompt_ids, or messages.")
  private Path prompts;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "The same lines with ids, text and stopped_by; - is standard output.")
  private String out;

  @Option(
      names = "--max-new-tokens",
      defaultValue = "128",
      paramLabel = "N",
      description = "Longest answer in tokens (default: ${DEFAULT-VALUE}).")
  private int maxNewTokens;

  @Option(
      names = "--stop",
      paramLabel = "TEXT",
      description = "A text that ends the answer; may be given several times.")
  private List<String> stops = new ArrayList<>();

  @Override
  public Integer call() throws IOException {
    if (maxNewTokens < 1) {
      throw new ParameterException(
          spec.commandLine(), "--max-new-tokens is %d; expected 1 or more".formatted(maxNewTokens));
    }
    List<JsonLines.Line> lines = JsonLines.readAll(prompts);
    try (JsonLinesOutput output = JsonLinesOutput.open(out);
        ModelSource source = ModelSource.open(options.model);
        Tokenizer tokenizer = source.tokenizer()) {
      List<Generator.Prompt> asked = new ArrayList<>();
      for (JsonLines.Line line : lines) {
        asked.add(line.parsed(object -> prompt(object, source, tokenizer)));
      }
      try (Session session = options.load(source)) {
        Generator generator = new Generator(session.model().decoder(), tokenizer, source.stops());
        for (int from = 0; from < lines.size(); from += PROMPTS_AT_ONCE) {
          int to = Math.min(lines.size(), from + PROMPTS_AT_ONCE);
          List<Generator.Answer> answers = generator.generate(asked.subList(from, to));
          for (int i = from; i < to; i++) {
            output.write(answered(lines.get(i).object(), answers.get(i - from)));
          }
        }
      }
      output.commit();
    }
    return 0;
  }

  private Generator.Prompt prompt(JsonObject line, ModelSource source, Tokenizer tokenizer) {
    int[] ids = ids(line, source, tokenizer);
    if (ids.length == 0) {
      throw new IllegalArgumentException("the prompt has no tokens; give at least one");
    }
    JsonLines.requireKnown(ids, source.architecture().vocabulary());
    return new Generator.Prompt(ids, stops, maxNewTokens);
  }

  private static int[] ids(JsonObject line, ModelSource source, Tokenizer tokenizer) {
    if (line.has("prompt_ids")) {
      return JsonLines.ids(line, "prompt_ids");
    }
    if (line.has("messages")) {
      return tokenizer.encode(chatPrompt(line, source, tokenizer), false);
    }
    int[] ids = RequestEncoding.text(tokenizer, JsonLines.text(line, "prompt"));
    return ids.length > 0 ? ids : new int[] {RequestEncoding.prefix(tokenizer)};
  }

  private static String chatPrompt(JsonObject line, ModelSource source, Tokenizer tokenizer) {
    String template =
        source
            .tokenizerSpec()
            .chatTemplate()
            .orElseThrow(() ->
                new IllegalArgumentException(
                    source.name() + " has no chat template; give 'prompt' instead of 'messages'"));
    Map<String, String> special = new HashMap<>();
    tokenizer.bos().ifPresent(id -> special.put("bos_token", tokenizer.piece(id)));
    tokenizer.eos().ifPresent(id -> special.put("eos_token", tokenizer.piece(id)));
    if (!(JsonValues.value(line.get("messages")) instanceof List<?> messages)) {
      throw new IllegalArgumentException("the field 'messages' is not a list");
    }
    return ChatTemplate.parse(template, special).prompt(messages);
  }

  private static JsonObject answered(JsonObject line, Generator.Answer answer) {
    line.add("ids", JsonLines.ids(answer.ids()));
    line.addProperty("text", answer.text());
    line.addProperty("stopped_by", answer.stoppedBy());
    return line;
  }
}
