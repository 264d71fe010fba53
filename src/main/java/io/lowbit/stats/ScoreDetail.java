// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import io.lowbit.results.ItemRecord;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * More about a paired difference of scores than its one line says, for those who check it with
 * other programs.
 *
 * @param independent as if all items were independent
 * @param clustered items of one cluster counted as related; equal to {@code independent} if no
 *     cluster is shared
 * @param signedRank Wilcoxon's test, zero differences dropped; none for 0/1 scores, which say no
 *     more than the flips, or without a difference
 * @param signedRankP its two-sided p by the normal; NaN likewise
 * @param answers flips, those between wrong answers included; none if the scores are not 0/1 or an
 *     item has no answer on record
 */
public record ScoreDetail(
    Tests independent,
    Tests clustered,
    Optional<SignedRank> signedRank,
    double signedRankP,
    Optional<Flips> answers) {

  /**
   * The tests of one standard error.
   *
   * @param standardError of the mean difference
   * @param degreesOfFreedom of Student's t
   * @param interval at the level of the comparison; none below two clusters
   * @param equivalenceInterval at 1 − 2·5 %: inside ±margin exactly if the scores are equivalent
   * @param p two-sided p of "no difference"
   * @param equivalence two one-sided tests, negative meaning worse
   * @param equivalenceP the larger of their p
   * @param verdict of these tests
   */
  public record Tests(
      double standardError,
      int degreesOfFreedom,
      Optional<Interval> interval,
      Optional<Interval> equivalenceInterval,
      double p,
      Equivalence equivalence,
      double equivalenceP,
      Verdict verdict) {}

  /** Of finite scores of the same items, in the order of the cells. */
  static ScoreDetail of(Cell base, Cell quant, Comparison.Settings settings, double alpha) {
    double[] b = base.numerators();
    double[] q = quant.numerators();
    boolean isBinary = CellSummary.isBinary(b) && CellSummary.isBinary(q);
    double[] differences = Moments.difference(q, b);
    Optional<SignedRank> signedRank =
        isBinary || Arrays.stream(differences).allMatch(d -> d == 0)
            ? Optional.empty()
            : Optional.of(SignedRank.of(differences, SignedRank.Zeros.DROP));
    double sign = quant.metric().higherIsBetter() ? 1 : -1;
    return new ScoreDetail(
        tests(PairedDifference.of(b, q), sign, settings, alpha),
        tests(PairedDifference.of(b, q, base.clusters()), sign, settings, alpha),
        signedRank,
        signedRank.map(SignedRank::p).orElse(Double.NaN),
        isBinary ? answers(b, q, base.items(), quant.items()) : Optional.empty());
  }

  private static Tests tests(
      PairedDifference paired, double sign, Comparison.Settings settings, double alpha) {
    Equivalence equivalence =
        Equivalence.of(
            sign * paired.mean(),
            paired.standardError(),
            paired.degreesOfFreedom(),
            settings.scoreMargin());
    Optional<Interval> interval = paired.interval(settings.level());
    return new Tests(
        paired.standardError(),
        paired.degreesOfFreedom(),
        interval,
        paired.interval(1 - 2 * alpha),
        paired.p(),
        equivalence,
        equivalence.p(),
        interval
            .map(i -> sign > 0 ? i : new Interval(-i.high(), -i.low(), i.level()))
            .map(i -> equivalence.verdict(i, alpha))
            .orElse(Verdict.INCONCLUSIVE));
  }

  private static Optional<Flips> answers(
      double[] base, double[] quant, List<ItemRecord> baseItems, List<ItemRecord> quantItems) {
    if (baseItems.getFirst().isForeign() != quantItems.getFirst().isForeign()) {
      // Programs write the same answer in different words.
      return Optional.empty();
    }
    int lost = 0;
    int won = 0;
    int other = 0;
    for (int i = 0; i < base.length; i++) {
      String before = baseItems.get(i).prediction();
      String after = quantItems.get(i).prediction();
      if (before == null || after == null || before.isEmpty() || after.isEmpty()) {
        return Optional.empty();
      }
      lost += base[i] > quant[i] ? 1 : 0;
      won += base[i] < quant[i] ? 1 : 0;
      other += base[i] == 0 && quant[i] == 0 && !before.equals(after) ? 1 : 0;
    }
    return Optional.of(new Flips(base.length, lost, won, other));
  }
}
