// SPDX-License-Identifier: Apache-2.0
package io.lowbit.report;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.lowbit.results.ResultTable;
import io.lowbit.results.ResultTable.Column;
import io.lowbit.stats.Cell;
import io.lowbit.table.Row;
import io.lowbit.table.Rows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.testng.annotations.Test;

/** What a reader of each markup gets back is the text that went in, whatever it is. */
public final class EscapingTest {
  private static final String ALPHABET =
      "ab 1.-,;:'\"`\\|{}[]()<>$&#_%~^*!?/@=+–−×±→↑↓∞é漢\t\n\r\u0000\u2028";

  private static List<String> texts() {
    Random random = new Random(7);
    List<String> texts = new ArrayList<>();
    texts.addAll(
        List.of("", "\\", "|", "\\|", "\\\\|", "a--b", ",,", "[x]", "w4g128 -gptq_x", "~^"));
    int[] letters = ALPHABET.codePoints().toArray();
    for (int i = 0; i < 1000; i++) {
      StringBuilder text = new StringBuilder();
      for (int length = random.nextInt(12); length > 0; length--) {
        text.appendCodePoint(letters[random.nextInt(letters.length)]);
      }
      texts.add(text.toString());
    }
    return texts;
  }

  /** Tables hold no line breaks: these and other controls are blanks. */
  private static String oneLine(String text) {
    return text.replaceAll("[\\p{Cntrl}\u2028\u2029]", " ");
  }

  /** Cells end at pipes without a backslash; then a backslash before punctuation goes. */
  @Test
  public void markdownCellsComeBack() {
    texts().forEach(EscapingTest::markdownCellComesBack);
  }

  private static void markdownCellComesBack(String text) {
    String row = "| " + MarkdownTables.escaped(text) + " | end |";
    List<String> cells = new ArrayList<>();
    StringBuilder cell = new StringBuilder();
    for (int i = 0; i < row.length(); i++) {
      char c = row.charAt(i);
      if (c == '\\') {
        i++;
        cell.append(row.charAt(i));
      } else if (c == '|') {
        cells.add(cell.toString());
        cell.setLength(0);
      } else {
        assertFalse("`*_[]<>&~$#!\n".indexOf(c) >= 0, row);
        cell.append(c);
      }
    }
    assertEquals(cells, List.of("", " " + oneLine(text) + " ", " end "));
  }

  private static final Pattern LATEX =
      Pattern.compile(
          "\\\\text(?<word>\\w+)\\{}|\\\\texttt\\{\\\\char34}|\\\\(?<sign>[{}$&#_%])"
              + "|\\{(?<bracket>[\\[\\]])}|\\{}|\\$(?<math>-|\\\\\\w+)\\$|--|(?<plain>[^\\\\{}$&#_%~^])",
          Pattern.DOTALL);

  private static String shown(Matcher token) {
    if (token.group("word") != null) {
      return switch (token.group("word")) {
        case "backslash" -> "\\";
        case "asciitilde" -> "~";
        case "asciicircum" -> "^";
        case "less" -> "<";
        case "greater" -> ">";
        case "bar" -> "|";
        case "asciigrave" -> "`";
        case "quotesingle" -> "'";
        default -> throw new AssertionError(token.group());
      };
    }
    if (token.group("math") != null) {
      return switch (token.group("math")) {
        case "-" -> "−";
        case "\\times" -> "×";
        case "\\pm" -> "±";
        case "\\rightarrow" -> "→";
        case "\\uparrow" -> "↑";
        case "\\downarrow" -> "↓";
        case "\\infty" -> "∞";
        default -> throw new AssertionError(token.group());
      };
    }
    for (String name : List.of("sign", "bracket", "plain")) {
      if (token.group(name) != null) {
        return token.group(name);
      }
    }
    return switch (token.group()) {
      case "{}" -> "";
      case "--" -> "–";
      default -> "\"";
    };
  }

  /** Every special character is inside one of the commands that print it. */
  @Test
  public void latexPrintsTheTexts() {
    texts().forEach(EscapingTest::latexPrints);
  }

  private static void latexPrints(String text) {
    String escaped = LatexTables.escaped(text);
    Matcher token = LATEX.matcher(escaped);
    StringBuilder printed = new StringBuilder();
    int at = 0;
    while (at < escaped.length()) {
      token.region(at, escaped.length());
      if (!token.lookingAt()) {
        throw new AssertionError("'" + escaped.substring(at) + "' in " + escaped);
      }
      printed.append(shown(token));
      at = token.end();
    }
    assertEquals(printed.toString(), oneLine(text));
  }

  /** CSV as the reader of data files understands it, which is strict. */
  @Test
  public void csvComesBack() throws IOException {
    List<List<Object>> rows = new ArrayList<>();
    for (String text : texts()) {
      rows.add(List.of(text, "x"));
    }
    ResultTable table =
        new ResultTable(
            "t", List.of(new Column("a,\"b\"", String.class), new Column("c", String.class)), rows);
    Path file = Files.createTempFile("escaping", ".csv");
    Files.writeString(file, TableText.csv(table));
    List<Row> read = Rows.read(file);
    assertEquals(read.size(), rows.size());
    for (int i = 0; i < rows.size(); i++) {
      assertEquals(read.get(i).values().get("a,\"b\""), rows.get(i).getFirst());
    }
  }

  /** Base64 inside of a script element; what is unpacked is the text, and no letter is markup. */
  @Test
  public void samplesComeBack() throws IOException {
    SamplesStudy study = new SamplesStudy();
    List<String> texts = texts();
    for (int i = 0; i < texts.size(); i++) {
      study.answer("m", "fp32", "t", "" + (1000 + i), texts.get(i), "target" + texts.get(i));
    }
    SamplesView view =
        SamplesPage.of(Cell.of(study.records()), Map.of("m", "fp32"), SamplesShown.ALL, List.of());
    assertTrue(view.data().matches("[A-Za-z0-9+/=]+"), "letters of base64 only");
    JsonObject data = SamplesTest.unpacked(view.data());
    List<JsonElement> pool = data.getAsJsonArray("texts").asList();
    List<JsonElement> answers =
        data.getAsJsonArray("units")
            .get(0)
            .getAsJsonObject()
            .getAsJsonArray("predictions")
            .get(0)
            .getAsJsonArray()
            .asList();
    List<String> unpacked =
        answers.stream().map(place -> pool.get(place.getAsInt()).getAsString()).toList();
    assertEquals(unpacked, texts);
  }
}
