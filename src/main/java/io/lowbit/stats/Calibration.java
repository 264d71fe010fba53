// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Do stated probabilities come true as often as they say?
 *
 * @param n number of predictions
 * @param brier mean (p − y)²
 * @param logLoss mean −ln of the probability given to what happened, no probability below 1e-15
 */
public record Calibration(int n, double brier, double logLoss) {

  /** No outcome was given less, so that one sure error does not make the mean infinite. */
  private static final double LEAST = 1e-15;

  /**
   * Predictions of similar probability.
   *
   * @param index number of the bin, 0 the least probable
   * @param n predictions in it, at least 1
   * @param confidence their mean probability
   * @param accuracy share that came true
   */
  public record Bin(int index, int n, double confidence, double accuracy) {
    double gap() {
      return Math.abs(accuracy - confidence);
    }
  }

  /** Of probabilities and what happened, 1 for true. */
  public static Calibration of(double[] probability, double[] outcome) {
    require(probability, outcome);
    double[] squares = new double[probability.length];
    double[] losses = new double[probability.length];
    for (int i = 0; i < squares.length; i++) {
      double p = probability[i];
      squares[i] = (p - outcome[i]) * (p - outcome[i]);
      losses[i] = -Math.log(Math.max(LEAST, outcome[i] == 1 ? p : 1 - p));
    }
    return new Calibration(squares.length, Moments.mean(squares), Moments.mean(losses));
  }

  static void require(double[] probability, double[] outcome) {
    Moments.requireSameLength(probability, outcome);
    for (int i = 0; i < probability.length; i++) {
      if (!(probability[i] >= 0 && probability[i] <= 1)) {
        throw new IllegalArgumentException(
            "probability[%d] is %s; it must lie between 0 and 1".formatted(i, probability[i]));
      }
      if (outcome[i] != 0 && outcome[i] != 1) {
        throw new IllegalArgumentException(
            "outcome[%d] is %s; it must be 0 or 1".formatted(i, outcome[i]));
      }
    }
  }

  /**
   * Bins of equal width, the empty ones left out. A probability belongs to the first bin whose
   * upper end (b + 1)/bins, as a double, is not below it.
   */
  public static List<Bin> bins(double[] probability, double[] outcome, int bins) {
    require(probability, outcome);
    int[] of = new int[probability.length];
    for (int i = 0; i < of.length; i++) {
      // Comparing with the very ends: p·bins rounds up for some p on an end (0.7·10).
      while (probability[i] > (of[i] + 1.0) / bins) {
        of[i]++;
      }
    }
    return bins(probability, outcome, of, bins);
  }

  /**
   * Bins of nearly equal numbers of predictions in ascending order of probability, the first ones
   * larger; equal probabilities stay in their given order and may be cut apart.
   */
  public static List<Bin> equalMassBins(double[] probability, double[] outcome, int bins) {
    require(probability, outcome);
    int[] order = Ranks.order(probability);
    int[] of = new int[order.length];
    int from = 0;
    for (int bin = 0; bin < bins; bin++) {
      int size = order.length / bins + (bin < order.length % bins ? 1 : 0);
      for (int i = from; i < from + size; i++) {
        of[order[i]] = bin;
      }
      from += size;
    }
    return bins(probability, outcome, of, bins);
  }

  private static List<Bin> bins(double[] probability, double[] outcome, int[] of, int bins) {
    int[] n = new int[bins];
    double[] confidence = new double[bins];
    double[] accuracy = new double[bins];
    for (int i = 0; i < of.length; i++) {
      n[of[i]]++;
      confidence[of[i]] += probability[i];
      accuracy[of[i]] += outcome[i];
    }
    List<Bin> filled = new ArrayList<>();
    for (int b = 0; b < bins; b++) {
      if (n[b] > 0) {
        filled.add(new Bin(b, n[b], confidence[b] / n[b], accuracy[b] / n[b]));
      }
    }
    return List.copyOf(filled);
  }

  /** Expected calibration error: mean |accuracy − confidence|, bins weighted by predictions. */
  public static double expectedError(List<Bin> bins) {
    double n = bins.stream().mapToInt(Bin::n).sum();
    return Moments.sum(bins.stream().mapToDouble(bin -> bin.n / n * bin.gap()).toArray());
  }

  /** Largest |accuracy − confidence| of a bin; NaN without one. */
  public static double largestError(List<Bin> bins) {
    return bins.stream().mapToDouble(Bin::gap).max().orElse(Double.NaN);
  }

  /** Mean Σ_k(p_k − y_k)² over classes. */
  public static double multiclassBrier(double[][] probability, int[] label) {
    double[] squares = new double[label.length];
    for (int i = 0; i < squares.length; i++) {
      double[] gap = probability[i].clone();
      gap[label[i]]--;
      squares[i] = Moments.dot(gap, gap);
    }
    return Moments.mean(squares);
  }

  /** Probabilities of classes from logits over a temperature. */
  static double[] softmax(double[] logits, double temperature) {
    double largest = Arrays.stream(logits).max().orElse(Double.NaN);
    double[] shares =
        Arrays.stream(logits).map(z -> Math.exp((z - largest) / temperature)).toArray();
    double sum = Moments.sum(shares);
    return Arrays.stream(shares).map(share -> share / sum).toArray();
  }
}
