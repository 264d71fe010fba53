// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import io.lowbit.world.Corpus;
import io.lowbit.world.HeldOutData;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code lowbit world}: text and test items of the generated world. */
@Command(
    name = "world",
    description = "Writes the data of the demo tasks, and text to train on, from a seed.",
    mixinStandardHelpOptions = true)
public final class WorldCommand implements Callable<Integer> {
  @Option(
      names = "--out",
      required = true,
      paramLabel = "FOLDER",
      description = "Where the files go; name it with --data afterwards.")
  private Path out;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Which draw; the task files name the hashes of 1 (default: ${DEFAULT-VALUE}).",
      defaultValue = "" + HeldOutData.USUAL_WORLD)
  private long seed;

  @Option(
      names = "--items",
      paramLabel = "N",
      description = "Items of each benchmark (default and most: ${DEFAULT-VALUE}).",
      defaultValue = "" + HeldOutData.MOST_ITEMS)
  private int items;

  @Option(
      names = "--training",
      paramLabel = "MEGABYTES",
      description = "Also write training.txt with so much text.",
      defaultValue = "0")
  private int trainingMegabytes;

  @Override
  public Integer call() throws IOException {
    if (trainingMegabytes < 0) {
      throw new IllegalArgumentException(
          "--training must be 0 or more megabytes, not " + trainingMegabytes);
    }
    HeldOutData.write(out, seed, items);
    if (trainingMegabytes > 0) {
      writeTrainingText();
    }
    System.out.println(out);
    return 0;
  }

  /** The file takes its name only when it is complete. */
  private void writeTrainingText() throws IOException {
    Corpus corpus = Corpus.training(seed);
    Path file = out.resolve("training.txt");
    Path temporary = out.resolve(".training.txt.tmp");
    long left = 1_000_000L * trainingMegabytes;
    try {
      try (Writer writer = Files.newBufferedWriter(temporary)) {
        while (left > 0) {
          String document = corpus.next();
          writer.write(document);
          writer.write(Corpus.SEPARATOR);
          left -= document.length() + Corpus.SEPARATOR.length();
        }
      }
      Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }
}
