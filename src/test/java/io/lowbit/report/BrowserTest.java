// SPDX-License-Identifier: Apache-2.0
package io.lowbit.report;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;

import io.lowbit.testing.SyntheticStudy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.testng.SkipException;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** The page in a browser: charts are drawn, nothing complains, and foreign text stays text. */
public class BrowserTest {
  private static final String HOSTILE = "</script><script>document.title='broken'</script>";
  private static final String HOSTILE_TASK = "\"><img src=x onerror=\"document.title='broken'\">";

  @DataProvider
  public static Object[][] colourSchemes() {
    return new Object[][] {{"dark", 0, "#7db4f0"}, {"light", 1, "#1f5fa8"}};
  }

  @Test(dataProvider = "colourSchemes")
  public void drawsCharts(String name, int preferred, String firstColour) throws Exception {
    Path folder = Files.createTempDirectory("browser");
    new Study(HOSTILE, HOSTILE_TASK)
        .scheme("fp32", 32, new double[] {20, 30, 25}, 1, 1, 1, 0)
        .scheme("w8", 8, new double[] {20.5, 30.5, 25.5}, 1, 1, 0, 0)
        .scheme("w4", 4, new double[] {22, 31, 29}, 1, 0, 0, 0)
        .scheme(HOSTILE, 2, new double[] {40, 50, 60}, 0, 0, 0, 0)
        .in(folder);
    Path page = folder.resolve("report.html");
    ReportFile.write(folder, page);
    Path log = folder.resolve("log.txt");
    String dom = open(page, preferred, log);
    assertFalse(Files.readString(log).contains("CONSOLE"), name + ": " + Files.readString(log));
    assertTrue(dom.contains("<title>Lowbit report</title>"), "no foreign script ran");
    Map<String, Integer> points = new LinkedHashMap<>();
    points.put("proxy-small", 4);
    points.put("bits-other", 3);
    points.put("proxy-chart", 4);
    points.put("perplexity-0", 4);
    points.put("size-perplexity", 4);
    points.put("size-score", 4);
    points.put("forest-scores", 3);
    points.put("forest-texts", 3);
    assertEquals(dom.split("class=\"chart\"", -1).length - 1, points.size(), "charts");
    points.forEach((id, count) -> assertDrawn(dom, id, firstColour, count));
    // An element is written with quoted values; in the text of an attribute quotes are escaped.
    assertFalse(dom.contains("<img src=\"x\""), "foreign markup became an element");
  }

  private static void assertDrawn(String dom, String id, String colour, int points) {
    int start = dom.indexOf("class=\"chart\" id=\"" + id + "\"");
    assertTrue(start > 0, "there is no chart " + id);
    String chart = dom.substring(start, dom.indexOf("</figure>", start));
    assertTrue(chart.contains("<svg"), id + " is drawn");
    long drawn = Pattern.compile("<path[^>]*fill=\"" + colour).matcher(chart).results().count();
    assertTrue(drawn >= points, id + " has " + drawn + " points");
    assertTrue(id.endsWith("-small") || chart.contains(">w4</text>"), id + " names its points");
  }

  @DataProvider
  public static Object[][] widths() {
    return new Object[][] {{360}, {1280}, {2560}};
  }

  /**
   * At any width nothing sticks out sideways, and a screen of 1280 × 800 shows all three answers. A
   * frame stands in for the window, which cannot be as narrow as a telephone.
   */
  @Test(dataProvider = "widths")
  public void answersAreOnTheFirstScreen(int width) throws Exception {
    Path folder = SyntheticStudy.records().in(Files.createTempDirectory("browser"));
    Path page = folder.resolve("report.html");
    ReportFile.write(folder, page);
    Path frame = folder.resolve("frame.html");
    Files.writeString(frame, frame(width));
    Path log = folder.resolve("log.txt");
    String dom = open(frame, 1, log, "--allow-file-access-from-files");
    assertFalse(Files.readString(log).contains("CONSOLE"), Files.readString(log));
    Matcher measured = Pattern.compile("measured (\\d+) answers (\\d+) wide (\\d+)").matcher(dom);
    assertTrue(measured.find(), dom);
    assertEquals(measured.group(1), "3");
    assertTrue(Integer.parseInt(measured.group(3)) <= width, measured.group());
    int lowest = Integer.parseInt(measured.group(2));
    assertTrue(width < 1280 || lowest <= 800, measured.group());
  }

  private static String frame(int width) {
    return """
    <!doctype html><body><p id="out"></p>
    <iframe src="report.html" style="width:%dpx;height:800px;border:0"></iframe>
    <script>
    document.querySelector("iframe").addEventListener("load", (event) => {
      const page = event.target.contentDocument;
      const answers = [...page.querySelectorAll(".answer")];
      const lowest = Math.max(...answers.map((a) => a.getBoundingClientRect().bottom));
      document.getElementById("out").textContent = "measured " + answers.length + " answers "
        + Math.ceil(lowest) + " wide " + page.documentElement.scrollWidth;
    });
    </script>
    """
        .formatted(width);
  }

  static String open(Path page, int preferred, Path log, String... options) throws Exception {
    Path profile = Files.createTempDirectory(page.getParent(), "profile");
    Path dom = page.resolveSibling("dom.html");
    List<String> command = new ArrayList<>();
    command.add(browser().toString());
    command.addAll(
        List.of(
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--user-data-dir=" + profile,
            "--blink-settings=preferredColorScheme=" + preferred,
            "--window-size=1300,2000",
            "--virtual-time-budget=4000",
            "--enable-logging=stderr",
            "--dump-dom",
            page.toUri().toString()));
    command.addAll(1, List.of(options));
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(dom.toFile())
            .redirectError(log.toFile())
            .start();
    if (!process.waitFor(2, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new IOException("the browser did not end; its log is " + log);
    }
    return Files.readString(dom);
  }

  private static Path browser() {
    Optional<Path> found =
        Stream.of("chromium", "chromium-browser", "google-chrome")
            .flatMap(name ->
                Arrays.stream(System.getenv("PATH").split(java.io.File.pathSeparator))
                    .map(folder -> Path.of(folder, name)))
            .filter(Files::isExecutable)
            .findFirst();
    return found.orElseThrow(
        () -> new SkipException("no chromium, chromium-browser or google-chrome on PATH"));
  }
}
