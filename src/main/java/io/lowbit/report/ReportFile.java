// SPDX-License-Identifier: Apache-2.0
package io.lowbit.report;

import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.StringOutput;
import io.lowbit.results.ItemRecord;
import io.lowbit.results.RecordFile;
import io.lowbit.results.RunLog;
import io.lowbit.stats.Cell;
import io.lowbit.stats.Comparison;
import io.lowbit.stats.Findings;
import io.lowbit.stats.Guidance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Writes the report of a results folder: one file that needs no other and no network. */
public final class ReportFile {
  private ReportFile() {}

  /**
   * What a reader may ask of a report.
   *
   * @param budgetBytes memory for all weights that the recommendation keeps to; if empty the sizes
   *     of the baselines
   * @param scoreMargin what counts as the same for scores
   * @param lnPerplexityMargin the same for ln perplexity
   * @param samples which items it carries
   */
  public record Wishes(
      List<Long> budgetBytes, double scoreMargin, double lnPerplexityMargin, SamplesShown samples) {
    /** No budget, the margins that every command uses, and the items whose answer flipped. */
    public static final Wishes NONE =
        new Wishes(
            List.of(),
            Comparison.Settings.DEFAULT.scoreMargin(),
            Comparison.Settings.DEFAULT.lnPerplexityMargin(),
            SamplesShown.FLIPS);

    /** Checks the budgets. */
    public Wishes {
      budgetBytes = List.copyOf(budgetBytes);
      for (long bytes : budgetBytes) {
        if (bytes <= 0) {
          throw new IllegalArgumentException(
              "a memory budget is a number of bytes above 0, not " + bytes);
        }
      }
    }
  }

  /** Writes the page as usual, see {@link #write(Path, Path, Wishes)}. */
  public static void write(Path folder, Path file) throws IOException {
    write(folder, file, Wishes.NONE);
  }

  /**
   * Writes the page. It takes its name only when it is complete.
   *
   * @param folder output folder of a study
   * @param file the page
   * @param wishes what it is to answer
   * @throws IllegalArgumentException if the folder holds no records
   * @throws IOException if the page cannot be written
   */
  public static void write(Path folder, Path file, Wishes wishes) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new IllegalArgumentException(
          folder + ": there is no such folder; name the output folder of a study");
    }
    List<RunLog.Run> runs = RunLog.read(folder);
    List<ItemRecord> records = RecordFile.read(folder);
    if (records.isEmpty()) {
      throw new IllegalArgumentException(
          folder + ": there are no records in it; name the output folder of a study that was run");
    }
    Optional<String> baseline =
        runs.isEmpty() ? Optional.empty() : Optional.of(runs.getLast().baseline());
    Comparison.Settings usual = Comparison.Settings.DEFAULT;
    List<Cell> cells = Cell.of(records);
    Comparison comparison =
        Comparison.ofCells(
            cells,
            new Comparison.Settings(
                baseline, usual.level(), wishes.scoreMargin(), wishes.lnPerplexityMargin()));
    StringOutput html = new StringOutput();
    TemplateEngine.createPrecompiled(
            null, ContentType.Html, ReportFile.class.getClassLoader(), "io.lowbit.report.pages")
        .render(
            "report.jte",
            ReportPage.of(
                Findings.ofCells(cells, comparison),
                Guidance.of(records, comparison, wishes.budgetBytes()),
                comparison,
                runs,
                SamplesPage.of(
                    cells, comparison.baselines(), wishes.samples(), PageAssets.partScripts())),
            html);
    CompleteFile.write(file, "the page", part -> Files.writeString(part, html.toString()));
  }
}
