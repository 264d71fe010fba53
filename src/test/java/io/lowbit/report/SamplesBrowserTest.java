// SPDX-License-Identifier: Apache-2.0
package io.lowbit.report;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.testng.annotations.Test;

/** Items one by one, tables and data of figures, in a browser. */
public class SamplesBrowserTest {
  private static final List<String> HOSTILE =
      List.of(
          "</script><script>document.title='broken'</script>",
          "\"><img src=x onerror=\"document.title='broken'\">",
          "<svg onload=document.title='broken'>",
          "<!--<script>",
          "]]>'\"`${document.title='broken'}{{7*7}}\u2028",
          "javascript:document.title='broken'",
          "\u0000\u0007\uD800 \u202Eright to left");

  /** Runs a script in the page once it is at rest; what it returns comes back. */
  static JsonObject run(Path page, int preferred, String script) throws Exception {
    String html =
        Files.readString(page)
            .replaceFirst("<meta http-equiv=\"Content-Security-Policy\"[^>]*>", "");
    // The chart library has the same letters in a text.
    String driver =
        """
        <pre id="test-answer"></pre><script>
        const wait = (ms) => new Promise((done) => setTimeout(done, ms));
        const $ = (selector) => document.querySelector(selector);
        const all = (selector) => [...document.querySelectorAll(selector)];
        setTimeout(async () => {
          let answer;
          try { answer = await (async () => { %s })(); }
          catch (problem) { answer = { problem: String(problem.stack) }; }
          const bytes = new TextEncoder().encode(JSON.stringify(answer));
          $("#test-answer").textContent = "answer:" + btoa(String.fromCharCode(...bytes)) + ".";
        }, 500);
        </script></body></html>\
        """
            .formatted(script);
    Path driven = page.resolveSibling("driven-" + preferred + ".html");
    Files.writeString(driven, html.substring(0, html.lastIndexOf("</body>")) + driver);
    Path log = page.resolveSibling("log.txt");
    String dom = BrowserTest.open(driven, preferred, log);
    assertEquals(
        Files.readAllLines(log).stream().filter(line -> line.contains("CONSOLE")).toList(),
        List.of());
    Matcher answer = Pattern.compile("answer:([A-Za-z0-9+/=]+)\\.").matcher(dom);
    assertTrue(answer.find(), "the script did not end; the page is " + driven);
    byte[] json = Base64.getDecoder().decode(answer.group(1));
    JsonObject said =
        JsonParser.parseString(new String(json, StandardCharsets.UTF_8)).getAsJsonObject();
    assertFalse(said.has("problem"), said.toString());
    return said;
  }

  /** 120,000 records; item i flips under scheme s if s divides i. */
  private static SamplesStudy large() {
    SamplesStudy study = new SamplesStudy();
    for (String model : List.of("m1", "m2")) {
      for (int scheme = 0; scheme < 12; scheme++) {
        for (int item = 1; item <= 5000; item++) {
          boolean isFlipped = scheme > 1 && item % scheme == 0;
          String target = "answer " + item;
          study.answer(
              model,
              "s" + scheme,
              "quiz",
              "item" + item,
              isFlipped ? "no" : target,
              target,
              -1,
              -2 - scheme);
        }
      }
    }
    return study;
  }

  @Test
  public void listsOnlyWhatIsInView() throws Exception {
    Path page = large().page(SamplesShown.ALL);
    JsonObject said =
        run(
            page,
            1,
            """
            const set = async (id, value) => {
              $(id).value = value;
              $(id).dispatchEvent(new Event(id === "#samples-text" ? "input" : "change"));
              await wait(300);
              return $("#samples-count").textContent;
            };
            const press = (key) => $("#samples-list").dispatchEvent(new KeyboardEvent("keydown", { key }));
            const answer = { start: $("#samples-count").textContent };
            answer.first = $("#samples-detail h3").textContent;
            press("End");
            await wait(100);
            answer.rows = all(".samples-row").length;
            answer.last = $("[aria-selected=true]").getAttribute("aria-posinset");
            answer.active = $("#samples-list").getAttribute("aria-activedescendant") === $("[aria-selected=true]").id;
            press("ArrowUp");
            answer.up = $("[aria-selected=true]").getAttribute("aria-posinset");
            answer.lost = await set("#samples-kind", "lost");
            answer.model = await set("#samples-model", "m2");
            answer.scheme = await set("#samples-scheme", "s7");
            answer.found = await set("#samples-text", "ITEM4900");
            answer.detail = all("#samples-detail tbody tr").map((row) => row.innerText.replace(/\\s+/g, " "));
            return answer;\
            """);
    assertEquals(said.get("start").getAsString(), "10,000 of 10,000 items");
    // 2520 is what 2 to 10 divide; 11 does not divide it.
    assertEquals(said.get("first").getAsString(), "quiz · item2520");
    assertTrue(said.get("rows").getAsInt() <= 30, said.toString());
    assertEquals(said.get("last").getAsString(), "10000");
    assertTrue(said.get("active").getAsBoolean());
    assertEquals(said.get("up").getAsString(), "9999");
    // Not divided by 2, 3, 5, 7 or 11 are 1,039 of 1 … 5000.
    long kept =
        java.util.stream.IntStream.rangeClosed(1, 5000)
            .filter(i -> i % 2 != 0 && i % 3 != 0 && i % 5 != 0 && i % 7 != 0 && i % 11 != 0)
            .count();
    assertEquals(
        said.get("lost").getAsString(), "%,d of 10,000 items".formatted(2 * (5000 - kept)));
    assertEquals(said.get("model").getAsString(), "%,d of 10,000 items".formatted(5000 - kept));
    assertEquals(said.get("scheme").getAsString(), "714 of 10,000 items");
    assertEquals(said.get("found").getAsString(), "1 of 10,000 items");
    assertEquals(
        said.getAsJsonArray("detail").get(7).getAsString().trim(),
        "s7 wrong right → wrong no ◆ −1.000 −9.000");
  }

