// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import io.lowbit.results.ItemRecord;
import io.lowbit.results.ItemRecord.Aggregation;
import io.lowbit.results.ItemRecord.Metric;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A scheme against the baseline scheme of the same model, on the items both have.
 *
 * @param key the scheme's cell
 * @param baseline the baseline scheme
 * @param metric the metric
 * @param primary whether it is the task's first metric
 * @param items items both have
 * @param clusters clusters of those; equal to items if they are independent
 * @param onlyBaseline items only the baseline has, left out
 * @param onlyScheme items only the scheme has, left out
 * @param baseValue the baseline's value on the shared items
 * @param value the scheme's value on the shared items
 * @param effect value − baseValue, or value/baseValue for perplexities
 * @param isRatio whether the effect is a ratio
 * @param interval of the effect; none if undefined, see the notes
 * @param p two-sided p of "no difference": McNemar's mid-p for 0/1 scores, else Student's t; NaN if
 *     undefined
 * @param test where p comes from
 * @param flips the 2×2 table, for 0/1 scores
 * @param equivalence two one-sided tests against the margin, negative meaning worse; in nats for
 *     perplexities and bits per byte
 * @param detail further tests of scores; none for perplexities and undefined scores
 * @param verdict what interval and margin allow to say
 * @param answer the same in one word: better, worse, equivalent or undecided
 * @param itemsToDecide about how many items would show equivalence four times in five if there is
 *     no difference; only where the answer is undecided or the verdict inconclusive
 * @param notes what a reader must know, as sentences
 */
