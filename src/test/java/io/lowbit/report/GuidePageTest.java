// SPDX-License-Identifier: Apache-2.0
package io.lowbit.report;

import static io.lowbit.testing.SmallStudies.QUIZ;
import static io.lowbit.testing.SmallStudies.answers;
import static io.lowbit.testing.SmallStudies.run;
import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import io.lowbit.testing.SmallStudies;
import io.lowbit.testing.StudyRecords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.testng.annotations.Test;

/** What the page recommends, what its figures lack, and the methods it tells. */
public class GuidePageTest {
  private static String page(StudyRecords study, ReportFile.Wishes wishes) throws IOException {
    Path folder = study.in(Files.createTempDirectory("guide"));
    Path file = folder.resolve("report.html");
    ReportFile.write(folder, file, wishes);
    return Files.readString(file);
  }

  private static String page(StudyRecords study) throws IOException {
    return page(study, ReportFile.Wishes.NONE);
  }

  private static String part(String page, String id, String end) {
    int start = page.indexOf("aria-labelledby=\"" + id + "\"");
    assertTrue(start > 0, "no section " + id);
    return page.substring(start, page.indexOf(end, start))
        .replaceAll("<[^>]*>", " ")
        .replaceAll("\\s+", " ");
  }

  private static String advice(String page) {
    return part(page, "recommendation", "</section>");
  }

  private static void assertSays(String text, String... parts) {
    for (String part : parts) {
      assertTrue(text.contains(part), "'" + part + "' is not in: " + text);
    }
  }

  private static StudyRecords study(int w8, int w4, int items) {
    return new StudyRecords()
        .scores(run("a", "fp32"), QUIZ, answers(items / 2, items))
        .scores(run("a", "w8"), QUIZ, answers(w8, items))
        .scores(run("a", "w4"), QUIZ, answers(w4, items));
  }

  /** It comes before the findings, and its words follow the scores. */
  @Test
  public void saysWhatToUse() throws IOException {
    String page = page(study(2000, 1995, 4000));
    assertTrue(page.indexOf("id=\"recommendation\"") < page.indexOf("id=\"findings\""));
    assertSays(
        advice(page),
        "Use a w4 (0.00053 MB) for basic.",
        "Compared: 2 smaller configurations",
        "within 1 point of score",
        "Holm-adjusted over the 2 configurations");
    assertSays(advice(page(study(2000, 1000, 4000))), "Use a w8 (0.0010 MB) for basic.");
    assertSays(advice(page(study(1000, 1000, 4000))), "Nothing smaller is as good for basic.");
  }

  /**
   * Two tests under Holm: (1.95996 + 1.28155)·1.95996/0.01 − 3.84146 = 631.5 items without a flip.
   */
  @Test
  public void saysHowManyItemsWouldDecide() throws IOException {
    assertSays(
        advice(page(study(50, 50, 100))),
        "Undecided for basic, which takes about 632 items.",
        "needs ≈ 632 items (w4 has 100)",
        "until then a fp32");
  }

  /** 1,000 weights take 531 bytes at w4 and 1,031 at w8. */
  @Test
  public void keepsToBudgetAndMargin() throws IOException {
    ReportFile.Wishes small =
        new ReportFile.Wishes(List.of(600L, 2000L), 0.01, 0.01, SamplesShown.NONE);
    String page = advice(page(study(2000, 1000, 4000), small));
    assertSays(page, "Within 0.00060 MB", "Within 0.0020 MB", "none", "a w8");
    ReportFile.Wishes wide = new ReportFile.Wishes(List.of(), 0.1, 0.01, SamplesShown.NONE);
    assertSays(advice(page(study(50, 50, 100), wide)), "Use a w4", "within 10 points of score");
    String message =
        expectThrows(
                IllegalArgumentException.class,
                () -> new ReportFile.Wishes(List.of(0L), 0.01, 0.01, SamplesShown.NONE))
            .getMessage();
    assertEquals(message, "a memory budget is a number of bytes above 0, not 0");
  }

  /** A figure without its points is a sentence. */
  @Test
  public void namesWhatFiguresLack() throws IOException {
    String alone = page(new StudyRecords().scores(run("a", "fp32"), QUIZ, answers(20, 40)));
    assertSays(advice(alone), "Nothing to recommend yet: no scheme here makes the weights smaller");
    String figures = part(alone, "recommendation-numbers", "</section>");
    assertSays(
        figures,
        "Not drawn: it needs a scheme beside the baseline",
        "Not shown: it needs the same model and scheme under two arithmetics",
        "Not drawn: it needs scores of two models",
        "Not drawn: it needs items that carry a length");
    assertFalse(figures.contains("The numbers of this figure"), figures);
    String two = page(SmallStudies.eightConfigurations());
    assertSays(two, "id=\"forest-scores\"", "id=\"forest-texts\"", "id=\"model-sizes\"");
  }

  @Test
  public void tellsTheMethods() throws IOException {
    String page = page(SmallStudies.eightConfigurations());
    String methods = part(page, "recommendation-numbers", "</section>");
    assertSays(
        methods,
        "We evaluated big (4,000 weights, sha256 000000000000…) and little (1,000 weights",
        "w4: weights in 4 bits (integer), asymmetric, one grid per output channel, scales in fp16",
        "fp32: nothing quantized; the rest in F32",
        "real on cpu",
        "quiz (basic, version 1; plain protocol; 100 items; acc; data sha256 111111111111…)",
        "text (perplexity, version 1; plain protocol; 2 items",
        "McNemar mid-p",
        "two one-sided tests (TOST) at 5 % within 1 point of score and 1.0 % of perplexity");
  }

  /** Two windows of text are few; a hundred questions are not. */
  @Test
  public void warnsOfFewItems() throws IOException {
    String page = page(SmallStudies.eightConfigurations());
    assertSays(page, "text: only 2 independent items. Below 10 its intervals and tests are rough");
    assertFalse(page.contains("quiz: only"), "a hundred items are enough");
  }
}
