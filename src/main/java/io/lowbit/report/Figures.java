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
    return metric.isShare() && !Double.isNaN(value)
        ? String.format(Locale.ROOT, "%.1f %%", 100 * value)
        : plain(value);
  }

  /** An interval of a metric's value. */
  static String interval(Metric metric, Optional<Interval> interval) {
    return interval
        .map(i ->
            metric.isShare()
                ? String.format(Locale.ROOT, "%.1f to %.1f", 100 * i.low(), 100 * i.high())
                : plain(i.low()) + " to " + plain(i.high()))
        .orElse("no interval");
  }

  /** A difference in points, or a ratio. */
  static String effect(SchemeComparison one) {
    if (Double.isNaN(one.effect())) {
      return NONE;
    }
    if (one.isRatio()) {
      return "× " + plain(one.effect());
    }
    return one.metric().isShare()
        ? signed(String.format(Locale.ROOT, "%+.1f points", 100 * one.effect()))
        : signed(String.format(Locale.ROOT, "%+.3g", one.effect()));
  }

  /** The interval of a difference or a ratio; empty if there is none. */
  static String effectInterval(SchemeComparison one) {
    return one.interval()
        .map(i -> {
          if (one.isRatio()) {
            return "× " + plain(i.low()) + " to " + plain(i.high());
          }
          return one.metric().isShare()
              ? signed(String.format(Locale.ROOT, "%+.1f", 100 * i.low()))
                  + " to "
                  + signed(String.format(Locale.ROOT, "%+.1f", 100 * i.high()))
              : signed(String.format(Locale.ROOT, "%+.3g", i.low()))
                  + " to "
                  + signed(String.format(Locale.ROOT, "%+.3g", i.high()));
        })
        .orElse("");
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
