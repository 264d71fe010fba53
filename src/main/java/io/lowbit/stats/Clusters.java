// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Items numbered into clusters by first appearance.
 *
 * @param of cluster number of each item, 0 … count−1
 * @param count number of clusters
 */
public record Clusters(int[] of, int count) {

  /** Numbers the labels. */
  public static Clusters of(List<String> labels) {
    Map<String, Integer> numbers = new LinkedHashMap<>();
    int[] of = new int[labels.size()];
    for (int i = 0; i < of.length; i++) {
      of[i] = numbers.computeIfAbsent(labels.get(i), label -> numbers.size());
    }
    return new Clusters(of, numbers.size());
  }

  /** Every item its own cluster. */
  public static Clusters singletons(int items) {
    int[] of = new int[items];
    for (int i = 0; i < items; i++) {
      of[i] = i;
    }
    return new Clusters(of, items);
  }

  /** Whether at least two items share a cluster. */
  public boolean shared() {
    return count < of.length;
  }

  /** Sum of the values in each cluster. */
  public double[] sums(double[] values) {
    if (values.length != of.length) {
      throw new IllegalArgumentException(
          "cluster labels are for " + of.length + " items, but there are " + values.length);
    }
    double[] sums = new double[count];
    for (int i = 0; i < of.length; i++) {
      sums[of[i]] += values[i];
    }
    return sums;
  }

  /** Number of items in each cluster. */
  public int[] sizes() {
    int[] sizes = new int[count];
    for (int cluster : of) {
      sizes[cluster]++;
    }
    return sizes;
  }
}
