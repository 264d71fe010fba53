// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.stream.IntStream;

/**
 * One number that calibrates a classifier (Guo et al. 2017): logits are divided by it. Below 1 the
 * model is too timid, above 1 too sure.
 *
 * @param temperature minimiser of the mean negative log-likelihood; 0 if every label has the
 *     largest logit, infinite if the logits are no better than chance
 * @param lossBefore mean negative log-likelihood at temperature 1, nats
 * @param lossAfter the same at the minimum
 */
public record TemperatureScaling(double temperature, double lossBefore, double lossAfter) {

  /**
   * Fits the temperature.
   *
   * @param logits [items][classes]
   * @param label right class of each item
   */
  public static TemperatureScaling of(double[][] logits, int[] label) {
    if (logits.length == 0 || logits.length != label.length) {
      throw new IllegalArgumentException(
          "a temperature needs a label for each row of logits, but got %d and %d"
              .formatted(logits.length, label.length));
    }
    // The loss is convex in 1/T, so its slope changes sign once.
    double low = 1e-6;
    double high = 1e6;
    if (slope(logits, label, low) >= 0) {
      return new TemperatureScaling(
          Double.POSITIVE_INFINITY, loss(logits, label, 1), Math.log(logits[0].length));
    }
    if (slope(logits, label, high) <= 0) {
      return new TemperatureScaling(0, loss(logits, label, 1), 0);
    }
    for (int i = 0; i < 200 && high - low > 1e-15 * high; i++) {
      double middle = Math.sqrt(low * high);
      if (slope(logits, label, middle) < 0) {
        low = middle;
      } else {
        high = middle;
      }
    }
    double temperature = 1 / Math.sqrt(low * high);
    return new TemperatureScaling(
        temperature, loss(logits, label, 1), loss(logits, label, temperature));
  }

  /** Derivative of the mean loss by 1/T: mean expected logit minus the label's. */
  private static double slope(double[][] logits, int[] label, double inverse) {
    return IntStream.range(0, label.length)
        .mapToDouble(i ->
            Moments.dot(Calibration.softmax(logits[i], 1 / inverse), logits[i])
                - logits[i][label[i]])
        .average()
        .orElseThrow();
  }

  private static double loss(double[][] logits, int[] label, double temperature) {
    double[] losses =
        IntStream.range(0, label.length)
            .mapToDouble(i -> -Math.log(Calibration.softmax(logits[i], temperature)[label[i]]))
            .toArray();
    return Moments.mean(losses);
  }
}
