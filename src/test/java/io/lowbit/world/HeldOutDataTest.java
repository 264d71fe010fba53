// SPDX-License-Identifier: Apache-2.0
package io.lowbit.world;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.lowbit.table.DataFile;
import io.lowbit.task.TaskCatalogue;
import io.lowbit.task.TaskDefinition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Test items: the same everywhere, right, and never in training text. */
public class HeldOutDataTest {
  private static final List<String> TASKS =
      List.of(
          "demo_cloze",
          "demo_choice",
          "demo_mapping",
          "demo_arithmetic",
          "demo_pairs",
          "demo_doubt",
          "demo_instructions",
          "demo_lines");

  private Path folder;
  private String training;

  @BeforeClass
  public void write() throws IOException {
    folder = Files.createTempDirectory("world");
    for (long world = 1; world <= 3; world++) {
      HeldOutData.write(folder.resolve("world-" + world), world, HeldOutData.MOST_ITEMS);
    }
    training = String.join(Corpus.SEPARATOR, Corpus.training(1).next(60_000));
  }

  @AfterClass(alwaysRun = true)
  public void delete() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      files.sorted((a, b) -> b.compareTo(a)).forEach(path -> path.toFile().delete());
    }
  }

  @DataProvider
  public Object[][] tasks() {
    return TASKS.stream().map(task -> new Object[] {task}).toArray(Object[][]::new);
  }

  private List<JsonObject> rows(String task, long world) throws IOException {
    return Files.readAllLines(folder.resolve("world-" + world).resolve(task + ".jsonl")).stream()
        .map(line -> JsonParser.parseString(line).getAsJsonObject())
        .toList();
  }

  /** The hashes that the task files name are those of what the generator writes here. */
  @Test
  public void theUsualWorldIsTheOneThatTheTaskFilesName() throws IOException {
    for (String task : Stream.concat(TASKS.stream(), Stream.of("demo_text")).toList()) {
      TaskDefinition definition = TaskCatalogue.find(task);
      TaskDefinition.DataSource source = definition.splits().get("test");
      assertEquals(
          DataFile.sha256(folder.resolve("world-1").resolve(source.path())),
          source.sha256().orElseThrow(),
          task);
    }
  }

  @Test(dataProvider = "tasks")
  public void aThousandDifferentItemsAndOthersInAnotherWorld(String task) throws IOException {
    List<JsonObject> first = rows(task, 1);
    assertEquals(new HashSet<>(first).size(), HeldOutData.MOST_ITEMS);
    Set<JsonObject> second = new HashSet<>(rows(task, 2).subList(0, 100));
    long shared = first.subList(0, 100).stream().filter(second::contains).count();
    assertTrue(shared <= 20, shared + " of 100 items are among those of another world");
  }

  @Test
  public void aShorterFileIsTheBeginningOfALongerOne() throws IOException {
    HeldOutData.write(folder.resolve("short"), 1, 7);
    for (String task : TASKS) {
      assertEquals(
          Files.readAllLines(folder.resolve("short").resolve(task + ".jsonl")),
          Files.readAllLines(folder.resolve("world-1").resolve(task + ".jsonl")).subList(0, 7));
    }
  }

  @Test
  public void tooManyItemsAreRefused() {
    var error =
        expectThrows(
            IllegalArgumentException.class,
            () -> HeldOutData.write(folder.resolve("many"), 1, 1001));
    assertEquals(error.getMessage(), "the number of items must be from 1 to 1000, not 1001");
  }

  /** What the items of a task would look like in training text. */
  private static String asTrainingText(String task, JsonObject row) {
    return switch (task) {
      case "demo_cloze" -> text(row, "context") + " " + text(row, "continuation") + ".";
      case "demo_choice" -> text(row, "question") + "\nAnswer:";
      case "demo_mapping" -> text(row, "pairs") + "- " + text(row, "query") + " ->";
      case "demo_arithmetic" -> text(row, "answer");
      case "demo_pairs" -> text(row, "sent_more");
      case "demo_doubt" -> text(row, "context").replaceAll(" at the \\w+\\.", "");
      case "demo_instructions" -> "User: " + text(row, "request") + "\n";
      case "demo_lines" -> text(row, "ledger");
      default -> throw new IllegalArgumentException(task);
    };
  }

  private static String text(JsonObject row, String key) {
    return row.get(key).getAsString();
  }

  @Test(dataProvider = "tasks")
  public void noItemOfAnyWorldIsInTrainingText(String task) throws IOException {
    String read = task.equals("demo_doubt") ? training.replaceAll(" at the \\w+\\.", "") : training;
    for (long world = 1; world <= 3; world++) {
      for (JsonObject row : rows(task, world)) {
        String text = asTrainingText(task, row);
        assertFalse(read.contains(text), text);
      }
    }
  }

  /** The same search finds what training text does hold, so it can fail. */
  @Test
  public void thatSearchFindsTrainingSentences() {
    Draw draw = new Draw(9);
    int found = 0;
    for (int i = 0; i < 200; i++) {
      found +=
          training.contains(Facts.sentence(draw, Side.TRAINING, draw.from(World.FACTS))) ? 1 : 0;
    }
    assertTrue(found > 190, found + " of 200");
  }

  @Test
  public void sumsAreRight() throws IOException {
    Pattern step = Pattern.compile("(\\d+) ([+-]) (\\d+) = (\\d+)");
    for (JsonObject row : rows("demo_arithmetic", 1)) {
      Matcher matcher = step.matcher(text(row, "answer"));
      int steps = 0;
      int last = -1;
      while (matcher.find()) {
        int left = Integer.parseInt(matcher.group(1));
        int right = Integer.parseInt(matcher.group(3));
        int result = matcher.group(2).equals("+") ? left + right : left - right;
        assertEquals(Integer.parseInt(matcher.group(4)), result, row.toString());
        assertTrue(steps == 0 || left == last, row.toString());
        last = result;
        steps++;
      }
      assertEquals(steps, 2);
      assertEquals(text(row, "result"), Integer.toString(last));
      // The question holds the same numbers in the same order.
      List<String> asked = new ArrayList<>();
      Matcher numbers = Pattern.compile("\\d+").matcher(text(row, "question"));
      while (numbers.find()) {
        asked.add(numbers.group());
      }
      Matcher worked =
          Pattern.compile("^(\\d+) . (\\d+) = \\d+\\. \\d+ . (\\d+) =")
              .matcher(text(row, "answer"));
      assertTrue(worked.find());
      assertEquals(asked, List.of(worked.group(1), worked.group(2), worked.group(3)));
    }
  }

  @Test
  public void choicesAreDifferentAndTheRightOneIsAmongThem() throws IOException {
    for (String task : List.of("demo_choice", "demo_mapping", "demo_doubt")) {
      int[] positions = new int[4];
      for (JsonObject row : rows(task, 1)) {
        JsonArray choices = row.getAsJsonArray("choices");
        assertEquals(new HashSet<>(choices.asList()).size(), choices.size(), row.toString());
        positions[row.get("label").getAsInt()]++;
      }
      int expected = task.equals("demo_doubt") ? 333 : 250;
      for (int i = 0; i < (task.equals("demo_doubt") ? 3 : 4); i++) {
        assertEquals(positions[i], expected, 70, task + ": answers at position " + i);
      }
    }
  }

  @Test
  public void ledgersHoldTheAnswerOnce() throws IOException {
    for (JsonObject row : rows("demo_lines", 1)) {
      String line = "- " + text(row, "key") + " " + text(row, "value") + "\n";
      assertEquals(text(row, "ledger").split(Pattern.quote(line), -1).length, 2, row.toString());
      assertEquals(
          text(row, "ledger").split("\n- " + text(row, "key") + " ", -1).length, 2, row.toString());
    }
  }

  @Test
  public void ambiguousDoubtsStayOpen() throws IOException {
    for (JsonObject row : rows("demo_doubt", 1)) {
      String answer = row.getAsJsonArray("choices").get(row.get("label").getAsInt()).getAsString();
      boolean told = text(row, "context").contains(" The one from ");
      assertEquals(answer.equals(Doubts.UNKNOWN), !told, row.toString());
      if (told) {
        String sentence = answer.substring(0, 1).toUpperCase(Locale.ROOT) + answer.substring(1);
        assertTrue(text(row, "context").contains(sentence + " was "), row.toString());
      }
    }
  }
}
