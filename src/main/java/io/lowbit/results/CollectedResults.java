// SPDX-License-Identifier: Apache-2.0
package io.lowbit.results;

import io.lowbit.table.Row;
import io.lowbit.table.Rows;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Results of this program and of others, in any mixture: records, lines of scores, samples of
 * lm-evaluation-harness, and what llama.cpp prints of KL divergence.
 *
 * @param records all that has items; those of other programs are {@linkplain ItemRecord#isForeign
 *     foreign}
 * @param divergences what has none
 * @param firstRun the run of lm-eval named first, if there are no records but lm-eval's
 * @param notes what must be said of them, as sentences
 */
public record CollectedResults(
    List<ItemRecord> records,
    List<LlamaCppDivergence> divergences,
    Optional<String> firstRun,
    List<String> notes) {

  /** A log of llama.cpp is read as a whole to see what it is; results are never that long. */
  private static final long MAX_LOG_BYTES = 1 << 26;

  private static final String UNNAMED_MODEL = "model";
  private static final Pattern LLAMA_CPP =
      Pattern.compile("KL divergence statistics|ln\\(PPL\\(Q\\)/PPL\\(base\\)\\)");

  private enum Kind {
    RECORDS,
    SCORES,
    LM_EVAL,
    LLAMA_CPP
  }

  /** Files by what they hold. */
  private static final class Found {
    final List<ItemRecord> own = new ArrayList<>();
    final List<LmEvalRuns.Located> samples = new ArrayList<>();
    final List<LlamaCppDivergence> divergences = new ArrayList<>();
  }

  /**
   * Reads files and folders.
   *
   * @param model whose results those of lm-eval are; not needed beside records of one model
   * @throws IllegalArgumentException if a file is damaged or of no known kind, with file and line,
   *     or if it is not said whose results they are
   * @throws IllegalStateException if a line of a record file is not a record, with file and line
   */
  public static CollectedResults read(List<Path> places, Optional<String> model) {
    Found found = new Found();
    for (Path place : places) {
      if (!Files.isDirectory(place)) {
        add(place, true, found);
      } else if (!RunLog.read(place).isEmpty()) {
        found.own.addAll(RecordFile.read(place));
      } else {
        files(place).forEach(file -> add(file, false, found));
      }
    }
    if (found.samples.isEmpty()) {
      return new CollectedResults(
          List.copyOf(found.own), List.copyOf(found.divergences), Optional.empty(), List.of());
    }
    LmEvalRuns runs = new LmEvalRuns(found.samples, model(found.own, model), found.own);
    List<ItemRecord> all = new ArrayList<>(found.own);
    all.addAll(runs.records());
    Optional<String> first =
        found.own.isEmpty()
            ? runs.records().stream().findFirst().map(ItemRecord::scheme)
            : Optional.empty();
    return new CollectedResults(
        List.copyOf(all),
        List.copyOf(found.divergences),
        first,
        runs.notes().stream().distinct().toList());
  }

  private static String model(List<ItemRecord> own, Optional<String> named) {
    Set<String> models = new TreeSet<>();
    own.forEach(record -> models.add(record.model()));
    if (named.isPresent() && (models.isEmpty() || models.contains(named.get()))) {
      return named.get();
    }
    if (named.isPresent()) {
      throw new IllegalArgumentException(
          "there are no records of the model '%s' that --model names; there are of %s"
              .formatted(named.get(), String.join(", ", models)));
    }
    if (models.size() > 1) {
      throw new IllegalArgumentException(
          "the records are of %s: say with --model whose results those of lm-eval are"
              .formatted(String.join(", ", models)));
    }
    return models.isEmpty() ? UNNAMED_MODEL : models.iterator().next();
  }

  private static List<Path> files(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(".jsonl")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(
          new IOException("%s: cannot be read (%s)".formatted(folder, RecordFile.reason(e)), e));
    }
  }

  private static void add(Path file, boolean isNamed, Found found) {
    switch (kind(file)) {
      case RECORDS -> found.own.addAll(RecordFile.read(file));
      case SCORES -> found.own.addAll(ScoreLines.read(file));
      case LM_EVAL -> found.samples.add(new LmEvalRuns.Located(file, isNamed));
      case LLAMA_CPP -> found.divergences.add(LlamaCppDivergence.read(file));
    }
  }

  private static Kind kind(Path file) {
    if (!Files.isRegularFile(file)) {
      return Kind.RECORDS;
    }
    if (!file.toString().endsWith(".jsonl")) {
      return isLlamaCpp(file) ? Kind.LLAMA_CPP : Kind.RECORDS;
    }
    Optional<Row> first;
    try {
      first = Rows.readPython(file, 1).stream().findFirst();
    } catch (IllegalArgumentException e) {
      // A damaged line; the name still says whose it is, and its reader says what is wrong.
      boolean isSamples = file.getFileName().toString().startsWith("samples_");
      return isSamples ? Kind.LM_EVAL : Kind.RECORDS;
    }
    if (first.isEmpty()) {
      return Kind.RECORDS;
    }
    return ScoreLines.isScoreLine(first.get())
        ? Kind.SCORES
        : LmEvalFile.isSample(first.get()) ? Kind.LM_EVAL : Kind.RECORDS;
  }

  private static boolean isLlamaCpp(Path file) {
    try {
      return Files.size(file) <= MAX_LOG_BYTES
          && LLAMA_CPP
              .matcher(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
              .find();
    } catch (IOException e) {
      throw new UncheckedIOException(
          new IOException("%s: cannot be read (%s)".formatted(file, RecordFile.reason(e)), e));
    }
  }
}
