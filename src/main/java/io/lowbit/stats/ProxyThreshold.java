// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * From which change of a proxy (Δ ln perplexity) on does it foretell that the score falls?
 *
 * @param threshold smallest change counted
 * @param n number of points at or above it
 * @param shareDegraded share of those whose score fell
 */
public record ProxyThreshold(double threshold, int n, double shareDegraded) {

  /**
   * One per distinct x in ascending order.
   *
   * @param changes x = change of the proxy, y = change of the score
   */
  public static List<ProxyThreshold> curve(Pairs changes) {
    List<ProxyThreshold> curve = new ArrayList<>();
    int[] order = Ranks.order(changes.x());
    int degraded = 0;
    for (int i = order.length - 1; i >= 0; i--) {
      double x = changes.x()[order[i]];
      degraded += changes.y()[order[i]] < 0 ? 1 : 0;
      if (i == 0 || changes.x()[order[i - 1]] != x) {
        int n = order.length - i;
        curve.addFirst(new ProxyThreshold(x, n, (double) degraded / n));
      }
    }
    return List.copyOf(curve);
  }

  /** Smallest threshold of a curve from which on at least this share degraded. */
  public static OptionalDouble smallest(List<ProxyThreshold> curve, double share) {
    return curve.stream()
        .filter(one -> one.shareDegraded >= share)
        .mapToDouble(ProxyThreshold::threshold)
        .findFirst();
  }
}
