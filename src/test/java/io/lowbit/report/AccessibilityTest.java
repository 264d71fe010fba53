// SPDX-License-Identifier: Apache-2.0
package io.lowbit.report;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import com.google.gson.JsonObject;
import io.lowbit.testing.SyntheticStudy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import org.testng.SkipException;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * The page under the rules of axe-core, which npm brings when it is there: nothing of it is part of
 * the program.
 */
public class AccessibilityTest {
  private static final String NAME = "axe-core-4.14.1.tgz";
  private static final String SHA256 =
      "e6b0ce02b84d892e2e33e403485e7f3d6c29e2be6df65daf44d89ba564139745";

  private Path page;
  private Path rules;

  @BeforeClass
  public void prepare() throws Exception {
    rules = rules();
    Path folder = SyntheticStudy.records().in(Files.createTempDirectory("axe"));
    page = folder.resolve("report.html");
    ReportFile.write(folder, page);
  }

  private static Path rules() throws Exception {
    Path folder = Path.of("target", "axe-core");
    Path script = folder.resolve("package").resolve("axe.min.js");
    if (Files.exists(script)) {
      return script;
    }
    Files.createDirectories(folder);
    run(folder, "npm", "pack", "axe-core@4.14.1", "--silent");
    byte[] hash =
        MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(folder.resolve(NAME)));
    assertEquals(HexFormat.of().formatHex(hash), SHA256, NAME);
    run(folder, "tar", "xzf", NAME);
    return script;
  }

  private static void run(Path folder, String... command) throws InterruptedException {
    String how = String.join(" ", command);
    try {
      Process process =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (process.waitFor(1, TimeUnit.MINUTES) && process.exitValue() == 0) {
        return;
      }
      process.destroyForcibly();
    } catch (IOException e) {
      throw new SkipException("axe-core is not at hand and '" + how + "' cannot run: " + e, e);
    }
    throw new SkipException(
        "axe-core is not at hand and '" + how + "' failed; is there a network?");
  }

  @DataProvider
  public static Object[][] colourSchemes() {
    return new Object[][] {{"dark", 0}, {"light", 1}};
  }

  @Test(dataProvider = "colourSchemes")
  public void breaksNoRule(String name, int preferred) throws Exception {
    JsonObject said =
        SamplesBrowserTest.run(
            page,
            preferred,
            """
            all("details").forEach((one) => { one.open = true; });
            await wait(300);
            const script = document.createElement("script");
            script.src = "%s";
            await new Promise((done) => { script.onload = done; document.head.append(script); });
            const result = await axe.run();
            return { passed: result.passes.length, broken: result.violations
              .filter((one) => one.impact === "serious" || one.impact === "critical")
              .map((one) => one.id + ": " + one.nodes.map((node) => node.target).join(" ").slice(0, 300)) };\
            """
                .formatted(rules.toUri()));
    assertEquals(said.get("broken").toString(), "[]", name);
    assertTrue(said.get("passed").getAsInt() > 20, "rules that apply: " + said);
  }

  /** Whatever reacts to a pointer is reached by the tabulator key, and shows it. */
  @Test
  public void everythingIsReachable() throws Exception {
    JsonObject said =
        SamplesBrowserTest.run(
            page,
            1,
            """
            const unreachable = all("button, select, input, summary, a[href], .scroll, [role=listbox]")
              .filter((one) => one.checkVisibility() && one.tabIndex < 0).length;
            const outlines = new Set();
            const list = all("button, select, input, summary, a[href], .scroll, [role=listbox], pre[tabindex]")
              .filter((one) => one.checkVisibility());
            for (const one of list) {
              one.focus({ focusVisible: true });
              if (document.activeElement === one) { outlines.add(getComputedStyle(one).outlineStyle); }
              else { outlines.add("no focus on " + one.outerHTML.slice(0, 80)); }
            }
            return { count: list.length, unreachable, outlines: [...outlines] };\
            """);
    assertTrue(said.get("count").getAsInt() > 20, said.toString());
    assertEquals(said.get("unreachable").getAsInt(), 0);
    assertEquals(said.get("outlines").toString(), "[\"solid\"]");
  }
}
