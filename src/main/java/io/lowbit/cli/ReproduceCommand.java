// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import io.lowbit.results.ItemRecord;
import io.lowbit.results.RecordFile;
import io.lowbit.results.published.PublishedPaper;
import io.lowbit.stats.published.Reproduction;
import io.lowbit.study.PublishedStudy;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code lowbit reproduce}: a paper's findings on its figures, as a study, and on records. */
@Command(
    name = "reproduce",
    description = {
      "Tests what a paper found: on its own figures, or on records of yours.",
      "With --models, lays out its study for your models; 'lowbit run' then runs it."
    },
    mixinStandardHelpOptions = true)
public final class ReproduceCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "PAPER",
      description = "jin2024 or li2024.",
      converter = PaperConverter.class)
  private PublishedPaper.Id paper;

  @Option(
      names = "--published",
      description = "Test the findings on the paper's own figures (the default).")
  private boolean published;

  @Option(
      names = "--models",
      arity = "1..*",
      paramLabel = "MODEL",
      description = "Lay out the paper's study for these models: folders, .gguf files, names.")
  private List<String> models = List.of();

  @Option(
      names = "--out",
      paramLabel = "FOLDER",
      description = "Where the study goes (default: reports/PAPER).")
  private Optional<Path> out = Optional.empty();

  @Option(
      names = "--data",
      paramLabel = "FOLDER",
      description = "Folder of the data sets, written into the study (default: $LOWBIT_DATA).")
  private Optional<Path> data = Optional.empty();

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "Most items of a task, written into the study (default: all).")
  private Optional<Integer> limit = Optional.empty();

  @Option(
      names = "--records",
      arity = "1..*",
      paramLabel = "RECORDS",
      description = "Test the findings on these records: JSONL files, or folders of them.")
  private List<Path> records = List.of();

  @Option(names = "--json", description = "Print the tests as JSON.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    requireOneTask();
    if (!models.isEmpty()) {
      layOut();
      return 0;
    }
    Reproduction reproduction =
        records.isEmpty() ? Reproduction.onFigures(paper) : Reproduction.onRecords(paper, read());
    PrintWriter writer = spec.commandLine().getOut();
    if (json) {
      writer.println(StatisticsJson.GSON.toJson(ReproductionJson.of(reproduction)));
    } else {
      ReproductionText.print(reproduction, writer);
    }
    writer.flush();
    return 0;
  }

  private void requireOneTask() {
    long asked =
        Stream.of(published, !models.isEmpty(), !records.isEmpty()).filter(one -> one).count();
    if (asked > 1) {
      throw new ParameterException(
          spec.commandLine(), "--published, --models and --records are three things: name one");
    }
    boolean forStudy = out.isPresent() || data.isPresent() || limit.isPresent();
    if (forStudy && models.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "--out, --data and --limit are about a study: name its --models");
    }
  }

  private List<ItemRecord> read() {
    return records.stream().flatMap(place -> RecordFile.read(place).stream()).toList();
  }

  private void layOut() throws IOException {
    PublishedStudy study =
        PublishedStudy.of(
            PublishedPaper.of(paper),
            new PublishedStudy.Choice(
                models, data, limit.map(OptionalInt::of).orElse(OptionalInt.empty())));
    Path folder = out.orElse(Path.of("reports", paper.text()));
    Path file = folder.resolve("study.yaml");
    Files.createDirectories(folder);
    Files.writeString(file, study.text());
    PrintWriter messages = spec.commandLine().getErr();
    if (!study.missing().isEmpty()) {
      messages.println("Not in this study:");
      study.missing().forEach(one -> messages.println("  " + one));
    }
    messages.println(
        "Next: lowbit run %s, then lowbit reproduce %s --records %s"
            .formatted(file, paper.text(), folder));
    messages.flush();
    spec.commandLine().getOut().println(file);
    spec.commandLine().getOut().flush();
  }

  /** Papers by their short names. */
  static final class PaperConverter implements ITypeConverter<PublishedPaper.Id> {
    @Override
    public PublishedPaper.Id convert(String text) {
      return Arrays.stream(PublishedPaper.Id.values())
          .filter(id -> id.text().equals(text))
          .findFirst()
          .orElseThrow(() ->
              new TypeConversionException(
                  "'%s' is not a paper; expected %s"
                      .formatted(
                          text,
                          Arrays.stream(PublishedPaper.Id.values())
                              .map(PublishedPaper.Id::text)
                              .collect(Collectors.joining(" or ")))));
    }
  }
}
