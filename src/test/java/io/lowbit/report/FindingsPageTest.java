// SPDX-License-Identifier: Apache-2.0
package io.lowbit.report;

import static io.lowbit.testing.SmallStudies.QUIZ;
import static io.lowbit.testing.SmallStudies.alone;
import static io.lowbit.testing.SmallStudies.answers;
import static io.lowbit.testing.SmallStudies.configuration;
import static io.lowbit.testing.SmallStudies.run;
import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;

import io.lowbit.testing.SmallStudies;
import io.lowbit.testing.StudyRecords;
import io.lowbit.testing.StudyRecords.Benchmark;
import io.lowbit.testing.SyntheticStudy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.testng.annotations.Test;

/** The first screen's words: the numbers of the statistics' tests, and what is said without any. */
public class FindingsPageTest {

  private static String page(StudyRecords study) throws IOException {
    Path folder = study.in(Files.createTempDirectory("findings"));
    Path file = folder.resolve("report.html");
    ReportFile.write(folder, file);
    return Files.readString(file);
  }

  private static String card(String page, String id) {
    int start = page.indexOf("aria-labelledby=\"question-" + id + "\"");
    assertTrue(start > 0, "no card " + id);
    return page.substring(start, page.indexOf("</article>", start))
        .replaceAll("<[^>]*>", " ")
        .replaceAll("\\s+", " ");
  }

  private static void assertSays(String text, String... parts) {
    for (String part : parts) {
      assertTrue(text.contains(part), "'" + part + "' is not in: " + text);
    }
  }

  @Test
  public void theFirstScreenComesFirst() throws IOException {
    String page = page(SyntheticStudy.records());
    assertTrue(page.indexOf("id=\"findings\"") < page.indexOf("id=\"summary\""));
    assertEquals(Pattern.compile("<article").matcher(page).results().count(), 3);
    for (String id : List.of("bits", "proxy", "size")) {
      assertSays(page, "href=\"#" + id + "\"", "<h3 id=\"" + id + "\">");
    }
  }

  /** −.24167 (−.55268 to .06935), retention .53149: the numbers of PooledChangeTest. */
  @Test
  public void saysWhatSchemesChange() throws IOException {
    String page = page(SmallStudies.twoModels());
    assertSays(page, "−24.2 points", "−55.3 to +6.9", "53.1 % kept above chance");
    assertSays(card(page, "bits"), "Basic: 4 weight bits undecided.");
    assertSays(page, "Basic: 2 models, 11 items of items and subjects");
  }

  private static StudyRecords lossless(int w4) {
    return new StudyRecords()
        .scores(run("a", "fp32"), QUIZ, answers(3000, 4000))
        .scores(run("a", "w8"), QUIZ, answers(3000, 4000))
        .scores(run("a", "w4"), QUIZ, answers(w4, 4000));
  }

  /** The papers' line follows the data: with other answers it turns round. */
  @Test
  public void thePapersLineFollowsTheData() throws IOException {
    String good = card(page(lossless(2990)), "bits");
    assertSays(
        good,
        "Basic: 4 weight bits tolerated.",
        "The papers found that 4 bits cost little: here it holds for weights; it was not tested for"
            + " the cache.");
    String bad = page(lossless(2000));
    assertSays(
        card(bad, "bits"),
        "Basic: 8 weight bits tolerated.",
        "The papers found that 4 bits cost little: here it does not hold for weights;");
    assertSays(bad, "It tolerates 8 weight bits and does not tolerate 4.", "−25.0 points");
  }

  /** SciPy's numbers of FindingsTest. */
  @Test
  public void saysWhetherPerplexityPredicts() throws IOException {
    String card = card(page(SmallStudies.eightConfigurations()), "proxy");
    assertSays(
        card,
        "Yes: r = −0.99 (−1.00 to −0.97) over 8 configurations.",
        "Only 8 configurations: read this as a hint.",
        "Within models, where only the scheme differs: r = −0.99 (−1.00 to −0.92).",
        "The papers found that accuracy follows perplexity over configurations: here it holds.");
  }

