// SPDX-License-Identifier: Apache-2.0
package io.lowbit.report;

import io.lowbit.results.ItemRecord;
import io.lowbit.results.RecordTable;
import io.lowbit.results.ResultDatabase;
import io.lowbit.results.ResultTable;
import io.lowbit.stats.CellSummary;
import io.lowbit.stats.Comparison;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Records and their comparison in the files of other programs. The same records make the same
 * bytes, whatever their order.
 */
public final class Exports {
  /** Date in the names of lm-eval's files where none is given, so that bytes hold no clock. */
  public static final LocalDateTime NO_DATE = LocalDateTime.of(1970, 1, 1, 0, 0);

  /** What can be written. */
  public enum Format {
    CSV,
    PARQUET,
    JSON,
    LM_EVAL,
    MARKDOWN,
    LATEX;

    /** As typed. */
    public String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * The format of a word.
     *
     * @throws IllegalArgumentException if there is none, with those that there are
     */
    public static Format of(String word) {
      for (Format format : values()) {
        if (format.word().equals(word)) {
          return format;
        }
      }
      throw new IllegalArgumentException(
          "'%s' is no format; take %s"
              .formatted(
                  word,
                  List.of(values()).stream().map(Format::word).collect(Collectors.joining(", "))));
    }
  }

  private Exports() {}

  /**
   * Writes into a folder, which is made if need be. Each file takes its name when it is complete.
   *
   * @param date in the names of lm-eval's files
   * @return the files
   * @throws IOException if one cannot be written
   */
  public static List<Path> write(
      List<ItemRecord> records,
      Comparison comparison,
      Set<Format> formats,
      LocalDateTime date,
      Path folder)
      throws IOException {
    List<ResultTable> tables = List.of(RecordTable.of(records), AggregateTable.of(comparison));
    List<Path> written = new ArrayList<>();
    for (Format format : Format.values()) {
      if (!formats.contains(format)) {
        continue;
      }
      if (format == Format.PARQUET) {
        written.addAll(parquet(tables, folder));
        continue;
      }
      for (Map.Entry<String, String> file :
          texts(format, records, comparison, tables, date).entrySet()) {
        Path path = folder.resolve(file.getKey());
        write(path, part -> Files.writeString(part, file.getValue()));
        written.add(path);
      }
    }
    return written;
  }

  private static void write(Path path, CompleteFile.Content content) throws IOException {
    Path folder = path.toAbsolutePath().getParent();
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new IOException(
          "%s: the folder cannot be made (%s); choose another place".formatted(folder, e), e);
    }
    CompleteFile.write(path, "the export", content);
  }

  private static List<Path> parquet(List<ResultTable> tables, Path folder) throws IOException {
    List<Path> written = new ArrayList<>();
    try (ResultDatabase database = new ResultDatabase(tables)) {
      for (ResultTable table : tables) {
        Path path = folder.resolve(table.name() + ".parquet");
        write(path, part -> database.writeParquet(table.name(), part));
        written.add(path);
      }
    }
    return written;
  }

  /** Content by path below the folder. */
  private static Map<String, String> texts(
      Format format,
      List<ItemRecord> records,
      Comparison comparison,
      List<ResultTable> tables,
      LocalDateTime date) {
    Map<String, String> files = new LinkedHashMap<>();
    switch (format) {
      case CSV -> tables.forEach(t -> files.put(t.name() + ".csv", TableText.csv(t)));
      case JSON -> tables.forEach(t -> files.put(t.name() + ".json", TableText.json(t)));
      case LM_EVAL -> files.putAll(lmEval(records, comparison, date));
      case MARKDOWN -> files.put("tables.md", MarkdownTables.of(ResultSections.of(comparison)));
      case LATEX -> files.put("tables.tex", LatexTables.of(ResultSections.of(comparison)));
      case PARQUET -> throw new IllegalArgumentException("parquet is no text");
    }
    return files;
  }

  private static Map<String, String> lmEval(
      List<ItemRecord> records, Comparison comparison, LocalDateTime date) {
    Map<List<String>, List<ItemRecord>> runs =
        records.stream()
            .sorted(RecordTable.ORDER)
            .collect(
                Collectors.groupingBy(
                    record -> List.of(record.model(), record.scheme()),
                    LinkedHashMap::new,
                    Collectors.toList()));
    Map<String, String> files = new LinkedHashMap<>();
    runs.forEach((run, ofRun) -> {
      List<CellSummary> cells =
          comparison.cells().stream()
              .filter(cell -> List.of(cell.key().model(), cell.key().scheme()).equals(run))
              .toList();
      LmEvalExport export = new LmEvalExport(ofRun, cells, date);
      export
          .files()
          .forEach((name, text) -> {
            String path = "lm-eval/" + export.folder() + "/" + name;
            if (files.put(path, text) != null) {
              throw new IllegalArgumentException(
                  "%s: two schemes or tasks would have the same file; export them apart"
                      .formatted(path));
            }
          });
    });
    return files;
  }
}
