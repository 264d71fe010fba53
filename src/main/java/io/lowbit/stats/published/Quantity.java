// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats.published;

import java.util.OptionalDouble;

/** What low bits do to a score, as one number. */
public enum Quantity {
  /** Gain over no low bits, as a share of the items; a loss is negative. */
  CHANGE("mean change of the score"),
  /** What is left of the distance from chance; 1 = everything. */
  RETENTION("mean share left above chance"),
  /** The number over that without low bits. */
  RATIO("mean ratio to no low bits"),
  /** Natural logarithm of that ratio. */
  LN_RATIO("mean ln ratio to no low bits");

  /** With less above chance than this share of the score, what is left of it is noise. */
  static final double LEAST_ABOVE_CHANCE = 0.1;

  private final String words;

  Quantity(String words) {
    this.words = words;
  }

  /** As printed. */
  public String words() {
    return words;
  }

  /** Of one observation; empty if it is not defined for it. */
  OptionalDouble of(Observation one, OptionalDouble full) {
    if (full.isEmpty()) {
      return OptionalDouble.empty();
    }
    double base = full.getAsDouble();
    return switch (this) {
      case CHANGE ->
          one.isShare()
              ? OptionalDouble.of((one.value() - base) * (one.higherIsBetter() ? 1 : -1))
              : OptionalDouble.empty();
      case RETENTION -> {
        double chance = one.chance().orElse(Double.NaN);
        yield base > 0 && base - chance >= LEAST_ABOVE_CHANCE * base
            ? OptionalDouble.of((one.value() - chance) / (base - chance))
            : OptionalDouble.empty();
      }
      case RATIO -> base > 0 ? OptionalDouble.of(one.value() / base) : OptionalDouble.empty();
      case LN_RATIO ->
          base > 0 && one.value() > 0
              ? OptionalDouble.of(Math.log(one.value() / base))
              : OptionalDouble.empty();
    };
  }
}
