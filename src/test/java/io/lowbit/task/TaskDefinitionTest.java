// SPDX-License-Identifier: Apache-2.0
package io.lowbit.task;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

public class TaskDefinitionTest {
  @Test
  public void theCatalogueNamesEachShippedFileOnce() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("datasets/tasks"))) {
      List<String> expected =
          files.map(file -> file.getFileName().toString().replace(".yaml", "")).sorted().toList();
      assertEquals(TaskCatalogue.names().stream().sorted().toList(), expected);
    }
  }

  @Test
  public void shippedFilesRead() {
    for (String name : TaskCatalogue.names()) {
      TaskDefinition definition = TaskCatalogue.find(name);
      assertEquals(definition.name(), name);
      assertFalse(definition.summary().isEmpty(), name);
    }
  }

  @DataProvider
  public Object[][] mistakes() {
    return new Object[][] {
      {
        "doc_to_text: question",
        "doc_to_txt: question",
        "t.yaml line 1: the key 'doc_to_text' is missing; line 10 has 'doc_to_txt'"
      },
      {"summary:", "sumary:", "t.yaml line 3: unknown key 'sumary'; did you mean 'summary'?"},
      {"type: basic", "type: basics", "t.yaml line 2: type: 'basics' is unknown; did you mean"},
      {"multiple_choice", "multiple_choise", "did you mean 'multiple_choice'?"},
      {"metric: acc", "metric: acc_nrm", "'acc_nrm' is unknown; did you mean 'acc_norm'?"},
      {"version: 3", "version: 3.5", "expected a whole number"},
      {
        "doc_to_target: right",
        "doc_to_target: !function utils.target",
        "the tag !function names code"
      },
      {"doc_to_text: question", "doc_to_text: '{{question'", "t.yaml line 10: doc_to_text: "},
      {"type: basic", "type: basic\ntype: basic", "line 3: the key 'type' is given twice"},
      {"type: basic", "type: [basic", "t.yaml line"},
      {
        "validation_split: validation",
        "validation_split: valid",
        "'data' has no split 'valid'; there is validation"
      },
      {"chance: 0.5", "chance: half", "expected a number, not 'half'"},
      {"metric_list:", "num_fewshot: two\nmetric_list:", "expected a whole number, not 'two'"},
      {
        "metric_list:",
        "fewshot_config:\n  sampler: balanced\nmetric_list:",
        "expected default or first_n"
      },
    };
  }

  @Test(dataProvider = "mistakes")
  public void mistakesAreNamedWithTheirLine(String original, String changed, String expected) {
    String yaml = QuestionTaskTest.choiceTask("acc").replaceFirst(original, changed);
    var error =
        expectThrows(
            IllegalArgumentException.class, () -> TaskDefinitionReader.read("t.yaml", yaml));
    assertTrue(error.getMessage().contains(expected), error.getMessage());
  }

  @Test
  public void unknownTaskSuggestsTheNearest() {
    var error = expectThrows(IllegalArgumentException.class, () -> TaskCatalogue.find("arc-easy"));
    assertTrue(error.getMessage().contains("did you mean 'arc_easy'?"), error.getMessage());
  }

  @Test
  public void sameRuleOfTheHarnessForOneMore() {
    assertTrue(fewShot("boolq").drawsOneMore());
    assertTrue(fewShot("piqa").drawsOneMore());
    assertFalse(fewShot("arc_easy").drawsOneMore());
    assertFalse(fewShot("gsm8k").drawsOneMore());
  }

  private static TaskDefinition.FewShot fewShot(String task) {
    return ((TaskDefinition.Questions) TaskCatalogue.find(task).content()).fewShot();
  }
}
