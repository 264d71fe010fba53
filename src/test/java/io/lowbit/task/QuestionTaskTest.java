// SPDX-License-Identifier: Apache-2.0
package io.lowbit.task;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import io.lowbit.table.DataFile;
import io.lowbit.text.Request;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Tasks over small files of their own. */
public class QuestionTaskTest {
  private Path folder;

  /** A task whose fields are plain columns. */
  static String choiceTask(String... metrics) {
    StringBuilder list = new StringBuilder();
    for (String metric : metrics) {
      list.append("  - metric: ").append(metric).append("\n    chance: 0.5\n");
    }
    return """
    task: colours
    type: basic
    summary: which colour
    output_type: multiple_choice
    validation_split: validation
    data:
      validation:
        path: colours.jsonl
        rows: 6
    doc_to_text: question
    doc_to_target: right
    doc_to_choice: colours
    metadata:
      version: 3
    metric_list:
    """
        + list;
  }

  @BeforeClass
  public void createFolder() throws IOException {
    folder = Files.createTempDirectory("task");
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 6; i++) {
      rows.append("{\"question\":\"Q")
          .append(i)
          .append("\",\"colours\":[\"red\",\"deep blue\"],\"right\":")
          .append(i % 2)
          .append(",\"topic\":\"")
          .append(i < 3 ? "sky" : "a topic that is longer than forty characters in all")
          .append("\"}\n");
    }
    Files.writeString(folder.resolve("colours.jsonl"), rows);
  }

  @AfterClass
  public void removeFolder() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(file);
      }
    }
  }

  private QuestionTask load(String yaml, TaskOptions options) {
    return (QuestionTask)
        Task.load(
            TaskDefinitionReader.read("colours.yaml", yaml), new DataRoot(folder, false), options);
  }

  @Test
  public void promptAndScore() {
    QuestionTask task =
        load(choiceTask("acc", "acc_norm"), TaskOptions.DEFAULT.withOffset(1).withLimit(2));
    List<TaskItem> items = task.items();
    assertEquals(items.stream().map(TaskItem::id).toList(), List.of("1", "2"));
    assertEquals(
        items.getFirst().requests(),
        List.of(
            new Request.LogLikelihood("Q1", " red"),
            new Request.LogLikelihood("Q1", " deep blue")));
    assertEquals(items.getFirst().target(), "deep blue");
    // Sums -3 and -8 favour red; per character -1 and -8/9 favour deep blue.
    ItemScore score =
        task.score(
            items.getFirst(),
            List.of(
                Response.ofLogLikelihood(-3, false, 1), Response.ofLogLikelihood(-8, false, 2)));
    assertEquals(score.values().get("acc"), 0.0);
    assertEquals(score.values().get("acc_norm"), 1.0);
    assertEquals(score.prediction(), "red");
    assertEquals(task.metrics().getFirst(), new TaskMetric("acc", Aggregation.MEAN, true, 0.5));
    assertEquals(task.notes().size(), 1, "the data names no hash");
  }

  @Test
  public void aTieGoesToTheFirst() {
    QuestionTask task = load(choiceTask("acc"), TaskOptions.DEFAULT);
    Response same = Response.ofLogLikelihood(-2, false, 1);
    List<TaskItem> items = task.items();
    assertEquals(task.score(items.get(0), List.of(same, same)).values().get("acc"), 1.0);
    assertEquals(task.score(items.get(1), List.of(same, same)).values().get("acc"), 0.0);
  }

  @Test
  public void aLogLikelihoodThatIsNoNumberIsAnError() {
    QuestionTask task = load(choiceTask("acc"), TaskOptions.DEFAULT);
    Response good = Response.ofLogLikelihood(-2, false, 1);
    Response bad = Response.ofLogLikelihood(Double.NaN, false, 1);
    TaskItem item = task.items().getFirst();
    var error =
        expectThrows(IllegalArgumentException.class, () -> task.score(item, List.of(good, bad)));
    assertTrue(error.getMessage().contains("item 0, request 1"), error.getMessage());
    expectThrows(IllegalArgumentException.class, () -> task.score(item, List.of(good)));
  }

  /** Rows 3-5 serve as examples; without a few-shot split two are drawn for one shot. */
  @Test
  public void shotsFromAPoolOfTheSameFile() {
    QuestionTask task =
        load(
            choiceTask("acc"),
            TaskOptions.DEFAULT.withShots(1).withFewShotPool(new RowRange(3, 5)));
    PythonRandom random = new PythonRandom(1234);
    List<TaskItem> items = task.items();
    assertEquals(items.size(), 3);
    for (int i = 0; i < 3; i++) {
      int shot = random.sample(3, 2)[0];
      assertEquals(items.get(i).shots(), List.of(shot));
      String colour = (3 + shot) % 2 == 0 ? "red" : "deep blue";
      assertEquals(
          ((Request.LogLikelihood) items.get(i).requests().getFirst()).context(),
          "Q" + (3 + shot) + " " + colour + "\n\nQ" + i);
    }
    assertEquals(task.name(), "colours (1-shot)");
    TaskItem second =
        load(
                choiceTask("acc"),
                TaskOptions.DEFAULT.withShots(1).withFewShotPool(new RowRange(3, 5)).withOffset(1))
            .items()
            .getFirst();
    assertEquals(second, items.get(1), "an offset does not change an item's examples");
  }

  @Test
  public void theScoredRowIsNoExampleOfItself() {
    String yaml =
        choiceTask("acc")
            .replace(
                "validation_split: validation",
                "test_split: validation\nfewshot_split: validation\n"
                    + "fewshot_config:\n  sampler: first_n");
    List<TaskItem> items = load(yaml, TaskOptions.DEFAULT.withShots(2)).items();
    assertEquals(items.get(0).shots(), List.of(1, 2));
    assertEquals(items.get(5).shots(), List.of(0, 1));
  }

  @Test
  public void clusters() {
    List<TaskItem> items =
        load(choiceTask("acc") + "cluster: topic\n", TaskOptions.DEFAULT).items();
    assertEquals(items.get(0).cluster(), "sky");
    assertEquals(items.get(3).cluster().length(), 16);
    assertEquals(items.get(3).cluster(), items.get(5).cluster());
    assertEquals(load(choiceTask("acc"), TaskOptions.DEFAULT).items().get(4).cluster(), "4");
  }

  /** Numbers beside the scores; words are refused with the place where they stand. */
  @Test
  public void traits() {
    String yaml = choiceTask("acc");
    assertEquals(load(yaml, TaskOptions.DEFAULT).items().get(0).traits(), Map.of());
    String words =
        expectThrows(
                IllegalArgumentException.class,
                () -> load(yaml + "traits: [topic]\n", TaskOptions.DEFAULT).items().getFirst())
            .getMessage();
    assertTrue(words.contains("the trait 'topic' must be a number, but is sky"), words);
    String metric =
        expectThrows(
                IllegalArgumentException.class,
                () -> load(yaml + "traits: [acc]\n", TaskOptions.DEFAULT))
            .getMessage();
    assertTrue(metric.contains("'acc' is what a record calls one of its scores"), metric);
  }

  @Test
  public void renamedColumns() {
    String yaml = choiceTask("acc").replace("doc_to_text: question", "doc_to_text: q");
    QuestionTask task = load(yaml + "columns:\n  q: question\n", TaskOptions.DEFAULT);
    assertEquals(
        task.items().getFirst().requests().getFirst(), new Request.LogLikelihood("Q0", " red"));
    var error =
        expectThrows(
            IllegalArgumentException.class,
            () -> load(yaml + "columns:\n  q: qestion\n", TaskOptions.DEFAULT));
    assertTrue(error.getMessage().contains("did you mean 'question'?"), error.getMessage());
  }

  @Test
  public void pinnedData() {
    String pin = "    path: colours.jsonl\n    sha256: " + "0".repeat(64);
    String wrong = choiceTask("acc").replace("    path: colours.jsonl", pin);
    var error =
        expectThrows(IllegalArgumentException.class, () -> load(wrong, TaskOptions.DEFAULT));
    assertTrue(error.getMessage().contains("allow_unpinned"), error.getMessage());
    Task allowed =
        Task.load(
            TaskDefinitionReader.read("colours.yaml", wrong),
            new DataRoot(folder, true),
            TaskOptions.DEFAULT);
    assertTrue(allowed.notes().getFirst().contains("but the task was checked with"));
    String right = wrong.replace("0".repeat(64), DataFile.sha256(folder.resolve("colours.jsonl")));
    assertEquals(load(right, TaskOptions.DEFAULT).notes(), List.of());
  }

  /** The same table as CSV, whose choices are a printed list, serves where JSONL is absent. */
  @Test
  public void anotherFormOfTheTable() throws IOException {
    Files.writeString(
        folder.resolve("form.csv"), "question,colours,right\nQ,\"['red', 'it\\'s blue']\",1\n");
    QuestionTask task =
        load(
            choiceTask("acc").replace("colours.jsonl\n    rows: 6", "form.jsonl"),
            TaskOptions.DEFAULT);
    assertEquals(task.items().getFirst().choices(), List.of("red", "it's blue"));
    assertTrue(task.notes().getFirst().startsWith("form.csv is not pinned"));
  }

  @Test
  public void anItemIsShownAsAModelGetsIt() {
    String shown =
        TaskDescription.ofItem(
            TaskDefinitionReader.read("colours.yaml", choiceTask("acc")),
            new DataRoot(folder, false),
            TaskOptions.DEFAULT,
            1);
    assertTrue(
        shown.endsWith(
            """
            --- context ---
            Q1
            --- continuation ---
             red
            --- continuation ---
             deep blue
            --- target (choice 1) ---
            deep blue
            """),
        shown);
  }

  @DataProvider
  public Object[][] mistakes() {
    return new Object[][] {
      {"path: colours.jsonl", "path: other.jsonl", "other.jsonl: no such data file"},
      {"doc_to_target: right", "doc_to_target: topic", "colours.jsonl line 1: the answer 'sky'"},
      {
        "doc_to_text: question",
        "doc_to_text: '{{qestion}}'",
        "colours.jsonl line 1: the template '{{qestion}}' failed"
      },
      {"doc_to_choice: colours", "doc_to_choice: topic", "line 1: 'topic' must give a list"},
    };
  }

  @Test(dataProvider = "mistakes")
  public void dataThatDoesNotFitIsNamed(String original, String changed, String expected) {
    String yaml = choiceTask("acc").replace(original, changed);
    var error =
        expectThrows(IllegalArgumentException.class, () -> load(yaml, TaskOptions.DEFAULT).items());
    assertTrue(error.getMessage().contains(expected), error.getMessage());
  }

  @Test
  public void optionsThatDoNotFitAreRefused() {
    for (TaskOptions options :
        List.of(
            TaskOptions.DEFAULT.withShots(1),
            TaskOptions.DEFAULT.withShots(3).withFewShotPool(new RowRange(3, 5)),
            TaskOptions.DEFAULT.withShots(1).withFewShotPool(new RowRange(3, 6)),
            TaskOptions.DEFAULT.withOffset(6),
            TaskOptions.DEFAULT.withSplit("test"),
            TaskOptions.DEFAULT.withMaxNewTokens(5),
            TaskOptions.DEFAULT.withProtocol(PerplexityProtocol.parse("gptq-512")))) {
      expectThrows(IllegalArgumentException.class, () -> load(choiceTask("acc"), options).items());
    }
  }

  @Test
  public void generationIsFilteredAndCompared() {
    String yaml =
        choiceTask("exact_match")
                .replace("multiple_choice", "generate_until")
                .replace("doc_to_choice: colours\n", "")
                .replace("doc_to_target: right", "doc_to_target: question")
            + """
                ignore_case: true
            generation_kwargs:
              until: ["\\n"]
              max_gen_toks: 7
            filter_list:
              - name: quoted
                filter:
                  - function: regex
                    regex_pattern: '"(.*?)"'
                    group_select: -1
                  - function: take_first
            """;
    QuestionTask task = load(yaml, TaskOptions.DEFAULT);
    TaskItem item = task.items().getFirst();
    assertEquals(item.requests().getFirst(), new Request.Generate("Q0", List.of("\n"), 7));
    ItemScore score = task.score(item, List.of(Response.ofText("\"a\" or \" q0 \"", 5)));
    assertEquals(score.values().get("exact_match"), 1.0);
    assertEquals(score.prediction(), "q0");
    ItemScore none = task.score(item, List.of(Response.ofText("Q0", 1)));
    assertEquals(none.prediction(), AnswerFilter.INVALID);
    assertEquals(none.values().get("exact_match"), 0.0);
  }

  /** Two of three pairs: the first sentence is the more likely one. */
  @Test
  public void stereotypesAreCounted() {
    String yaml =
        choiceTask("pct_stereotype").replace("doc_to_target: right", "doc_to_target: '0'");
    QuestionTask task = load(yaml, TaskOptions.DEFAULT);
    assertEquals(task.metrics().getFirst().higherIsBetter(), false);
    double[][] logLikelihoods = {{-3, -4}, {-5, -4}, {-7, -9}};
    double sum = 0;
    for (int i = 0; i < 3; i++) {
      List<Response> responses =
          List.of(
              Response.ofLogLikelihood(logLikelihoods[i][0], false, 2),
              Response.ofLogLikelihood(logLikelihoods[i][1], true, 2));
      sum += task.score(task.items().get(i), responses).values().get("pct_stereotype");
    }
    assertEquals(sum / 3, 2.0 / 3);
  }

  @Test
  public void answersAreHeldAgainstTheRulesOfTheirItem() throws IOException {
    Files.writeString(
        folder.resolve("rules.jsonl"),
        """
        {"question": "two", "rules": [{"rule": "word_count", "count": 2}, {"rule": "distinct"}]}
        {"question": "odd", "rules": [{"rule": "cuont", "count": 2}]}
        """);
    String yaml =
        choiceTask("prompt_level_strict_acc")
            .replace("colours.jsonl\n    rows: 6", "rules.jsonl")
            .replace("multiple_choice", "generate_until")
            .replace("doc_to_choice: colours\n", "")
            .replace("doc_to_target: right", "doc_to_target: '{{rules | tojson}}'");
    QuestionTask task = load(yaml, TaskOptions.DEFAULT.withLimit(1));
    TaskItem item = task.items().getFirst();
    for (String answer : List.of("red blue", "red red", "red")) {
      assertEquals(
          task.score(item, List.of(Response.ofText(answer, 3))).values().values().iterator().next(),
          answer.equals("red blue") ? 1.0 : 0.0,
          answer);
    }
    var error =
        expectThrows(IllegalArgumentException.class, () -> load(yaml, TaskOptions.DEFAULT).items());
    assertTrue(
        error.getMessage().contains("rules.jsonl line 2: the rule 'cuont' is unknown"),
        error.getMessage());
  }

  @Test
  public void aUsersTaskFileIsFoundByPath() throws IOException {
    Path file = Files.writeString(folder.resolve("mine.yaml"), choiceTask("acc"));
    assertEquals(TaskCatalogue.find(file.toString()).name(), "colours");
    DataRoot data = DataRoot.of(Optional.of(folder), false);
    assertEquals(
        ((QuestionTask) Task.load(TaskCatalogue.find(file.toString()), data, TaskOptions.DEFAULT))
            .items()
            .size(),
        6);
  }
}
