// SPDX-License-Identifier: Apache-2.0
package io.lowbit.report;

import io.lowbit.results.ItemRecord.Metric;
import io.lowbit.stats.Interval;
import io.lowbit.stats.SchemeComparison;
import java.util.Locale;
import java.util.Optional;

/** Numbers as the page prints them: scores in per cent, perplexities with digits to compare. */
final class Figures {
  static final String NONE = "–";

  private Figures() {}

  /** A value of a metric. */
  static String value(Metric metric, double value) {
    return metric.isShare() ? percent(value) : plain(value);
  }

  /** An interval of a metric's value. */
  static String interval(Metric metric, Optional<Interval> interval) {
    return metric.isShare() || interval.isEmpty() ? percentRange(interval) : range(interval.get());
  }

  /** A difference in points, or a ratio. */
  static String effect(SchemeComparison one) {
    if (Double.isNaN(one.effect())) {
      return NONE;
    }
    if (one.isRatio()) {
      return ratio(one.effect());
    }
    return one.metric().isShare()
        ? points(one.effect())
        : signed(String.format(Locale.ROOT, "%+.3g", one.effect()));
  }

  /** The interval of a difference or a ratio; empty if there is none. */
  static String effectInterval(SchemeComparison one) {
    return one.interval()
        .map(i -> {
          if (one.isRatio()) {
            return "× " + range(i);
          }
          return one.metric().isShare()
              ? pointRange(i)
              : signed(String.format(Locale.ROOT, "%+.3g", i.low()))
                  + " to "
                  + signed(String.format(Locale.ROOT, "%+.3g", i.high()));
        })
        .orElse("");
  }

  /** A difference of shares in points. */
  static String points(double difference) {
    return Double.isNaN(difference) ? NONE : signedPoints(difference) + " points";
  }

  /** The interval of such a difference. */
  static String pointRange(Interval interval) {
    return signedPoints(interval.low()) + " to " + signedPoints(interval.high());
  }

  private static String signedPoints(double difference) {
    return signed(String.format(Locale.ROOT, "%+.1f", 100 * difference));
  }

  /** A margin or another size in points, without a sign. */
  static String size(double points) {
    String text = String.format(Locale.ROOT, "%.1f", 100 * points).replace(".0", "");
    return text + (text.equals("1") ? " point" : " points");
  }

  /** A share in per cent. */
  static String percent(double share) {
    return Double.isNaN(share) ? NONE : String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }

  /** A change of a logarithm in per cent. */
  static String logChange(double change) {
    return Double.isNaN(change)
        ? NONE
        : signed(String.format(Locale.ROOT, "%+.2f", 100 * change)) + " %";
  }

  /** The interval of such a change. */
  static String logChangeRange(Interval interval) {
    return signed(String.format(Locale.ROOT, "%+.2f", 100 * interval.low()))
        + " to "
        + signed(String.format(Locale.ROOT, "%+.2f", 100 * interval.high()));
  }

  /** The interval of a share. */
  static String percentRange(Optional<Interval> interval) {
    return interval
        .map(i -> String.format(Locale.ROOT, "%.1f to %.1f", 100 * i.low(), 100 * i.high()))
        .orElse("no interval");
  }

  /** A ratio of perplexities. */
  static String ratio(double ratio) {
    return Double.isNaN(ratio) ? NONE : "× " + plain(ratio);
  }

  /** The interval of a ratio or of a perplexity. */
  static String range(Interval interval) {
    return plain(interval.low()) + " to " + plain(interval.high());
  }

  /** The size of a model. */
  static String megabytes(double megabytes) {
    return megabytes >= 1000
        ? String.format(Locale.ROOT, "%.2f GB", megabytes / 1000)
        : String.format(Locale.ROOT, megabytes < 10 ? "%.2g MB" : "%.0f MB", megabytes);
  }

  /** A whole number. */
  static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** Bits per weight. */
  static String bits(double bits) {
    return String.format(Locale.ROOT, "%.2f", bits);
  }

  /** A p-value. */
  static String p(double p) {
    if (Double.isNaN(p)) {
      return NONE;
    }
    return p < 0.001 ? "< 0.001" : String.format(Locale.ROOT, "%.3f", p);
  }

  /** A coefficient with its interval. */
  static String coefficient(double value, Optional<Interval> interval) {
    if (Double.isNaN(value)) {
      return NONE;
    }
    return signed(String.format(Locale.ROOT, "%+.2f", value))
        + interval
            .map(i ->
                " ("
                    + signed(String.format(Locale.ROOT, "%+.2f", i.low()))
                    + " to "
                    + signed(String.format(Locale.ROOT, "%+.2f", i.high()))
                    + ")")
            .orElse("");
  }

  /** Four significant digits or more, or a power of ten where a number is beyond reading. */
  static String plain(double value) {
    double size = Math.abs(value);
    if (Double.isNaN(value)) {
      return NONE;
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "∞" : "−∞";
    }
    if (size >= 1e6 || (size > 0 && size < 1e-3)) {
      return String.format(Locale.ROOT, "%.2e", value).replaceFirst("e([+-])0*", "e$1");
    }
    return String.format(
        Locale.ROOT, size >= 1000 ? "%,.0f" : size >= 100 ? "%.1f" : "%.3f", value);
  }

  /** With a minus sign as wide as the plus sign, and zero without one that rounding left over. */
  private static String signed(String text) {
    boolean isZero = text.startsWith("-") && text.chars().noneMatch(c -> c >= '1' && c <= '9');
    return (isZero ? "+" : text.startsWith("-") ? "−" : "+") + text.substring(1);
  }
}
