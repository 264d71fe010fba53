// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import io.lowbit.stats.Claim.Kind;
import io.lowbit.stats.Claim.Status;
import io.lowbit.stats.SizePair.Winner;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Larger at fewer bits, or smaller at more?
 *
 * @param configurations every model under every scheme
 * @param accuracyFront those that no other beats in size and accuracy
 * @param perplexityFront the same for perplexity; empty where models' perplexities have different
 *     units
 * @param pairs paired comparisons in about the same memory
 */
public record SizeAnswer(
    Configurations configurations,
    List<Configuration> accuracyFront,
    List<Configuration> perplexityFront,
    List<SizePair> pairs) {

  static SizeAnswer of(TaskPools pools, Configurations configurations, double level) {
    return new SizeAnswer(
        configurations,
        ParetoFront.of(configurations.all(), Configuration::accuracy),
        configurations.isSameText()
            ? ParetoFront.of(configurations.all(), one -> -one.lnPerplexity())
            : List.of(),
        SizePairs.of(pools, configurations, level));
  }

  /** Number of pairs that end so. */
  public long count(Winner winner) {
    return pairs.stream().filter(pair -> pair.winner() == winner).count();
  }

  /**
   * The pair with the strongest evidence, then with the larger difference. A smaller model that
   * wins with much more memory tells nothing.
   */
  public Optional<SizePair> mostTelling() {
    return pairs.stream()
        .filter(pair -> !Double.isNaN(pair.adjustedP()))
        .filter(pair -> !pair.isMuchSmaller() || pair.difference().value() > 0)
        .min(
            Comparator.comparingDouble(SizePair::adjustedP)
                .thenComparingDouble(pair -> -Math.abs(pair.difference().value()))
                .thenComparing(pair -> pair.smaller().model())
                .thenComparing(pair -> pair.smaller().scheme()));
  }

  /** Pairs whose smaller model is unquantized: its own baseline. */
  private List<SizePair> full() {
    return pairs.stream().filter(pair -> pair.smaller().isBaseline()).toList();
  }

  /** How often the larger model beats an unquantized smaller one. */
  public long wins() {
    return full().stream().filter(pair -> pair.winner() == Winner.LARGER).count();
  }

  /** How often it loses to one, those apart in which it has much less memory. */
  public long losses() {
    return full().stream()
        .filter(pair -> pair.winner() == Winner.SMALLER && !pair.isMuchSmaller())
        .count();
  }

  /**
   * Over pairs whose smaller model is unquantized: holds if the larger one wins one and loses none,
   * fails the other way round.
   */
  Claim claim() {
    List<SizePair> full = full();
    if (full.isEmpty()) {
      return Claim.notTested(Kind.LARGER_WINS);
    }
    long wins = wins();
    long losses = losses();
    Status status =
        wins > 0 && losses == 0
            ? Status.HOLDS
            : losses > 0 && wins == 0 ? Status.FAILS : Status.UNDECIDED;
    List<String> names =
        full.stream()
            .map(pair ->
                "%s %s against %s %s"
                    .formatted(
                        pair.larger().model(),
                        pair.larger().scheme(),
                        pair.smaller().model(),
                        pair.smaller().scheme()))
            .toList();
    return new Claim(Kind.LARGER_WINS, status, wins, Optional.empty(), names);
  }
}
