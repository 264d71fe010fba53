// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * Whether the change of a proxy foretells the change of a score.
 *
 * @param perGroup each group predicted by a line through the origin fitted to the others; empty
 *     below two groups
 * @param thresholds how surely the score fell beyond each change of the proxy
 * @param enough smallest threshold from which on {@link #SURE} of the scores fell; empty if none
 */
public record ChangePrediction(
    Map<String, Transfer> perGroup, List<ProxyThreshold> thresholds, OptionalDouble enough) {

  /** Share of falling scores that makes a proxy sufficient. */
  public static final double SURE = 0.9;

  /**
   * One group predicted by the others.
   *
   * @param n its points
   * @param slope score per unit of the proxy, in the other groups
   * @param meanAbsoluteError of the prediction
   * @param nullMeanAbsoluteError of the prediction "no change"
   */
  public record Transfer(
      int n, double slope, double meanAbsoluteError, double nullMeanAbsoluteError) {}

  /** Of x = change of the proxy and y = change of the score. */
  public static ChangePrediction of(Pairs changes, Optional<List<String>> groups) {
    List<ProxyThreshold> curve = ProxyThreshold.curve(changes);
    return new ChangePrediction(
        groups.map(labels -> transfers(changes, labels)).orElse(Map.of()),
        curve,
        ProxyThreshold.smallest(curve, SURE));
  }

  private static Map<String, Transfer> transfers(Pairs changes, List<String> labels) {
    Map<String, Transfer> transfers = new LinkedHashMap<>();
    if (labels.stream().distinct().count() < 2) {
      return transfers;
    }
    Map<String, Pairs> others = GroupedCorrelation.leaveOneGroupOut(changes, labels);
    GroupedCorrelation.split(changes, labels)
        .forEach((label, own) -> transfers.put(label, transfer(own, others.get(label))));
    return transfers;
  }

  private static Transfer transfer(Pairs own, Pairs others) {
    double slope = Moments.dot(others.x(), others.y()) / Moments.dot(others.x(), others.x());
    double[] errors =
        IntStream.range(0, own.n())
            .mapToDouble(i -> Math.abs(slope * own.x()[i] - own.y()[i]))
            .toArray();
    double[] sizes = IntStream.range(0, own.n()).mapToDouble(i -> Math.abs(own.y()[i])).toArray();
    return new Transfer(own.n(), slope, Moments.mean(errors), Moments.mean(sizes));
  }
}