  @Test
  public void refusesAndExplains() throws IOException {
    StudyRecords three = new StudyRecords();
    configuration(three, run("a", "fp32"), 10, 50);
    configuration(three, run("a", "w8"), 11, 48);
    configuration(three, run("a", "w4"), 12, 40);
    String page = page(three);
    assertSays(
        card(page, "proxy"),
        "Cannot be told: it needs at least 4 configurations, there are 3.",
        "here it was not tested.");
    assertSays(card(page, "size"), "Cannot be told from one model");
    String scores = page(lossless(2990));
    assertSays(card(scores, "proxy"), "no text's perplexity was measured under every model");
    String alone = page(new StudyRecords().scores(run("a", "fp32"), QUIZ, 1, 0));
    assertSays(card(alone, "bits"), "Nothing to compare yet");
    String text = page(new StudyRecords().text(run("a", "fp32"), "text", 10, 20, 30));
    assertSays(card(text, "proxy"), "no benchmark was scored under every model");
    String one =
        page(new StudyRecords().scores(run("a", "fp32"), QUIZ, 1).scores(run("a", "w4"), QUIZ, 0));
    assertSays(one, "is undecided at 4 weight bits (one item or cluster has no interval)");
  }

  /** (14, 3): mid-p .00754, Holm over two pairs .0151; +27.5 points (8.36 to 46.64). */
  @Test
  public void saysWhetherLargerWins() throws IOException {
    String page = page(SmallStudies.twoPairs());
    assertSays(
        card(page, "size"),
        "Larger at fewer bits wins 1 of 2 pairs, smaller at more bits none.",
        "Most telling: big w8",
        "against little fp32",
        "+27.5 points (+8.4 to +46.6), adjusted p 0.015.",
        "larger and quantized beats smaller and full in equal memory: here it holds.");
    assertSays(page, "14 : 3", "McNemar mid-p");
    String other =
        page(
            new StudyRecords()
                .scores(run("big", "w8"), QUIZ, alone(3, 14, true))
                .scores(run("little", "fp32"), QUIZ, alone(3, 14, false))
                .scores(run("big", "fp32"), QUIZ, answers(40, 40)));
    assertSays(
        card(other, "size"),
        "The smaller model at more bits wins the one pair.",
        "here it does not hold.");
  }

  /** The same records, but the big model counts 11 tokens where the little one counts 10. */
  @Test
  public void otherTokensLeaveTheCorrelationWithinModels() throws IOException {
    StudyRecords study = new StudyRecords();
    String[] schemes = {"fp32", "w8", "w4", "w3"};
    double[][] perplexity = {{10, 10.2, 11, 14}, {7, 7.1, 7.6, 9}};
    int[][] right = {{50, 49, 44, 31}, {70, 70, 66, 52}};
    for (int m = 0; m < 2; m++) {
      for (int s = 0; s < 4; s++) {
        double nats = (10 + m) * Math.log(perplexity[m][s]);
        study
            .text(run(m == 0 ? "little" : "big", schemes[s]), "text", 10 + m, nats, nats)
            .scores(run(m == 0 ? "little" : "big", schemes[s]), QUIZ, answers(right[m][s], 100));
      }
    }
    assertSays(
        card(page(study), "proxy"),
        "Yes: r = −0.99 (−1.00 to −0.92) within models over 8 configurations.",
        "The models count different tokens");
  }

  /** A missing piece is named, not hidden. */
  @Test
  public void namesWhatIsMissing() throws IOException {
    StudyRecords study = SmallStudies.eightConfigurations();
    study.text(run("little", "w2"), "text", 10, 40, 40);
    String page = page(study);
    assertSays(
        card(page, "proxy"),
        "Left out, as a score or a perplexity is missing or not finite: little under w2.");
    assertSays(page, "not run");
  }

  @Test
  public void foreignTextStaysText() throws IOException {
    String hostile = "</script><b onclick=alert(1)>";
    Benchmark task = new Benchmark(hostile, hostile, 0, 1);
    String page =
        page(
            new StudyRecords()
                .scores(run(hostile, "fp32"), task, 1, 0, 1)
                .scores(run(hostile, "w4"), task, 1, 0, 0));
    assertFalse(page.contains(hostile), "stands in the page as it is");
    assertTrue(page.contains("&lt;/script>") || page.contains("&lt;/script&gt;"), "escaped");
  }
}
