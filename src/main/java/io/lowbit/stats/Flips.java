// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.ArrayList;
import java.util.List;

/**
 * How often answers change (Dutta et al. 2024): accuracy hides flips that cancel.
 *
 * @param n number of items
 * @param rightToWrong right with the base, wrong with the quantized model
 * @param wrongToRight the other way
 * @param wrongToOtherWrong wrong with both, by different answers
 */
public record Flips(int n, int rightToWrong, int wrongToRight, int wrongToOtherWrong) {

  /** Of answers and right answers of the same items. */
  public static Flips of(List<String> right, List<String> base, List<String> quant) {
    if (right.size() != base.size() || right.size() != quant.size()) {
      throw new IllegalArgumentException(
          "answers need equal counts, but got %d right, %d base, %d quantized; match the items"
              .formatted(right.size(), base.size(), quant.size()));
    }
    int lost = 0;
    int won = 0;
    int other = 0;
    for (int i = 0; i < right.size(); i++) {
      boolean baseRight = base.get(i).equals(right.get(i));
      boolean quantRight = quant.get(i).equals(right.get(i));
      if (baseRight && !quantRight) {
        lost++;
      } else if (!baseRight && quantRight) {
        won++;
      } else if (!base.get(i).equals(quant.get(i))) {
        other++;
      }
    }
    return new Flips(right.size(), lost, won, other);
  }

  /** Share of items whose correctness changes. */
  public double rate() {
    return (double) (rightToWrong + wrongToRight) / n;
  }

  /** Share of items whose answer changes, from one wrong answer to another included. */
  public double anyRate() {
    return (double) (rightToWrong + wrongToRight + wrongToOtherWrong) / n;
  }

  /** Change of accuracy; never larger than {@link #rate}. */
  public double delta() {
    return (double) (wrongToRight - rightToWrong) / n;
  }

  /**
   * Flips among the items of one stretch of the base model's margin.
   *
   * @param lowestMargin smallest margin in it
   * @param highestMargin largest margin in it
   * @param flips of its items
   */
  public record ByMargin(double lowestMargin, double highestMargin, Flips flips) {}

  /**
   * Splits the items by the base model's top-two margin into ten nearly equal parts, the first ones
   * larger; fewer than ten items give one part each. Flips gather where margins are small.
   */
  public static List<ByMargin> byMarginDecile(
      List<String> right, List<String> base, List<String> quant, double[] margin) {
    int[] order = Ranks.order(margin);
    List<ByMargin> parts = new ArrayList<>();
    int from = 0;
    for (int part = 0; part < 10; part++) {
      int size = order.length / 10 + (part < order.length % 10 ? 1 : 0);
      if (size > 0) {
        List<String> r = new ArrayList<>();
        List<String> b = new ArrayList<>();
        List<String> q = new ArrayList<>();
        for (int i = from; i < from + size; i++) {
          r.add(right.get(order[i]));
          b.add(base.get(order[i]));
          q.add(quant.get(order[i]));
        }
        parts.add(new ByMargin(margin[order[from]], margin[order[from + size - 1]], of(r, b, q)));
      }
      from += size;
    }
    return List.copyOf(parts);
  }
}
