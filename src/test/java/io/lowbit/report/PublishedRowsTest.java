// SPDX-License-Identifier: Apache-2.0
package io.lowbit.report;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;

import io.lowbit.stats.Comparison;
import io.lowbit.testing.StudyRecords;
import io.lowbit.testing.StudyRecords.Benchmark;
import io.lowbit.testing.StudyRecords.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.testng.annotations.Test;

/** Published figures on the page: beside the same model, and nowhere else. */
public class PublishedRowsTest {
  private static final Benchmark ARC = new Benchmark("arc_easy", "emergent", 0.25, 1);

  private static StudyRecords of(String model) {
    return new StudyRecords()
        .scores(Run.of(model, 1000, "fp32"), ARC, 1, 1, 1, 0)
        .text(Run.of(model, 1000, "fp32"), "wikitext", 10, 20, 22);
  }

  private static String page(StudyRecords records) throws IOException {
    Path folder = records.in(Files.createTempDirectory("published"));
    Path file = folder.resolve("report.html");
    ReportFile.write(folder, file);
    return Files.readString(file);
  }

  /** 60.32 % in the table; 3 of 4 here; 75 − 60.32 = 14.68. */
  @Test
  public void aScoreAndItsFigure() {
    List<Page.PublishedRow> rows =
        PublishedRows.of(
            Comparison.of(of("Llama-2-7b-chat-hf").records(), Comparison.Settings.DEFAULT));
    assertEquals(rows.size(), 1);
    Page.PublishedRow row = rows.getFirst();
    assertEquals(row.value(), "75.0 %");
    assertEquals(row.publishedValue(), "60.3 %");
    assertEquals(row.difference(), "+14.7 points");
    assertEquals(row.publishedScheme(), "fp16");
    assertEquals(row.source(), "li2024, emergent/emergent");
    assertTrue(row.note().contains("development set of 567"), row.note());
    assertTrue(row.note().contains("here: plain protocol"), row.note());
  }

  /** exp(42/20) = 8.166 over 8.67. */
  @Test
  public void aPerplexityAndItsFigure() {
    List<Page.PublishedRow> rows =
        PublishedRows.of(Comparison.of(of("Qwen-7B-Chat").records(), Comparison.Settings.DEFAULT));
    assertEquals(rows.size(), 1);
    assertEquals(rows.getFirst().value(), "8.166");
    assertEquals(rows.getFirst().publishedValue(), "8.670");
    assertEquals(rows.getFirst().difference(), "× 0.942");
  }

  @Test
  public void thePageHasASectionOnlyWithFigures() throws IOException {
    String with = page(of("Llama-2-7b-chat-hf"));
    assertTrue(with.contains("<h2 id=\"published\">Beside the published figures</h2>"));
    assertTrue(with.contains("+14.7 points"));
    assertFalse(page(of("demo-s")).contains("id=\"published\""));
  }
}
