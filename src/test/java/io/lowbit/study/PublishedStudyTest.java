// SPDX-License-Identifier: Apache-2.0
package io.lowbit.study;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import io.lowbit.results.published.LowBits;
import io.lowbit.results.published.PublishedPaper;
import io.lowbit.results.published.PublishedScheme;
import io.lowbit.results.published.PublishedTask;
import io.lowbit.task.TaskCatalogue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** A paper's study for the models at hand: what is in it, and what is said to be missing. */
public class PublishedStudyTest {
  @DataProvider
  Object[][] papers() {
    return new Object[][] {{PublishedPaper.Id.JIN2024}, {PublishedPaper.Id.LI2024}};
  }

  private static PublishedStudy study(PublishedPaper.Id id, String... models) {
    return PublishedStudy.of(
        PublishedPaper.of(id),
        new PublishedStudy.Choice(List.of(models), Optional.empty(), OptionalInt.of(7)));
  }

  private static Study read(PublishedStudy study) throws IOException {
    Path file = Files.createTempDirectory("published").resolve("study.yaml");
    Files.writeString(file, study.text());
    return Study.read(file);
  }

  /** Every scheme is either in the study, with the same low bits, or missing by its name. */
  @Test(dataProvider = "papers")
  public void everySchemeIsInTheStudyOrMissing(PublishedPaper.Id id) throws IOException {
    PublishedStudy laidOut = study(id, "demo-s");
    Study study = read(laidOut);
    Set<LowBits> ours =
        study.schemes().stream()
            .map(one -> LowBits.of(one.scheme().canonicalJson()).orElseThrow())
            .collect(Collectors.toSet());
    assertTrue(
        LowBits.of(study.schemes().getFirst().scheme().canonicalJson()).orElseThrow().isFull(),
        "the baseline comes first");
    for (PublishedScheme scheme : PublishedPaper.of(id).schemes()) {
      boolean isMissing =
          laidOut.missing().stream()
              .anyMatch(one -> one.startsWith("scheme " + scheme.printed() + ": "));
      boolean isThere = ours.contains(scheme.bits()) && !scheme.scheme().isEmpty();
      boolean isSeveral = scheme.printed().equals("all");
      assertTrue(isSeveral || isMissing != isThere, scheme.printed());
    }
  }

  /** Every task that this version has is in the study once, every other one is named. */
  @Test(dataProvider = "papers")
  public void everyTaskIsInTheStudyOrMissing(PublishedPaper.Id id) throws IOException {
    PublishedStudy laidOut = study(id, "demo-s");
    List<String> tasks = read(laidOut).tasks().stream().map(one -> one.task().name()).toList();
    assertEquals(new HashSet<>(tasks).size(), tasks.size(), "twice in " + tasks);
    String missing = String.join("\n", laidOut.missing());
    for (PublishedTask task : PublishedPaper.of(id).tasks()) {
      boolean isThere = TaskCatalogue.names().contains(task.ours());
      assertEquals(tasks.contains(task.ours()), isThere, task.task());
      String said = task.ours().isEmpty() ? task.task() + ": " : "'" + task.ours() + "'";
      assertEquals(missing.contains(said), !isThere, said + " in\n" + missing);
    }
  }

  /** GSM8K was asked with 4 examples by one paper and with none by the other. */
  @Test
  public void tasksAreAskedAsThePaperDid() throws IOException {
    String jin = study(PublishedPaper.Id.JIN2024, "demo-s").text();
    String li = study(PublishedPaper.Id.LI2024, "demo-s").text();
    assertTrue(jin.contains("{task: gsm8k, shots: 0, limit: 7}"), jin);
    assertTrue(li.contains("{task: gsm8k, shots: 4, limit: 7}"), li);
    assertTrue(
        jin.contains("{task: wikitext, protocol: gptqjoin-2048, split: test, limit: 7}"), jin);
  }

  @Test
  public void aModelOfThePaperIsRecognised() throws IOException {
    Path parent = Files.createTempDirectory("it's here");
    Path folder = Files.createDirectory(parent.resolve("Qwen-14B-Chat"));
    PublishedStudy laidOut = study(PublishedPaper.Id.JIN2024, folder.toString(), "demo-s");
    assertTrue(laidOut.text().contains("Qwen-14B-Chat'    # 14B of the paper"), laidOut.text());
    assertEquals(
        read(laidOut).models(),
        List.of(
            new Study.ModelEntry("Qwen-14B-Chat", folder.toString()),
            new Study.ModelEntry("demo-s", "demo-s")));
    assertFalse(study(PublishedPaper.Id.JIN2024, "demo-s").text().contains("of the paper'"));
  }

  @Test
  public void aMissingModelIsNamed() {
    IllegalArgumentException error =
        expectThrows(
            IllegalArgumentException.class,
            () -> study(PublishedPaper.Id.LI2024, "/nowhere/llama"));
    assertTrue(
        error.getMessage().startsWith("/nowhere/llama: there is no such folder or file"),
        error.getMessage());
  }
}
