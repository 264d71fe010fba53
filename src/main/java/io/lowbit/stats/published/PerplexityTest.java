// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats.published;

import io.lowbit.stats.Correlation;
import io.lowbit.stats.Correlation.Coefficient;
import io.lowbit.stats.GroupedCorrelation;
import io.lowbit.stats.Interval;
import io.lowbit.stats.PerplexityAnswer;
import io.lowbit.stats.Proportion;
import io.lowbit.stats.published.Observation.Score;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Does perplexity predict most scores? A score is predicted if it gets worse with perplexity, r ≤
 * {@link PerplexityAnswer#TRACKS}, and the interval of r excludes 0. The share of such scores has
 * Wilson's interval; scores of one set of models are not independent, so it is too narrow if
 * anything.
 *
 * @param where the scores and schemes
 * @param within whether r is that within models, of ln perplexity; else pooled, of perplexity
 */
record PerplexityTest(Selection where, boolean within) implements FindingTest {

  private static final double MOST = 0.5;

  private record Coefficients(double r, Optional<Interval> interval, int n) {}

  @Override
  public Outcome test(Observations observations) {
    Map<Score, ScoreCorrelations.OfScore> scores = ScoreCorrelations.of(where, observations);
    List<String> notes = new ArrayList<>();
    int tested = 0;
    int predicted = 0;
    for (Map.Entry<Score, ScoreCorrelations.OfScore> one : scores.entrySet()) {
      Coefficients found = coefficients(one.getValue());
      if (found.interval.isPresent()) {
        tested++;
        if (isPredicted(found, one.getValue().higherIsBetter())) {
          predicted++;
        } else {
          notes.add("Not predicted: %s, %s.".formatted(one.getKey(), words(found)));
        }
      }
    }
    if (tested == 0) {
      return Outcome.notTested(
          "it needs perplexities and scores of at least %d schemes, and here none has both"
              .formatted(Correlation.FEWEST_FOR_INTERVAL));
    }
    Interval interval = new Proportion(predicted, tested).wilson(Outcome.LEVEL);
    return new Outcome(
        Side.ABOVE.status(Optional.of(interval), MOST),
        "share of scores that perplexity predicts" + (within ? " within models" : ""),
        (double) predicted / tested,
        Optional.of(interval),
        tested,
        "scores",
        Side.ABOVE.rule(MOST),
        notes);
  }

  private Coefficients coefficients(ScoreCorrelations.OfScore score) {
    if (within) {
      GroupedCorrelation found =
          GroupedCorrelation.of(score.ofLogarithm(), score.models(), Outcome.LEVEL);
      return new Coefficients(found.within(), found.interval(), found.n());
    }
    Correlation found =
        Correlation.of(Coefficient.PEARSON, score.pairs().x(), score.pairs().y(), Outcome.LEVEL);
    return new Coefficients(found.value(), found.interval(), found.n());
  }

  private static boolean isPredicted(Coefficients found, boolean higherIsBetter) {
    double worse = higherIsBetter ? found.r : -found.r;
    return worse <= PerplexityAnswer.TRACKS && !found.interval.orElseThrow().contains(0);
  }

  private static String words(Coefficients found) {
    return String.format(
        Locale.ROOT,
        "r %.3f (%.3f to %.3f), n %d",
        found.r,
        found.interval.orElseThrow().low(),
        found.interval.orElseThrow().high(),
        found.n);
  }
}
