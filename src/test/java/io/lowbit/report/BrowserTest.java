// SPDX-License-Identifier: Apache-2.0
package io.lowbit.report;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
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
    String[] charts = dom.split("class=\"chart\"", -1);
    assertEquals(charts.length - 1, 3, "three views");
    for (int i = 1; i < charts.length; i++) {
      assertTrue(charts[i].contains("<svg"), "chart " + i + " is drawn");
      long points =
          Pattern.compile("<path[^>]*fill=\"" + firstColour).matcher(charts[i]).results().count();
      assertTrue(points >= 4, name + ": chart " + i + " has " + points + " points");
      assertTrue(charts[i].contains(">w4</text>"), "chart " + i + " names its points");
    }
    // An element is written with quoted values; in the text of an attribute quotes are escaped.
    assertFalse(dom.contains("<img src=\"x\""), "foreign markup became an element");
  }

  private static String open(Path page, int preferred, Path log) throws Exception {
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
