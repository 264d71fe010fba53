// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import com.google.gson.JsonObject;
import io.lowbit.format.Checkpoint;
import io.lowbit.format.Checkpoints;
import io.lowbit.text.ChatTemplate;
import io.lowbit.text.GgmlVocabulary;
import io.lowbit.text.jinja.JsonValues;
import io.lowbit.text.jinja.Options;
import io.lowbit.text.jinja.Template;
import io.lowbit.text.jinja.TemplateException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lowbit render}: conversations and task documents as the prompts a model gets. */
@Command(
    name = "render",
    description = "Renders conversations with a chat template, or documents with their own.",
    mixinStandardHelpOptions = true)
public final class RenderCommand implements Callable<Integer> {
  @Parameters(
      arity = "0..1",
      paramLabel = "MODEL",
      description =
          "A model folder, a .gguf file, or a template file; not needed where each line has a"
              + " template. The special tokens of a model stand in where a line names none.",
      converter = ModelPath.class)
  private Path model;

  @Option(
      names = "--in",
      required = true,
      paramLabel = "FILE",
      description =
          "JSON lines with messages, tools, add_generation_prompt, extra and now (what is absent"
              + " is undefined), or with template, context and env (chat, lm-eval, plain, strict).")
  private Path in;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "The same lines with rendered, or error and error_kind; - is standard output.")
  private String out;

  @Override
  public Integer call() throws IOException {
    Optional<ChatTemplate> chat = model == null ? Optional.empty() : Optional.of(open(model));
    JsonLines.transform(in, out, line -> render(chat, line));
    return 0;
  }

  private static ChatTemplate open(Path model) throws IOException {
    if (!Files.exists(model)) {
      throw new NoSuchFileException(model.toString());
    }
    try {
      if (Files.isDirectory(model)) {
        return ChatTemplate.ofFolder(model).orElseThrow(() -> none(model));
      }
      if (!model.toString().toLowerCase(Locale.ROOT).endsWith(".gguf")) {
        return ChatTemplate.parse(Files.readString(model), Map.of());
      }
      try (Checkpoint checkpoint = Checkpoints.open(model)) {
        return ChatTemplate.of(GgmlVocabulary.from(checkpoint.metadata()))
            .orElseThrow(() -> none(model));
      }
    } catch (TemplateException e) {
      throw new IllegalArgumentException(model + ": " + e.getMessage(), e);
    }
  }

  private static IllegalArgumentException none(Path model) {
    return new IllegalArgumentException(
        model + ": there is no chat template; give a template file in place of the model");
  }

  private static JsonObject render(Optional<ChatTemplate> chat, JsonObject line) {
    List.of("rendered", "error", "error_kind").forEach(line::remove);
    try {
      line.addProperty(
          "rendered", line.has("template") ? document(line) : conversation(chat, line));
    } catch (TemplateException e) {
      boolean raised = e.kind() == TemplateException.Kind.RAISED;
      line.addProperty("error", raised ? e.reason() : e.getMessage());
      line.addProperty("error_kind", e.kind().label());
    }
    return line;
  }

  private static String document(JsonObject line) {
    Options options = Options.named(JsonLines.text(line, "env"));
    Options dated = now(line).map(options::withNow).orElse(options);
    return Template.parse(JsonLines.text(line, "template"), dated).render(object(line, "context"));
  }

  private static String conversation(Optional<ChatTemplate> chat, JsonObject line) {
    ChatTemplate template =
        chat.orElseThrow(() ->
            new IllegalArgumentException(
                "no field 'template', and no MODEL or template file on the command line"));
    Map<String, Object> variables = new HashMap<>(object(line, "extra"));
    for (String name : List.of("messages", "tools", "add_generation_prompt")) {
      if (line.has(name)) {
        variables.put(name, JsonValues.value(line.get(name)));
      }
    }
    return template.render(variables, now(line));
  }

  private static Map<String, Object> object(JsonObject line, String field) {
    if (!line.has(field)) {
      return Map.of();
    }
    if (line.get(field) instanceof JsonObject object) {
      return JsonValues.map(object);
    }
    throw new IllegalArgumentException("the field '" + field + "' is not an object");
  }

  private static Optional<LocalDateTime> now(JsonObject line) {
    if (!line.has("now")) {
      return Optional.empty();
    }
    String now = JsonLines.text(line, "now");
    try {
      return Optional.of(LocalDateTime.parse(now));
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException(
          "the field 'now' is '" + now + "', expected a local time such as 2025-03-14T15:09:26", e);
    }
  }
}
