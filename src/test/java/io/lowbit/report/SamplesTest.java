// SPDX-License-Identifier: Apache-2.0
package io.lowbit.report;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.lowbit.stats.Cell;
import io.lowbit.testing.SyntheticStudy;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.zip.InflaterInputStream;
import org.testng.annotations.Test;

/** Which items the page carries, in which order, and that they are what the records say. */
public final class SamplesTest {
  /** As the page's script does it, with this platform's inflater. */
  static JsonObject unpacked(String data) throws IOException {
    byte[] bytes = Base64.getDecoder().decode(data);
    try (InflaterInputStream in = new InflaterInputStream(new ByteArrayInputStream(bytes))) {
      return JsonParser.parseString(new String(in.readAllBytes(), StandardCharsets.UTF_8))
          .getAsJsonObject();
    }
  }

  /** Item a is lost twice, b won once, c keeps its wrong answer, d is lost once, e stays right. */
  private static SamplesStudy five() {
    return new SamplesStudy()
        .answer("m", "fp32", "quiz", "a", "x", "x", -1, -2.0004)
        .answer("m", "fp32", "quiz", "b", "y", "x", -3, -2)
        .answer("m", "fp32", "quiz", "c", "y", "x")
        .answer("m", "fp32", "quiz", "d", "x", "x")
        .answer("m", "fp32", "quiz", "e", "x", "x")
        .answer("m", "w4", "quiz", "a", "y", "x", -2, Double.NEGATIVE_INFINITY)
        .answer("m", "w4", "quiz", "b", "x", "x", -1, -2)
        .answer("m", "w4", "quiz", "c", "y", "x")
        .answer("m", "w4", "quiz", "d", "x", "x")
        .answer("m", "w4", "quiz", "e", "x", "x")
        .answer("m", "w2", "quiz", "a", "z", "x", -2, -1)
        .answer("m", "w2", "quiz", "b", "y", "x", -3, -2)
        .answer("m", "w2", "quiz", "d", "y", "x")
        .answer("m", "w2", "quiz", "e", "x", "x");
  }

  private static SamplesView view(SamplesStudy study, SamplesShown shown) {
    return SamplesPage.of(Cell.of(study.records()), Map.of("m", "fp32"), shown, List.of());
  }

  @Test
  public void flipsComeFirstAndAloneByDefault() throws IOException {
    SamplesView view = view(five(), SamplesShown.FLIPS);
    assertTrue(
        view.sentences().getFirst().contains("other way round: 3 of 5."), view.sentences() + "");
    assertEquals(
        unpacked(view.data()),
        JsonParser.parseString(
            """
            {"units": [{"model": "m", "task": "quiz", "metric": "acc", "hasBaseline": true,
              "schemes": ["fp32", "w4", "w2"], "choices": [2, 0, 2],
              "items": [0, 1, 2], "targets": [3, 3, 3],
              "verdicts": ["110", "011", "000"],
              "predictions": [[3, 3, 4], [4, 3, 3], [5, 4, 4]],
              "likelihoods": [[-1000, -2000, -3000, -2000], [-2000, null, -1000, -2000],
                [-2000, -1000, -3000, -2000]]}],
             "texts": ["a", "d", "b", "x", "y", "z"]}\
            """));
  }

  @Test
  public void allHasEveryItemAndSaysWhatIsAbsent() throws IOException {
    SamplesView view = view(five(), SamplesShown.ALL);
    assertEquals(view.sentences(), List.of("Every item is here: 5."));
    JsonObject unit = unpacked(view.data()).getAsJsonArray("units").get(0).getAsJsonObject();
    assertEquals(unit.get("verdicts").toString(), "[\"11001\",\"01101\",\"000 1\"]");
  }

  @Test
  public void noneLeavesThePartOut() throws Exception {
    assertFalse(Files.readString(five().page(SamplesShown.NONE)).contains("Item by item"));
    assertTrue(Files.readString(five().page(SamplesShown.FLIPS)).contains("Item by item"));
    assertEquals(
        expectThrows(IllegalArgumentException.class, () -> SamplesShown.of("some")).getMessage(),
        "'some' is no choice of samples; take flips, all, none");
  }

  @Test
  public void oneSchemeHasNoFlips() {
    SamplesStudy study = new SamplesStudy().answer("m", "fp32", "quiz", "a", "x", "x");
    SamplesView view = view(study, SamplesShown.FLIPS);
    assertFalse(view.hasItems());
    assertTrue(view.sentences().getFirst().contains("other way round: 0 of 1."));
  }

  /** Two tasks with 40 flips each: a record takes 24 characters and its answer one or none more. */
  @Test
  public void everyTaskHasItsShareOfTheRoom() {
    SamplesStudy study = new SamplesStudy();
    for (String task : List.of("long", "short")) {
      for (int item = 10; item < 50; item++) {
        study.answer("m", "fp32", task, "" + item, "x", "x");
        study.answer("m", "w2", task, "" + item, "y", "x");
      }
    }
    List<SamplesUnit> units = SamplesUnit.of(Cell.of(study.records()), Map.of("m", "fp32"));
    List<SamplesUnit> kept = SamplesPage.flips(units, 12 * 50);
    assertEquals(kept.stream().map(unit -> unit.samples().size()).toList(), List.of(6, 6));
    assertEquals(kept.getFirst().samples().getFirst().item(), "10");
    assertEquals(SamplesPage.flips(units, 1 << 20).getFirst().samples().size(), 40);
  }

  @Test
  public void longTextsAreCutBetweenCharacters() {
    assertEquals(SamplesJson.cut("a".repeat(1000)).length(), 1000);
    assertEquals(SamplesJson.cut("a".repeat(1234)), "a".repeat(1000) + "… (234 characters more)");
    String cut = SamplesJson.cut("a".repeat(999) + "\uD83D\uDE00b");
    assertEquals(cut, "a".repeat(999) + "… (3 characters more)");
  }

  /** Thirty tables and six charts: the rest of the page stays below two megabytes. */
  @Test
  public void aPageWithoutItemsIsSmall() throws IOException {
    Path folder = SyntheticStudy.records().in(Files.createTempDirectory("samples"));
    Path page = folder.resolve("report.html");
    ReportFile.write(folder, page, new ReportFile.Wishes(List.of(), 0.01, 0.01, SamplesShown.NONE));
    assertTrue(Files.size(page) < 2_000_000, Files.size(page) + " bytes");
  }
}