  @Test
  public void foreignTextStaysText() throws Exception {
    SamplesStudy study = new SamplesStudy();
    for (String text : HOSTILE) {
      study
          .answer("m", "fp32", "quiz", text, text, text)
          .answer("m", text, "quiz", text, "no", text);
    }
    for (String text : HOSTILE) {
      for (String other : HOSTILE) {
        if (!text.equals(other)) {
          study.answer("m", text, "quiz", other, text, other);
        }
      }
    }
    JsonObject said =
        run(
            study.page(SamplesShown.ALL),
            1,
            """
            const list = $("#samples-list");
            const answers = new Set();
            for (let item = 0; item < %d; item++) {
              all("#samples-detail .samples-answer").forEach((one) => answers.add(one.textContent));
              list.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowDown" }));
            }
            return { title: document.title, images: all("img").length, drawn: all("#samples-part svg").length,
              scripts: all("#samples-part script").length, answers: [...answers] };\
            """
                .formatted(HOSTILE.size()));
    assertEquals(said.get("title").getAsString(), "Lowbit report");
    assertEquals(said.get("images").getAsInt() + said.get("drawn").getAsInt(), 0);
    assertEquals(said.get("scripts").getAsInt(), 1, "the data");
    List<String> answers =
        said.getAsJsonArray("answers").asList().stream().map(one -> one.getAsString()).toList();
    // A lone half of a pair has no form in UTF-8, so the last text cannot come back whole.
    assertTrue(answers.containsAll(HOSTILE.subList(0, HOSTILE.size() - 1)), answers.toString());
  }

  @Test
  public void tablesSortAndFiguresGiveTheirData() throws Exception {
    Path folder = Files.createTempDirectory("samples");
    new Study("m", "quiz")
        .scheme("fp32", 32, new double[] {20, 30, 25}, 1, 1, 1, 0)
        .scheme("w8, \"eight\"", 8, new double[] {20.5, 30.5, 25.5}, 1, 1, 0, 0)
        .scheme("w4", 4, new double[] {22, 31, 29}, 1, 0, 0, 0)
        .scheme("w2", 2, new double[] {40, 50, 60}, 0, 0, 0, 0)
        .in(folder);
    Path page = folder.resolve("report.html");
    ReportFile.write(folder, page);
    JsonObject said =
        run(
            page,
            1,
            """
            const names = () => all(".verdict tbody th").map((head) => head.firstChild.data.trim());
            const button = $(".verdict thead .number .sort");
            const answer = { label: button.getAttribute("aria-label") };
            button.click();
            answer.up = names();
            answer.state = button.parentElement.getAttribute("aria-sort");
            button.click();
            answer.down = names();
            let blob;
            URL.createObjectURL = (made) => { blob = made; return "blob:none"; };
            HTMLAnchorElement.prototype.click = () => {};
            const data = $("#size-score").closest("figure").querySelector(".data");
            data.querySelector("button").click();
            answer.csv = await blob.text();
            data.open = true;
            await wait(100);
            answer.rows = data.querySelectorAll("tbody tr").length;
            answer.figures = all("figure").length;
            answer.tables = all("figure .data").length;
            return answer;\
            """);
    assertEquals(said.get("label").getAsString(), "Sort by Bits per weight");
    assertEquals(said.get("up").toString(), "[\"w2\",\"w4\",\"w8, \\\"eight\\\"\",\"fp32\"]");
    assertEquals(said.get("down").toString(), "[\"fp32\",\"w8, \\\"eight\\\"\",\"w4\",\"w2\"]");
    assertEquals(said.get("state").getAsString(), "ascending");
    String csv = said.get("csv").getAsString();
    assertTrue(csv.startsWith("series,point,"), csv);
    assertTrue(csv.contains("\"w8, \"\"eight\"\"\",9,"), csv);
    assertEquals(said.get("rows").getAsInt(), 4);
    assertEquals(said.get("tables"), said.get("figures"));
  }
}
