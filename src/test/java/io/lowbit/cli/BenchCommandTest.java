// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.lowbit.testing.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** {@code lowbit bench} from its command line. */
public final class BenchCommandTest {
  private Path folder;

  @BeforeClass
  public void write() throws IOException {
    folder = Files.createTempDirectory("bench");
    TinyModel.write(folder.resolve("tiny"), 5);
  }

  @Test
  public void aModelIsTimedUnderSchemes() throws IOException {
    Path json = folder.resolve("model.json");
    Path markdown = folder.resolve("model.md");
    CommandLineRun run =
        CommandLineRun.of(
            "bench",
            "model",
            folder.resolve("tiny"),
            "--scheme",
            "fp32, w8",
            "--backend",
            "cpu",
            "--threads",
            1,
            "--prompt",
            4,
            "--tokens",
            3,
            "--batch",
            2,
            "--out",
            json,
            "--markdown",
            markdown);
    assertEquals(run.exitCode(), 0, run.err());
    JsonObject report = JsonParser.parseString(Files.readString(json)).getAsJsonObject();
    assertEquals(report.getAsJsonArray("rows").size(), 2);
    assertEquals(report.getAsJsonObject("load").get("batch").getAsInt(), 2);
    assertTrue(
        report.getAsJsonObject("provenance").get("program").getAsString().startsWith("lowbit "));
    assertTrue(Files.readString(markdown).contains("# Speed of tiny"));
  }

  @Test
  public void wrongUseIsRefused() {
    CommandLineRun nothing = CommandLineRun.of("bench");
    assertEquals(nothing.exitCode(), 2);
    assertTrue(nothing.err().contains("say what to measure"), nothing.err());
    CommandLineRun name = CommandLineRun.of("bench", "kernels", "--only", "gemm_w4");
    assertEquals(name.exitCode(), 2);
    assertTrue(name.err().contains("nothing to time has 'gemm_w4' in its name"), name.err());
    CommandLineRun tokens =
        CommandLineRun.of("bench", "model", folder.resolve("tiny"), "--tokens", 0);
    assertEquals(tokens.exitCode(), 2);
    assertTrue(tokens.err().contains("each must be 1 or more"), tokens.err());
  }
}
