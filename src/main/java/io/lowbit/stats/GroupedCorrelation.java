// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Correlation of x and y where the pairs come in groups (schemes of several models): within the
 * groups, between them, and pooled. Larger models have lower perplexity and better scores anyway,
 * so only the within-group coefficient speaks about quantization.
 *
 * @param n number of pairs
 * @param groups number of groups
 * @param within both variables centered per group (fixed effects; the same number as a
 *     repeated-measures r); NaN without spread or degrees of freedom
 * @param degreesOfFreedom n − groups − 1
 * @param p two-sided p of {@code within} by Student's t
 * @param interval tanh(atanh r ± z/√(df − 1)) of {@code within}; none if df ≤ 1
 * @param slope of y on x within groups
 * @param pooled ignoring groups
 * @param between of the group means; NaN below three groups, as two means always lie on a line
 * @param notes what a reader must know, as sentences
 */
public record GroupedCorrelation(
    int n,
    int groups,
    double within,
    int degreesOfFreedom,
    double p,
    Optional<Interval> interval,
    double slope,
    double pooled,
    double between,
    List<String> notes) {

  /** Of complete pairs and the group label of each. */
  public static GroupedCorrelation of(Pairs pairs, List<String> labels, double level) {
    Clusters groups = Clusters.of(labels);
    Pairs centered = centered(pairs, groups);
    int df = pairs.n() - groups.count() - 1;
    double r = df < 1 ? Double.NaN : centered.pearson();
    double between = groups.count() < 3 ? Double.NaN : means(pairs, groups).pearson();
    return new GroupedCorrelation(
        pairs.n(),
        groups.count(),
        r,
        df,
        Correlation.tTestP(r, df),
        Correlation.fisher(r, 1.0 / (df - 1), level),
        Moments.dot(centered.x(), centered.y()) / Moments.dot(centered.x(), centered.x()),
        pairs.pearson(),
        between,
        notes(r, pairs.pearson(), df));
  }

  private static List<String> notes(double within, double pooled, int df) {
    List<String> notes = new ArrayList<>();
    if (df < 1) {
      notes.add("No within-group correlation: there are too few pairs per group.");
    } else if (Double.isNaN(within)) {
      notes.add("No within-group correlation: a variable does not vary inside any group.");
    }
    if (within * pooled < 0) {
      notes.add(
          "The sign turns inside the groups (Simpson's paradox): the pooled correlation is about"
              + " the difference between groups.");
    }
    return List.copyOf(notes);
  }

  /** Whether the within-group and the pooled coefficient have opposite signs. */
  public boolean signReversal() {
    return within * pooled < 0;
  }

  private static Pairs centered(Pairs pairs, Clusters groups) {
    double[] x = new double[pairs.n()];
    double[] y = new double[pairs.n()];
    for (int[] members : membersOf(groups)) {
      Pairs group = pairs.select(members);
      double[] dx =
          Moments.isConstant(group.x()) ? new double[members.length] : Moments.centered(group.x());
      double[] dy =
          Moments.isConstant(group.y()) ? new double[members.length] : Moments.centered(group.y());
      for (int i = 0; i < members.length; i++) {
        x[members[i]] = dx[i];
        y[members[i]] = dy[i];
      }
    }
    return new Pairs(x, y);
  }

  private static Pairs means(Pairs pairs, Clusters groups) {
    List<int[]> members = membersOf(groups);
    return new Pairs(
        members.stream().mapToDouble(m -> Moments.mean(pairs.select(m).x())).toArray(),
        members.stream().mapToDouble(m -> Moments.mean(pairs.select(m).y())).toArray());
  }

  private static List<int[]> membersOf(Clusters groups) {
    return IntStream.range(0, groups.count())
        .mapToObj(group ->
            IntStream.range(0, groups.of().length).filter(i -> groups.of()[i] == group).toArray())
        .toList();
  }

  /** The pairs of each group by its label. */
  public static Map<String, Pairs> split(Pairs pairs, List<String> labels) {
    Map<String, Pairs> split = new LinkedHashMap<>();
    for (String label : labels) {
      split.computeIfAbsent(label, one -> select(pairs, labels, one, true));
    }
    return split;
  }

  /** All pairs but those of one group, by the label left out. */
  public static Map<String, Pairs> leaveOneGroupOut(Pairs pairs, List<String> labels) {
    Map<String, Pairs> rest = new LinkedHashMap<>();
    for (String label : labels) {
      rest.computeIfAbsent(label, one -> select(pairs, labels, one, false));
    }
    return rest;
  }

  private static Pairs select(Pairs pairs, List<String> labels, String label, boolean same) {
    return pairs.select(
        IntStream.range(0, pairs.n()).filter(i -> labels.get(i).equals(label) == same).toArray());
  }

  /** Smallest and largest Pearson r when one pair is left out: how much hangs on one scheme. */
  public static double[] leaveOneOutRange(Pairs pairs) {
    double[] r =
        IntStream.range(0, pairs.n())
            .mapToDouble(left ->
                pairs
                    .select(IntStream.range(0, pairs.n()).filter(i -> i != left).toArray())
                    .pearson())
            .toArray();
    return new double[] {
      Arrays.stream(r).min().orElse(Double.NaN), Arrays.stream(r).max().orElse(Double.NaN)
    };
  }

  /** Permutation test of the within-group correlation: y is rearranged inside each group. */
  public static Permutations permute(Pairs pairs, List<String> labels, int draws, long seed) {
    Clusters groups = Clusters.of(labels);
    return Permutations.ofPearson(centered(pairs, groups), groups, draws, seed);
  }
}
