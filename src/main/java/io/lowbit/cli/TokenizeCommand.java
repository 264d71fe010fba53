// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import com.google.gson.JsonObject;
import io.lowbit.format.Checkpoint;
import io.lowbit.format.Checkpoints;
import io.lowbit.text.GgmlVocabulary;
import io.lowbit.text.Tokenizer;
import io.lowbit.text.TokenizerFiles;
import io.lowbit.text.TokenizerSpec;
import io.lowbit.text.Tokenizers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lowbit tokenize}: texts as token ids and back. */
@Command(
    name = "tokenize",
    description = "Encodes texts with a model's tokenizer and decodes them again.",
    mixinStandardHelpOptions = true)
public final class TokenizeCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "MODEL",
      description = "A model folder, a .gguf file, or a tokenizer file.",
      converter = ModelPath.class)
  private Path model;

  @Option(
      names = "--in",
      required = true,
      paramLabel = "FILE",
      description = "JSON lines with a field \"text\".")
  private Path in;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "The same lines with ids, ids_with_special and decoded; - is standard output.")
  private String out;

  @Override
  public Integer call() throws IOException {
    TokenizerSpec spec = spec(model);
    Tokenizers.warnings(spec).forEach(warning -> System.err.println("lowbit: " + warning));
    try (Tokenizer tokenizer = Tokenizers.open(spec)) {
      JsonLines.transform(in, out, line -> tokenize(tokenizer, line));
    }
    return 0;
  }

  private static TokenizerSpec spec(Path model) throws IOException {
    if (!model.toString().toLowerCase(Locale.ROOT).endsWith(".gguf")) {
      return TokenizerFiles.read(model);
    }
    try (Checkpoint checkpoint = Checkpoints.open(model)) {
      return GgmlVocabulary.from(checkpoint.metadata());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(model + ": " + e.getMessage(), e);
    }
  }

  private static JsonObject tokenize(Tokenizer tokenizer, JsonObject line) {
    String text = JsonLines.text(line, "text");
    int[] ids = tokenizer.encode(text, false);
    line.add("ids", JsonLines.ids(ids));
    line.add("ids_with_special", JsonLines.ids(tokenizer.encode(text, true)));
    line.addProperty("decoded", tokenizer.decode(ids));
    return line;
  }
}
