// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import static org.testng.Assert.assertEquals;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.lowbit.testing.Shared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;
import picocli.CommandLine;

/** {@code lowbit render} as a user calls it. */
public class RenderCommandTest {
  private static List<JsonObject> render(List<String> model, Path in) throws IOException {
    Path out = Files.createTempFile("rendered", ".jsonl");
    try {
      List<String> arguments = new ArrayList<>(model);
      arguments.addAll(List.of("--in", in.toString(), "--out", out.toString()));
      assertEquals(
          new CommandLine(new RenderCommand()).execute(arguments.toArray(String[]::new)), 0);
      return objects(out);
    } finally {
      Files.delete(out);
    }
  }

  private static List<JsonObject> objects(Path file) throws IOException {
    return Files.readAllLines(file).stream()
        .map(line -> JsonParser.parseString(line).getAsJsonObject())
        .toList();
  }

  @DataProvider
  Object[][] golden() {
    return new Object[][] {
      {"golden/chat/llama-3.1-instruct.jinja", "golden/chat/llama-3.1-instruct.cases.jsonl"},
      {"models/SmolLM2-135M-Instruct.Q4_1.gguf", "golden/chat/smollm2-instruct.cases.jsonl"},
      {"tokenizers/qwen3", "golden/chat/qwen3.cases.jsonl"},
      {"", "golden/jinja/units.jsonl"},
      {"", "golden/jinja/lm-eval.jsonl"},
    };
  }

  @Test(dataProvider = "golden")
  public void rendersGoldenLines(String model, String cases) throws IOException {
    Path in = Shared.path(cases);
    List<JsonObject> answers =
        render(model.isEmpty() ? List.of() : List.of(Shared.path(model).toString()), in);
    List<JsonObject> wanted = objects(in);
    assertEquals(answers.size(), wanted.size());
    for (int i = 0; i < answers.size(); i++) {
      JsonObject answer = answers.get(i);
      JsonObject golden = wanted.get(i);
      assertEquals(answer.get("rendered"), golden.get("rendered"), golden.toString());
      assertEquals(answer.get("error_kind"), golden.get("error_kind"), golden.toString());
      boolean raised =
          golden.has("error") && golden.get("error_kind").getAsString().equals("raised");
      assertEquals(raised ? golden.get("error") : null, raised ? answer.get("error") : null);
    }
  }

  @Test
  public void keepsFieldsAndReportsFailuresPerLine() throws IOException {
    Path folder = Files.createTempDirectory("render");
    Path template = folder.resolve("chat.jinja");
    Path in = folder.resolve("in.jsonl");
    Files.writeString(template, "{{ messages[0].content + eos_token }}{{ strftime_now('%y') }}\n");
    Files.writeString(
        in,
        """
        {"id": 1, "messages": [{"content": "a"}], "extra": {"eos_token": "!"}, "now": "2031-01-01T00:00"}
        {"id": 2, "messages": [], "rendered": "old"}
        {"id": 3, "env": "lm-eval", "template": "{{ x }}\\n", "context": {"x": 1.0}}
        """);
    List<JsonObject> lines = render(List.of(template.toString()), in);
    assertEquals(lines.get(0).get("rendered").getAsString(), "a!31");
    assertEquals(lines.get(0).get("id").getAsInt(), 1);
    assertEquals(lines.get(1).get("rendered"), null);
    assertEquals(
        lines.get(1).get("error").getAsString(), "template line 1: 'list object' has no element 0");
    assertEquals(lines.get(1).get("error_kind").getAsString(), "undefined");
    assertEquals(lines.get(2).get("rendered").getAsString(), "1.0\n");
  }

  @DataProvider
  Object[][] wrong() {
    return new Object[][] {
      {"{}", "no field 'template', and no MODEL or template file on the command line"},
      {"{\"template\": \"\"}", "the field 'env' is missing; there are [template]"},
      {"{\"template\": \"\", \"env\": \"odd\"}", "unknown template environment 'odd'"},
      {"{\"template\": \"\", \"env\": \"chat\", \"now\": \"x\"}", "the field 'now' is 'x'"},
      {"{\"template\": \"\", \"env\": \"chat\", \"context\": 1}", "'context' is not an object"},
    };
  }

  @Test(dataProvider = "wrong")
  public void wrongLinesAreErrors(String line, String expected) throws IOException {
    Path in = Files.createTempFile("wrong", ".jsonl");
    Files.writeString(in, line + "\n");
    StringBuilder message = new StringBuilder();
    CommandLine command = new CommandLine(new RenderCommand());
    command.setExecutionExceptionHandler((e, failed, parsed) -> {
      message.append(e.getMessage());
      return 1;
    });
    Path out = in.resolveSibling("rendered.jsonl");
    assertEquals(command.execute("--in", in.toString(), "--out", out.toString()), 1);
    assertEquals(message.toString().contains(expected), true, message.toString());
  }
}