public record SchemeComparison(
    Cell.Key key,
    String baseline,
    Metric metric,
    boolean primary,
    int items,
    int clusters,
    int onlyBaseline,
    int onlyScheme,
    double baseValue,
    double value,
    double effect,
    boolean isRatio,
    Optional<Interval> interval,
    double p,
    String test,
    Optional<PairedBinary> flips,
    Equivalence equivalence,
    Optional<ScoreDetail> detail,
    Verdict verdict,
    Answer answer,
    Optional<Long> itemsToDecide,
    List<String> notes) {

  static final double ALPHA = 0.05;
  private static final double POWER = 0.8;

  /**
   * Compares two cells of the same model, task and metric.
   *
   * @throws IllegalArgumentException if they were not made by the same task version, protocol and
   *     data, or share no item
   */
  static SchemeComparison of(Cell baseline, Cell scheme, Comparison.Settings settings) {
    requireComparable(baseline, scheme);
    Cell base = sharedItems(baseline, scheme);
    Cell quant = sharedItems(scheme, baseline);
    Effect effect = effect(base, quant, settings);
    List<String> notes = new ArrayList<>(effect.notes());
    differences(baseline.example(), scheme.example()).ifPresent(notes::add);
    int onlyBaseline = baseline.items().size() - base.items().size();
    int onlyScheme = scheme.items().size() - quant.items().size();
    if (onlyBaseline + onlyScheme > 0) {
      notes.add(
          "%d items are only in %s and %d only in %s; they are left out."
              .formatted(onlyBaseline, baseline.key().scheme(), onlyScheme, scheme.key().scheme()));
    }
    boolean worseIsNegative = scheme.metric().higherIsBetter();
    Optional<Interval> oriented =
        effect
            .testScale()
            .map(i -> worseIsNegative ? i : new Interval(-i.high(), -i.low(), i.level()));
    Verdict verdict =
        oriented.map(i -> effect.equivalence().verdict(i, ALPHA)).orElse(Verdict.INCONCLUSIVE);
    if (effect.identical()) {
      verdict = Verdict.EQUIVALENT;
      notes.add("Both have exactly the same value on every item.");
    }
    Verdict said = verdict;
    Answer answer = oriented.map(i -> Answer.of(i, said)).orElse(Answer.UNDECIDED);
    if (effect.identical()) {
      answer = Answer.EQUIVALENT;
    }
    Optional<Long> needed =
        (verdict == Verdict.INCONCLUSIVE || answer == Answer.UNDECIDED)
                && effect.standardError() > 0
            ? Optional.of(
                itemsToDecide(
                    effect.standardError(), base.items().size(), effect.equivalence().margin()))
            : Optional.empty();
    return new SchemeComparison(
        scheme.key(),
        baseline.key().scheme(),
        scheme.metric(),
        scheme.primary(),
        base.items().size(),
        effect.clusters(),
        onlyBaseline,
        onlyScheme,
        CellSummary.of(base, settings.level()).value(),
        CellSummary.of(quant, settings.level()).value(),
        effect.effect(),
        scheme.isPerplexity(),
        effect.interval(),
        effect.p(),
        effect.test(),
        effect.flips(),
        effect.equivalence(),
        base.isMean() && !Double.isNaN(effect.effect())
            ? Optional.of(ScoreDetail.of(base, quant, settings, ALPHA))
            : Optional.empty(),
        verdict,
        answer,
        needed,
        List.copyOf(notes));
  }

  private static void requireComparable(Cell baseline, Cell scheme) {
    List<ItemRecord> both = List.of(baseline.example(), scheme.example());
    if (both.stream().anyMatch(ItemRecord::isForeign)) {
      return;
    }
    String where = scheme.key() + " against " + baseline.key().scheme();
    Cell.requireSame(where, "protocols", both, ItemRecord::protocol);
    Cell.requireSame(where, "task versions", both, ItemRecord::taskVersion);
    Cell.requireSame(where, "data files", both, ItemRecord::dataSha256);
  }

  /** What differs, or cannot be known not to, between results of which one is another program's. */
  private static Optional<String> differences(ItemRecord baseline, ItemRecord scheme) {
    if (!baseline.isForeign() && !scheme.isForeign()) {
      return Optional.empty();
    }
    List<String> parts = new ArrayList<>();
    if (!baseline.protocol().equals(scheme.protocol())) {
      parts.add(
          "the protocols are '%s' and '%s'".formatted(baseline.protocol(), scheme.protocol()));
    }
    if (baseline.taskVersion() != scheme.taskVersion()) {
      parts.add("the task's versions are %s and %s".formatted(version(baseline), version(scheme)));
    }
    boolean isMixed = baseline.isForeign() != scheme.isForeign();
    return parts.isEmpty() && !isMixed
        ? Optional.empty()
        : Optional.of(
            "Items are paired by their names only"
                + (parts.isEmpty() ? "" : "; " + String.join(", ", parts))
                + ".");
  }

  private static String version(ItemRecord record) {
    return record.taskVersion() == 0 ? "unknown" : Integer.toString(record.taskVersion());
  }

  private static Cell sharedItems(Cell cell, Cell other) {
    return cell.sharedWith(other)
        .orElseThrow(() ->
            new IllegalArgumentException(
                "%s and %s share no item; a comparison needs both schemes on the same items"
                    .formatted(cell.key(), other.key())));
  }

  /**
   * The paired effect on its own scale and on the one it is tested on.
   *
   * @param testScale interval on the scale of the margin
   * @param standardError on the scale of the margin, clusters counted
   * @param identical whether every continuous value is the same
   */
  private record Effect(
      int clusters,
      double effect,
      Optional<Interval> interval,
      Optional<Interval> testScale,
      double p,
      String test,
      Optional<PairedBinary> flips,
      Equivalence equivalence,
      double standardError,
      boolean identical,
      List<String> notes) {}

  private static Effect effect(Cell base, Cell quant, Comparison.Settings settings) {
    double[] b = base.numerators();
    double[] q = quant.numerators();
    Clusters clusters = base.clusters();
    List<String> notes = new ArrayList<>();
    CellSummary.notFinite(base, b).ifPresent(note -> notes.add(base.key().scheme() + ": " + note));
    CellSummary.notFinite(quant, q)
        .ifPresent(note -> notes.add(quant.key().scheme() + ": " + note));
    if (!notes.isEmpty()) {
      return undefined(clusters.count(), settings, notes);
    }
    if (clusters.count() < 2) {
      notes.add("No interval: " + (b.length < 2 ? "there is one item." : "there is one cluster."));
    }
    return base.isMean()
        ? difference(b, q, clusters, quant.metric(), settings, notes)
        : ratio(base, quant, clusters, settings, notes);
  }

  private static Effect undefined(int clusters, Comparison.Settings settings, List<String> notes) {
    return new Effect(
        clusters,
        Double.NaN,
        Optional.empty(),
        Optional.empty(),
        Double.NaN,
        "none",
        Optional.empty(),
        Equivalence.of(Double.NaN, Double.NaN, Double.NaN, settings.scoreMargin()),
        Double.NaN,
        false,
        notes);
  }

  private static Effect difference(
      double[] base,
      double[] quant,
      Clusters clusters,
      Metric metric,
      Comparison.Settings settings,
      List<String> notes) {
    PairedDifference paired = PairedDifference.of(base, quant, clusters);
    double margin = settings.scoreMargin();
    double sign = metric.higherIsBetter() ? 1 : -1;
    Equivalence equivalence =
        Equivalence.of(
            sign * paired.mean(), paired.standardError(), paired.degreesOfFreedom(), margin);
    boolean same = Moments.isConstant(Moments.difference(quant, base)) && paired.mean() == 0;
    boolean binary = CellSummary.isBinary(base) && CellSummary.isBinary(quant);
    if (!binary) {
      Optional<Interval> interval = paired.interval(settings.level());
      return new Effect(
          paired.clusters(),
          paired.mean(),
          interval,
          interval,
          paired.p(),
          clusters.shared() ? "paired t, clusters" : "paired t",
          Optional.empty(),
          equivalence,
          paired.standardError(),
          same,
          notes);
    }
    PairedBinary table = PairedBinary.of(base, quant);
    Optional<Interval> interval = paired.interval(settings.level());
    if (table.discordant() == 0) {
      // Without a flip the standard error is 0, yet n items say only so much: use the score forms.
      interval = Optional.of(table.newcombe(settings.level()));
      equivalence = table.scoreEquivalence(margin);
    }
    return new Effect(
        paired.clusters(),
        paired.mean(),
        interval,
        interval,
        table.midP(),
        "McNemar mid-p",
        Optional.of(table),
        equivalence,
        paired.standardError(),
        false,
        notes);
  }

  private static Effect ratio(
      Cell base, Cell quant, Clusters clusters, Comparison.Settings settings, List<String> notes) {
    double[] units = base.units();
    if (!Arrays.equals(units, quant.units())) {
      throw new IllegalArgumentException(
          "%s and %s count different tokens, words or bytes for the same items; their perplexities"
                  .formatted(base.key(), quant.key())
              + " cannot be paired");
    }
    double[] b = base.numerators();
    double[] q = quant.numerators();
    PerplexityRatio paired = PerplexityRatio.of(b, q, units, clusters);
    Optional<Interval> ln = paired.lnInterval(settings.level());
    boolean bits = base.metric().aggregation() == Aggregation.BITS_PER_BYTE;
    return new Effect(
        clusters.count(),
        bits ? paired.lnRatio() / Math.log(2) : paired.ratio(),
        bits ? ln.map(i -> i.map(v -> v / Math.log(2))) : ln.map(i -> i.map(Math::exp)),
        ln,
        paired.p(),
        "paired t on the logarithm",
        Optional.empty(),
        paired.equivalence(settings.lnPerplexityMargin()),
        paired.lnStandardError(),
        Arrays.equals(b, q),
        notes);
  }

  static long itemsToDecide(double standardError, int items, double margin) {
    double z = -Distributions.normalQuantile(ALPHA) - Distributions.normalQuantile((1 - POWER) / 2);
    double ratio = z * standardError / margin;
    return (long) Math.ceil(items * ratio * ratio);
  }

  /** The comparison in one sentence. */
  public String sentence() {
    String measured =
        isRatio
            ? String.format(Locale.ROOT, "%s is %.4g times as large", metric.name(), effect)
            : String.format(Locale.ROOT, "%s changes by %+.4g", metric.name(), effect);
    String range =
        interval
            .map(i ->
                String.format(
                    Locale.ROOT,
                    " (%.0f %% interval %.4g to %.4g)",
                    100 * i.level(),
                    i.low(),
                    i.high()))
            .orElse("");
    String decide =
        itemsToDecide
            .filter(_ -> answer == Answer.UNDECIDED)
            .map(n -> String.format(Locale.ROOT, "; about %,d items like these would decide", n))
            .orElse("");
    return String.format(
        Locale.ROOT,
        "%s, %s: %s is %s (against %s, %s%s over %,d items)%s.",
        key.model(),
        key.task(),
        key.scheme(),
        answer.withMargin(verdict, equivalence.margin()),
        baseline,
        measured,
        range,
        items,
        decide);
  }
}
