// SPDX-License-Identifier: Apache-2.0
package io.lowbit.testing;

import io.lowbit.testing.StudyRecords.Benchmark;
import io.lowbit.testing.StudyRecords.Run;
import java.util.Arrays;

/** Studies so small that their statistics are worked out elsewhere. The baseline is fp32. */
public final class SmallStudies {
  /** Items in clusters of two. */
  public static final Benchmark SUBJECTS = new Benchmark("subjects", "basic", 0.25, 2);

  /** Independent items. */
  public static final Benchmark ITEMS = new Benchmark("items", "basic", 0.25, 1);

  /** Independent items without a chance level. */
  public static final Benchmark QUIZ = new Benchmark("quiz", "basic", 0, 1);

  private SmallStudies() {}

  /** Models "little" and "big", the latter with four times the weights. */
  public static Run run(String model, String scheme) {
    return Run.of(model, model.equals("big") ? 4000 : 1000, scheme);
  }

  /** The first items right, the rest wrong. */
  public static double[] answers(int right, int of) {
    double[] answers = new double[of];
    Arrays.fill(answers, 0, right, 1);
    return answers;
  }

  /** Two models, a task in three clusters and one of independent items, one item missing in b. */
  public static StudyRecords twoModels() {
    return new StudyRecords()
        .scores(run("a", "fp32"), SUBJECTS, 1, 1, 1, 0, 1, 1)
        .scores(run("a", "w4"), SUBJECTS, 1, 0, 1, 0.5, 0, 1)
        .scores(run("b", "fp32"), SUBJECTS, 1, 1, 0, 1, 1, 0)
        .scores(run("b", "w4"), SUBJECTS, 0, 1, 0, 1, 0, 1)
        .scores(run("a", "fp32"), ITEMS, 1, 0, 1, 1, 1)
        .scores(run("a", "w4"), ITEMS, 1, 0, 0, 0.5, 1)
        .scores(run("b", "fp32"), ITEMS, 1, 1, 0, 1)
        .scores(run("b", "w4"), ITEMS, 1, 0, 0, 1);
  }

  /** A text of two windows and a hundred questions. */
  public static StudyRecords configuration(
      StudyRecords study, Run run, double perplexity, int right) {
    double nats = 10 * Math.log(perplexity);
    return study.text(run, "text", 10, nats, nats).scores(run, QUIZ, answers(right, 100));
  }

  /** Two models under four schemes each. */
  public static StudyRecords eightConfigurations() {
    String[] schemes = {"fp32", "w8", "w4", "w3"};
    double[][] perplexity = {{10, 10.2, 11, 14}, {7, 7.1, 7.6, 9}};
    int[][] right = {{50, 49, 44, 31}, {70, 70, 66, 52}};
    StudyRecords study = new StudyRecords();
    for (int m = 0; m < 2; m++) {
      for (int s = 0; s < 4; s++) {
        Run run = run(m == 0 ? "little" : "big", schemes[s]);
        configuration(study, run, perplexity[m][s], right[m][s]);
      }
    }
    return study;
  }

  /**
   * Big under w8 against little under fp32: of 40 items 14 right with the first alone, 3 with the
   * second. Big under w2 against little under w8: 5 and 6.
   */
  public static StudyRecords twoPairs() {
    return new StudyRecords()
        .scores(run("big", "fp32"), QUIZ, answers(40, 40))
        .scores(run("big", "w8"), QUIZ, alone(14, 3, true))
        .scores(run("little", "fp32"), QUIZ, alone(14, 3, false))
        .scores(run("big", "w2"), QUIZ, alone(5, 6, true))
        .scores(run("little", "w8"), QUIZ, alone(5, 6, false));
  }

  /** 40 items: those the first has alone, those the second has alone, and the rest both. */
  public static double[] alone(int first, int second, boolean isFirst) {
    double[] answers = new double[40];
    for (int i = 0; i < answers.length; i++) {
      boolean isOfFirst = i < first;
      boolean isOfSecond = !isOfFirst && i < first + second;
      answers[i] = (isFirst ? isOfSecond : isOfFirst) ? 0 : 1;
    }
    return answers;
  }
}
