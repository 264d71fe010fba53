// SPDX-License-Identifier: Apache-2.0
package io.lowbit.report;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.testng.annotations.Test;

/** The page as text: its numbers, its escaping, and what happens where there is nothing to show. */
public class ReportFileTest {
  /** What a hostile checkpoint, scheme or task could be called. */
  private static final List<String> HOSTILE =
      List.of(
          "</script><script>alert(1)</script>", "\"><img src=x onerror=alert(2)>", "<!--<script>");

  private static String page(Study study) throws IOException {
    Path folder = study.in(Files.createTempDirectory("report"));
    Path file = folder.resolve("report.html");
    ReportFile.write(folder, file);
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(
          files.map(path -> path.getFileName().toString()).sorted().toList(),
          List.of("records", "report.html"),
          "nothing half-written stays");
    }
    return Files.readString(file);
  }

  private static Study small() {
    return new Study("m", "quiz")
        .scheme("fp32", 32, new double[] {20, 30, 25}, 1, 1, 1, 0)
        .scheme("w8", 8, new double[] {20.5, 30.5, 25.5}, 1, 1, 0, 0)
        .scheme("w4", 4, new double[] {22, 31, 29}, 1, 0, 0, 0)
        .scheme("w2", 2, new double[] {40, 50, 60}, 0, 0, 0, 0);
  }

  /** exp(75/30) = 12.182, exp(1.5/30) = 1.051; 3 of 4 is 75 %; Pearson by hand. */
  @Test
  public void showsTheNumbersOfTheRecords() throws IOException {
    String page = page(small());
    assertTrue(page.contains("12.182"), "perplexity of the baseline");
    assertTrue(page.contains("× 1.051"), "ratio of w8");
    assertTrue(page.contains("75.0 %"), "score of the baseline");
    assertTrue(page.contains("−25.0 points"), "paired difference of w8");
    assertTrue(page.contains("−75.0 points"), "paired difference of w2");
    // Wilson, 3 of 4, 95 %: 0.3006 to 0.9544.
    assertTrue(page.contains("30.1 to 95.4"), "interval of the baseline's score");
    assertTrue(page.contains("plain protocol"), "no perplexity without its protocol");
    double[] x = {75 / 30.0, 76.5 / 30, 82 / 30.0, 150 / 30.0};
    double[] y = {0.75, 0.5, 0.25, 0};
    assertTrue(page.contains("−%.2f".formatted(-pearson(x, y)) + " ("), "Pearson's r");
  }

  private static double pearson(double[] x, double[] y) {
    double mx = 0;
    double my = 0;
    for (int i = 0; i < x.length; i++) {
      mx += x[i] / x.length;
      my += y[i] / x.length;
    }
    double xy = 0;
    double xx = 0;
    double yy = 0;
    for (int i = 0; i < x.length; i++) {
      xy += (x[i] - mx) * (y[i] - my);
      xx += (x[i] - mx) * (x[i] - mx);
      yy += (y[i] - my) * (y[i] - my);
    }
    return xy / Math.sqrt(xx * yy);
  }

  /** The benchmark's last-word perplexity is neither a score nor a text's perplexity. */
  @Test
  public void drawsTextPerplexityAgainstTheScore() throws IOException {
    String page = page(small());
    assertTrue(page.contains("Perplexity on text against scores"));
    assertFalse(page.contains("Perplexity on quiz against scores"));
    assertTrue(page.contains("id=\"size-perplexity\"") && page.contains("id=\"size-score\""));
    assertTrue(page.contains("<td>text perplexity</td><td>quiz acc</td>"), "correlation row");
    assertFalse(
        page.contains("<td>quiz last_word</td><td>quiz acc</td>"),
        "no correlation of the last word");
  }

  /** Below four schemes a correlation is refused, below ten it comes with a warning. */
  @Test
  public void refusesAndWarnsAboutFewSchemes() throws IOException {
    assertTrue(page(small()).contains("Only 4 pairs: read this as a hint"));
    String three =
        page(
            new Study("m", "quiz")
                .scheme("fp32", 32, new double[] {20, 30}, 1, 1)
                .scheme("w8", 8, new double[] {21, 30}, 1, 0)
                .scheme("w4", 4, new double[] {22, 31}, 0, 0));
    assertTrue(three.contains("it needs at least 4 schemes, there are 3"));
  }

  @Test
  public void escapesAllForeignText() throws IOException {
    for (String name : HOSTILE) {
      String page =
          page(
              new Study(name, "quiz " + name)
                  .scheme("fp32", 32, new double[] {20, 30}, 1, 1)
                  .scheme(name, 4, new double[] {21, 33}, 1, 0));
      assertFalse(page.contains(name), name + " stands in the page as it is");
      int scripts = page.split("<script", -1).length;
      assertEquals(scripts, page(small()).split("<script", -1).length, "script elements");
    }
  }

  @Test
  public void loadsNothing() throws IOException {
    String page = page(small());
    assertTrue(page.contains("default-src 'none'"), "policy");
    assertFalse(page.contains("script-src 'unsafe-inline'"), "scripts run by their hash only");
    String markup = page.replaceAll("(?s)<script>.*?</script>", "");
    assertFalse(Pattern.compile("(src|href)\\s*=\\s*[\"'](?!data:|#)").matcher(markup).find());
    assertFalse(markup.contains("http://") || markup.contains("https://"), "an address");
    assertFalse(markup.contains("@import") || markup.contains("url("), "a style that loads");
  }

  @Test
  public void saysWhatIsMissing() throws IOException {
    Path folder = Files.createTempDirectory("report");
    Path nowhere = folder.resolve("nowhere");
    Path page = folder.resolve("report.html");
    String missing =
        expectThrows(IllegalArgumentException.class, () -> ReportFile.write(nowhere, page))
            .getMessage();
    assertEquals(missing, nowhere + ": there is no such folder; name the output folder of a study");
    String empty =
        expectThrows(IllegalArgumentException.class, () -> ReportFile.write(folder, page))
            .getMessage();
    assertTrue(empty.startsWith(folder + ": there are no records in it"), empty);
    assertFalse(Files.exists(page));
    Path blocked = small().in(folder).resolve("no/such/page.html");
    String unwritable =
        expectThrows(IOException.class, () -> ReportFile.write(folder, blocked)).getMessage();
    assertTrue(unwritable.startsWith(blocked + ": the page cannot be written"), unwritable);
  }

  /** The library is the published file, byte for byte. */
  @Test
  public void libraryHasItsChecksum() throws Exception {
    String library = "echarts-6.1.0.common.min.js";
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(resource(library));
    String expected = "61f13280aba3161f77fc801bf5f9c786f55f10432153a0683fc5cc0700b013d5";
    assertEquals(HexFormat.of().formatHex(hash), expected);
    assertEquals(
        new String(resource(library + ".sha256"), StandardCharsets.UTF_8),
        expected + "  " + library + "\n");
    assertTrue(resource("echarts.LICENSE").length > 0 && resource("echarts.NOTICE").length > 0);
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = ReportFile.class.getResourceAsStream(name)) {
      return in.readAllBytes();
    }
  }
}
