// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;

/**
 * A permutation test: how often a rearrangement gives a statistic as extreme as the one seen.
 *
 * @param arrangements number looked at
 * @param exact whether these were all there are; else they were drawn at random
 * @param twoSided arrangements with |statistic| ≥ |seen|
 * @param greater arrangements with statistic ≥ seen
 * @param less arrangements with statistic ≤ seen
 */
public record Permutations(
    long arrangements, boolean exact, long twoSided, long greater, long less) {

  /** Above this many arrangements a random sample of them is drawn instead. */
  public static final long EXACT_LIMIT = 2_000_000;

  /** Statistics this close count as ties; they should be of the size of a correlation. */
  private static final double TIE = 1e-12;

  /** Two-sided p: k/total when exact, (k+1)/(B+1) when drawn. */
  public double p() {
    return share(twoSided);
  }

  /** One-sided p against larger values. */
  public double pGreater() {
    return share(greater);
  }

  /** One-sided p against smaller values. */
  public double pLess() {
    return share(less);
  }

  private double share(long count) {
    return exact ? (double) count / arrangements : (count + 1.0) / (arrangements + 1.0);
  }

  /**
   * Rearranges positions within each stratum (group) only, exactly if there are at most {@link
   * #EXACT_LIMIT} arrangements.
   *
   * @param strata groups; {@code new Clusters(new int[n], 1)} permutes freely
   * @param statistic of an arrangement: position i takes the value of position arrangement[i]
   * @param draws number of random arrangements if there are too many
   */
  public static Permutations within(
      Clusters strata, ToDoubleFunction<int[]> statistic, int draws, long seed) {
    int[] identity = new int[strata.of().length];
    for (int i = 0; i < identity.length; i++) {
      identity[i] = i;
    }
    Counter counter = new Counter(statistic, statistic.applyAsDouble(identity));
    List<int[]> members = members(strata);
    double total = 1;
    for (int[] group : members) {
      for (int i = 2; i <= group.length; i++) {
        total *= i;
      }
    }
    if (total <= EXACT_LIMIT) {
      enumerate(members, 0, 0, identity, counter);
      return counter.result(true);
    }
    SplittableRandom random = new SplittableRandom(seed);
    for (int draw = 0; draw < draws; draw++) {
      for (int[] group : members) {
        for (int i = group.length - 1; i > 0; i--) {
          swap(identity, group[i], group[random.nextInt(i + 1)]);
        }
      }
      counter.count(identity);
    }
    return counter.result(false);
  }

  private static List<int[]> members(Clusters strata) {
    List<int[]> members = new ArrayList<>();
    for (int size : strata.sizes()) {
      members.add(new int[size]);
    }
    int[] filled = new int[strata.count()];
    for (int i = 0; i < strata.of().length; i++) {
      int group = strata.of()[i];
      members.get(group)[filled[group]++] = i;
    }
    return members;
  }

  private static void enumerate(
      List<int[]> members, int group, int from, int[] arrangement, Counter counter) {
    if (group == members.size()) {
      counter.count(arrangement);
      return;
    }
    int[] positions = members.get(group);
    if (from >= positions.length - 1) {
      enumerate(members, group + 1, 0, arrangement, counter);
      return;
    }
    for (int i = from; i < positions.length; i++) {
      swap(arrangement, positions[from], positions[i]);
      enumerate(members, group, from + 1, arrangement, counter);
      swap(arrangement, positions[from], positions[i]);
    }
  }

  private static void swap(int[] values, int i, int j) {
    int kept = values[i];
    values[i] = values[j];
    values[j] = kept;
  }

  private static final class Counter {
    private final ToDoubleFunction<int[]> statistic;
    private final double seen;
    private long all;
    private long twoSided;
    private long greater;
    private long less;

    Counter(ToDoubleFunction<int[]> statistic, double seen) {
      this.statistic = statistic;
      this.seen = seen;
    }

    void count(int[] arrangement) {
      double value = statistic.applyAsDouble(arrangement);
      all++;
      if (Math.abs(value) >= Math.abs(seen) - TIE) {
        twoSided++;
      }
      if (value >= seen - TIE) {
        greater++;
      }
      if (value <= seen + TIE) {
        less++;
      }
    }

    Permutations result(boolean exact) {
      return new Permutations(all, exact, twoSided, greater, less);
    }
  }

  /** Rearranges y against x; the statistic is Pearson's r of the values given. */
  static Permutations ofPearson(Pairs pairs, Clusters strata, int draws, long seed) {
    double[] dx = Moments.centered(pairs.x());
    double[] dy = Moments.centered(pairs.y());
    double scale = Math.sqrt(Moments.dot(dx, dx)) * Math.sqrt(Moments.dot(dy, dy));
    return within(
        strata,
        arrangement -> {
          double sum = 0;
          for (int i = 0; i < arrangement.length; i++) {
            sum += dx[i] * dy[arrangement[i]];
          }
          return sum / scale;
        },
        draws,
        seed);
  }
}
