// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import io.lowbit.results.LlamaCppDivergence;
import io.lowbit.results.LlamaCppDivergence.Statistic;
import java.util.Locale;
import java.util.Optional;

/**
 * What llama.cpp's own numbers let one say of a perplexity: it gives the logarithm of the ratio to
 * the base with an error, which is a paired one but takes tokens for independent. There are no
 * items, so no test of ours is possible.
 *
 * @param table what it printed
 * @param ratio perplexity over the base's
 * @param interval of the ratio; none if llama.cpp computed no number
 * @param margin what counts as the same, in nats
 * @param verdict by the normal distribution of the logarithm
 * @param answer the same in one word
 * @param windowsToDecide about how many windows would show equivalence four times in five if there
 *     is no difference; only where the answer is undecided and windows were printed
 */
public record StatedRatio(
    LlamaCppDivergence table,
    double ratio,
    Optional<Interval> interval,
    double margin,
    Verdict verdict,
    Answer answer,
    Optional<Long> windowsToDecide) {

  /** Judges a table with a margin in nats. */
  public static StatedRatio of(LlamaCppDivergence table, Comparison.Settings settings) {
    Statistic stated = table.statistics().get(LlamaCppDivergence.LN_RATIO);
    double margin = settings.lnPerplexityMargin();
    double error = stated.error().orElse(Double.NaN);
    if (!Double.isFinite(stated.value()) || !(error > 0)) {
      boolean same = stated.value() == 0 && error == 0;
      return new StatedRatio(
          table,
          Math.exp(stated.value()),
          Optional.empty(),
          margin,
          same ? Verdict.EQUIVALENT : Verdict.INCONCLUSIVE,
          same ? Answer.EQUIVALENT : Answer.UNDECIDED,
          Optional.empty());
    }
    double reach = -Distributions.normalQuantile((1 - settings.level()) / 2) * error;
    Interval improvement =
        new Interval(-stated.value() - reach, -stated.value() + reach, settings.level());
    Verdict verdict =
        Equivalence.of(-stated.value(), error, Double.POSITIVE_INFINITY, margin)
            .verdict(improvement, SchemeComparison.ALPHA);
    Answer answer = Answer.of(improvement, verdict);
    return new StatedRatio(
        table,
        Math.exp(stated.value()),
        Optional.of(
            new Interval(
                Math.exp(-improvement.high()), Math.exp(-improvement.low()), settings.level())),
        margin,
        verdict,
        answer,
        answer == Answer.UNDECIDED && table.windows() > 0
            ? Optional.of(SchemeComparison.itemsToDecide(error, table.windows(), margin))
            : Optional.empty());
  }

  /** The answer in one sentence. */
  public String sentence() {
    Statistic kld = table.statistics().get(LlamaCppDivergence.MEAN_KLD);
    Statistic top = table.statistics().get(LlamaCppDivergence.SAME_TOP);
    return String.format(
        Locale.ROOT,
        "%s: the perplexity is %s (%.4g times the base's%s; mean KL divergence %.4g ± %.2g; the"
            + " same likeliest token in %.2f ± %.2f %%)%s. These are llama.cpp's own errors: its"
            + " table has no items, so no paired test is possible.",
        table.name(),
        answer.withMargin(verdict, margin),
        ratio,
        interval
            .map(i ->
                String.format(
                    Locale.ROOT,
                    ", %.0f %% interval %.4g to %.4g",
                    100 * i.level(),
                    i.low(),
                    i.high()))
            .orElse(""),
        kld.value(),
        kld.error().orElse(Double.NaN),
        top.value(),
        top.error().orElse(Double.NaN),
        windowsToDecide.isPresent()
            ? String.format(Locale.ROOT, "; about %,d windows would decide", windowsToDecide.get())
            : "");
  }
}
