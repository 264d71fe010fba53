// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;

import io.lowbit.testing.TinyModel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Every mistake gets one sentence that helps, an exit code, and leaves nothing behind. */
public final class BadInputTest {
  private Path folder;
  private Path model;

  @BeforeMethod
  public void writeModel() throws IOException {
    folder = Files.createTempDirectory("bad-input");
    model = TinyModel.write(folder.resolve("tiny"), 1);
    TinyModel.writeTask(folder, 4);
  }

  @AfterMethod
  public void removeFolder() throws IOException {
    try (var files = Files.walk(folder)) {
      for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(file);
      }
    }
  }

  /** Runs the command line and checks that it ends with one sentence holding all the parts. */
  private static void refused(int exitCode, CommandLineRun run, String... parts) {
    assertEquals(run.exitCode(), exitCode, run.err());
    assertTrue(run.err().startsWith("lowbit: "), run.err());
    assertFalse(run.err().contains("\tat "), run.err());
    assertEquals(run.err().lines().count(), exitCode == 2 ? 2 : 1, run.err());
    for (String part : parts) {
      assertTrue(run.err().contains(part), part + " should be in: " + run.err());
    }
  }

  private Path file(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }

  private CommandLineRun logits(Object... more) throws IOException {
    Path ids = file("ids.jsonl", "[1, 2, 3]\n");
    Object[] first = {"logits", model, "--ids", ids, "--out", folder.resolve("x.safetensors")};
    Object[] all = Arrays.copyOf(first, first.length + more.length);
    System.arraycopy(more, 0, all, first.length, more.length);
    CommandLineRun run = CommandLineRun.of(all);
    assertEquals(Files.exists(folder.resolve("x.safetensors")), run.exitCode() == 0);
    return run;
  }

  private void breakConfig(String from, String to) throws IOException {
    Path config = model.resolve("config.json");
    String text = Files.readString(config);
    assertTrue(text.contains(from));
    Files.writeString(config, text.replace(from, to));
  }

  /** Replaces the header of the weights by one in which a text is another of the same length. */
  private void breakHeader(String from, String to) throws IOException {
    assertEquals(from.length(), to.length());
    Path weights = model.resolve("model.safetensors");
    String text = Files.readString(weights, StandardCharsets.ISO_8859_1);
    assertTrue(text.contains(from), text.substring(0, 300));
    Files.writeString(weights, text.replace(from, to), StandardCharsets.ISO_8859_1);
  }

  @Test
  public void theSoundModelRuns() throws IOException {
    assertEquals(logits().exitCode(), 0);
  }

  @Test
  public void aMissingFolder() throws IOException {
    model = folder.resolve("nowhere");
    refused(1, logits(), "nowhere: there is no such folder or file");
  }

  @Test
  public void truncatedWeights() throws IOException {
    Path weights = model.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    Files.write(weights, Arrays.copyOf(bytes, bytes.length - 100));
    refused(1, logits(), "model.safetensors: tensor '", "the download is incomplete");
  }

  @Test
  public void aHeaderBeyondTheFile() throws IOException {
    Path weights = model.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(50_000_000);
    Files.write(weights, bytes);
    refused(1, logits(), "model.safetensors", "header");
  }

  @Test
  public void overlappingAndOutlyingTensors() throws IOException {
    // The embedding is 258 x 16 floats, 16,512 bytes; the norm of 64 bytes follows it.
    breakHeader("[16512,16576]", "[16448,16512]");
    refused(1, logits(), "model.safetensors: tensor '");
    breakHeader("[16448,16512]", "[96448,96512]");
    refused(1, logits(), "model.safetensors: tensor '");
  }

  @Test
  public void weightsThatAreNoNumbers() throws IOException {
    Path weights = model.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    ByteBuffer.wrap(bytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putFloat(bytes.length - 16 * 24 * 4, Float.NaN);
    Files.write(weights, bytes);
    refused(
        1, logits(), "tiny: tensor 'model.layers.1.mlp.down_proj.weight': element [0, 0] is NaN");
  }

  @Test
  public void anUnknownArchitecture() throws IOException {
    breakConfig("LlamaForCausalLM", "LlamaForCasualLM");
    refused(
        1,
        logits(),
        "config.json: the architecture 'LlamaForCasualLM' is not known",
        "the nearest is 'LlamaForCausalLM'",
        "known: LlamaForCausalLM, MistralForCausalLM");
    breakConfig("[\"LlamaForCasualLM\"]", "[{}]");
    refused(1, logits(), "the option 'architectures' is [{}]; expected a list with one name");
  }

  @Test
  public void anOptionThatWouldBeIgnored() throws IOException {
    breakConfig("{", "{\"qk_layernorm\": true, ");
    refused(1, logits(), "config.json: the option 'qk_layernorm' = true");
  }

  @Test
  public void aConfigurationThatIsNoText() throws IOException {
    Files.write(model.resolve("config.json"), new byte[] {(byte) 0xff, (byte) 0xfe});
    refused(1, logits(), "config.json: not a JSON object: it is not UTF-8 text");
  }

  @Test
  public void aMissingTokenizer() throws IOException {
    Files.delete(model.resolve("tokenizer.json"));
    Path prompts = file("prompts.jsonl", "{\"prompt\": \"a\"}\n");
    refused(
        1,
        CommandLineRun.of("generate", model, "--prompts", prompts, "--out", folder.resolve("x")),
        "tiny: no tokenizer; looked for tokenizer.json");
  }

  @DataProvider
  Object[][] wrongOptions() {
    return new Object[][] {
      {2, "--threads=-3", "'--threads'", "choose 1 to 1,024, or 0 for one per core"},
      {2, "--threads=100000", "'--threads'", "100,000 threads cannot be started"},
      {2, "--threads=two", "'--threads'", "'two' is not a whole number"},
      {2, "--backend=gpu", "there is no back-end 'gpu'", "auto, cuda, cpu"},
      {1, "--backend=cuda", "", "--backend cpu"},
      {2, "--on-indivisible=chanel", "'error' or 'channel', not 'chanel'", ""},
      {1, "--scheme=w4gg64", "did you mean 'w4g64'", "character 1"},
      {1, "--scheme=kv4g16", "heads of 4 values cannot be quantized in groups of 16", ""},
      {1, "--scheme=stored", "tiny: the scheme 'stored'", "use fp32"},
      {
        1,
        "--scheme=w4g16",
        "'model.layers.0.mlp.down_proj.weight' [16, 24]: 24 columns do not split into groups of 16",
        "the nearest group that works is 12"
      },
    };
  }

  @Test(dataProvider = "wrongOptions")
  public void aWrongOption(int exitCode, String option, String part, String other)
      throws IOException {
    refused(exitCode, logits(option), part, other);
  }

  @DataProvider
  Object[][] wrongLines() {
    return new Object[][] {
      {"logits", "--ids", "[1]\n[1, 258]", ":2: token id 258 is outside the model's 0 to 257"},
      {"logits", "--ids", "[-1]", ":1: token id -1 is outside"},
      {"logits", "--ids", "[]", ":1: there are no token ids"},
      {"generate", "--prompts", "{\"prompt_ids\": []}", ":1: the prompt has no tokens"},
      {"generate", "--prompts", "{\"prompt_ids\": [999]}", ":1: token id 999 is outside"},
      {"generate", "--prompts", "{\"text\": \"a\"}", ":1: the field 'prompt' is missing"},
      {"generate", "--prompts", "{\"prompt\":", ":1: not valid JSON"},
      {
        "score",
        "--requests",
        "{\"context\": \"a\", \"continuation\": \"\"}",
        ":1: the continuation has no tokens"
      },
      {
        "score",
        "--requests",
        "{\"context_ids\": [], \"continuation_ids\": [1]}",
        ":1: the context has no tokens"
      },
      {
        "score",
        "--requests",
        "{\"context_ids\": [1], \"continuation_ids\": [300]}",
        ":1: token id 300 is outside"
      },
    };
  }

  @Test(dataProvider = "wrongLines")
  public void aWrongLineIsNamed(String command, String option, String lines, String part)
      throws IOException {
    Path in = file("in.jsonl", lines + "\n");
    Path out = folder.resolve("x");
    refused(1, CommandLineRun.of(command, model, option, in, "--out", out), "in.jsonl" + part);
    assertFalse(Files.exists(out));
  }

  @Test
  public void anOutputThatCannotBeWrittenIsFoundBeforeTheModelIsOpened() throws IOException {
    Path in = file("in.jsonl", "[1]\n");
    Path nowhere = folder.resolve("nodir/x");
    for (String[] command :
        new String[][] {{"logits", "--ids"}, {"generate", "--prompts"}, {"score", "--requests"}}) {
      refused(
          1,
          CommandLineRun.of(command[0], "no-model", command[1], in, "--out", nowhere),
          "x: cannot be written",
          "nodir is no folder; name a file in a folder that exists");
      refused(
          1,
          CommandLineRun.of(command[0], "no-model", command[1], in, "--out", folder),
          "it is a folder; name a file");
    }
  }

  @Test
  public void anAnswerOfNoTokens() throws IOException {
    Path in = file("in.jsonl", "{\"prompt\": \"a\"}\n");
    refused(
        2,
        CommandLineRun.of(
            "generate", model, "--prompts", in, "--out", "-", "--max-new-tokens", "-1"),
        "--max-new-tokens is -1; expected 1 or more");
  }

  @DataProvider
  Object[][] wrongTexts() {
    return new Object[][] {
      {"short", "gptq-16", "the text has 5 tokens, which do not fill one window of 16"},
      {"0123456789".repeat(20), "gptq-128", "longer than the model's context of 64"},
      {"short", "gptq-x", "'gptq-x' is no perplexity protocol; there is gptq-N"},
    };
  }

  @Test(dataProvider = "wrongTexts")
  public void aTextThatDoesNotFit(String text, String protocol, String part) throws IOException {
    Path in = file("text.txt", text);
    Path out = folder.resolve("ppl");
    refused(
        1,
        CommandLineRun.of("ppl", model, in, "--protocol", protocol, "--output", out, "--threads=1"),
        part);
    assertFalse(Files.exists(out.resolve("records")));
  }
}
