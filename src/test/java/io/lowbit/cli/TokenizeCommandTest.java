// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import static org.testng.Assert.assertEquals;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.lowbit.testing.Shared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;
import picocli.CommandLine;

/** {@code lowbit tokenize} as a user calls it. */
public class TokenizeCommandTest {
  @DataProvider
  public Object[][] models() {
    return new Object[][] {
      {"models/stories260K-hf", "stories260K"},
      {"models/stories260K-hf/tokenizer.model", "stories260K"},
      {"models/SmolLM2-135M-Instruct.Q4_1.gguf", "smollm2"},
      {"tokenizers/mistral-v1/tokenizer.json", "mistral-v1"},
    };
  }

  @Test(dataProvider = "models")
  public void addsIdsToEveryLine(String model, String golden) throws IOException {
    Path in = Shared.path("golden/tokenizers/" + golden + ".jsonl");
    Path out = Files.createTempFile("ids", ".jsonl");
    try {
      String[] arguments = {
        Shared.path(model).toString(), "--in", in.toString(), "--out", out.toString()
      };
      assertEquals(new CommandLine(new TokenizeCommand()).execute(arguments), 0);
      List<String> lines = Files.readAllLines(out);
      List<String> wanted = Files.readAllLines(in);
      assertEquals(lines.size(), wanted.size());
      for (int i = 0; i < lines.size(); i++) {
        // The golden file has the fields of the answer already: they must come back the same.
        assertEquals(JsonParser.parseString(lines.get(i)), JsonParser.parseString(wanted.get(i)));
      }
    } finally {
      Files.delete(out);
    }
  }

  @Test
  public void runsOnATokenizerFile() throws IOException {
    Path folder = Files.createTempDirectory("tokenize");
    Path model = folder.resolve("tokenizer.json");
    Path in = folder.resolve("in.jsonl");
    Path out = folder.resolve("out.jsonl");
    try {
      Files.writeString(
          model, "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0,\"b\":1},\"merges\":[]}}");
      Files.writeString(in, "{\"id\":7,\"text\":\"abba\"}\n");
      String[] arguments = {model.toString(), "--in", in.toString(), "--out", out.toString()};
      assertEquals(new CommandLine(new TokenizeCommand()).execute(arguments), 0);
      JsonObject line = JsonParser.parseString(Files.readString(out)).getAsJsonObject();
      JsonArray ids = JsonLines.ids(new int[] {0, 1, 1, 0}).getAsJsonArray();
      assertEquals(line.keySet().toString(), "[id, text, ids, ids_with_special, decoded]");
      assertEquals(line.get("ids"), ids);
      assertEquals(line.get("ids_with_special"), ids);
    } finally {
      for (Path file : List.of(model, in, out, folder)) {
        Files.deleteIfExists(file);
      }
    }
  }

  @Test
  public void asksForItsOptions() {
    CommandLine command = new CommandLine(new TokenizeCommand());
    command.setErr(new java.io.PrintWriter(java.io.Writer.nullWriter()));
    assertEquals(command.execute("model"), CommandLine.ExitCode.USAGE);
  }
}
