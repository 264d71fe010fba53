// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats.published;

import io.lowbit.stats.Moments;
import io.lowbit.stats.Pairs;
import io.lowbit.stats.published.Observation.Score;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Mean perplexity of each configuration beside each of its scores. */
final class ScoreCorrelations {
  private ScoreCorrelations() {}

  /** A configuration. */
  private record Run(String model, String scheme) {}

  /**
   * A score of every configuration with the configuration's perplexity.
   *
   * @param pairs perplexity, the arithmetic mean over texts, and score
   * @param models model of each pair
   * @param higherIsBetter direction of the score
   */
  record OfScore(Pairs pairs, List<String> models, boolean higherIsBetter) {
    /** With the logarithm of the perplexity. */
    Pairs ofLogarithm() {
      double[] logarithms = pairs.x().clone();
      for (int i = 0; i < logarithms.length; i++) {
        logarithms[i] = Math.log(logarithms[i]);
      }
      return new Pairs(logarithms, pairs.y());
    }
  }

  /** Each score of the selection, where a configuration has perplexities too. */
  static Map<Score, OfScore> of(Selection where, Observations observations) {
    Map<Run, List<Double>> perplexities = new LinkedHashMap<>();
    Map<Score, List<Observation>> scores = new LinkedHashMap<>();
    for (Observation one : observations.all()) {
      if (one.type().equals("perplexity")) {
        perplexities
            .computeIfAbsent(new Run(one.model(), one.scheme()), _ -> new ArrayList<>())
            .add(one.value());
      }
    }
    for (Observation one : where.of(observations.all())) {
      boolean isScore = !one.type().equals("perplexity");
      if (isScore && perplexities.containsKey(new Run(one.model(), one.scheme()))) {
        scores.computeIfAbsent(one.score(), _ -> new ArrayList<>()).add(one);
      }
    }
    Map<Score, OfScore> correlations = new LinkedHashMap<>();
    scores.forEach((score, ones) -> correlations.put(score, ofScore(ones, perplexities)));
    return correlations;
  }

  private static OfScore ofScore(List<Observation> ones, Map<Run, List<Double>> perplexities) {
    double[] x =
        ones.stream()
            .map(one -> perplexities.get(new Run(one.model(), one.scheme())))
            .mapToDouble(
                texts -> Moments.mean(texts.stream().mapToDouble(Double::doubleValue).toArray()))
            .toArray();
    return new OfScore(
        new Pairs(x, ones.stream().mapToDouble(Observation::value).toArray()),
        ones.stream().map(Observation::model).toList(),
        ones.getFirst().higherIsBetter());
  }
}
