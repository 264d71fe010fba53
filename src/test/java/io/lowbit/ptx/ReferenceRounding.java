// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.function.IntToDoubleFunction;

/**
 * Rounding by search: all values of a small format in a table, and a decision between the two
 * neighbours in exact decimal arithmetic. Shares nothing with the interpreter's own rounding.
 */
final class ReferenceRounding {
  private final double[] values;
  private final double largest;

  /**
   * A format.
   *
   * @param decode value of a non-negative code
   * @param codes number of non-negative finite codes, which ascend with their values
   */
  ReferenceRounding(IntToDoubleFunction decode, int codes) {
    values = new double[codes];
    Arrays.setAll(values, decode);
    largest = values[codes - 1];
  }

  /** The rounded value; infinite where the value is beyond what rounds to the largest. */
  double round(BigDecimal exact, RoundingMode mode) {
    boolean negative = exact.signum() < 0;
    BigDecimal magnitude = exact.abs();
    int low = below(magnitude);
    BigDecimal lower = new BigDecimal(values[low]);
    double rounded;
    if (lower.compareTo(magnitude) == 0) {
      rounded = values[low];
    } else {
      double step = low == 0 ? values[1] : values[low] - values[low - 1];
      boolean top = low == values.length - 1;
      double next = top ? largest + step : values[low + 1];
      BigDecimal middle = lower.add(new BigDecimal(next)).divide(BigDecimal.TWO);
      int order = magnitude.compareTo(middle);
      boolean up =
          switch (mode) {
            case NEAREST_EVEN -> order > 0 || (order == 0 && low % 2 == 1);
            case NEAREST_AWAY -> order >= 0;
            case TOWARD_ZERO -> false;
            case DOWN -> negative;
            case UP -> !negative;
          };
      rounded = up ? top ? Double.POSITIVE_INFINITY : next : values[low];
    }
    return negative ? -rounded : rounded;
  }

  private int below(BigDecimal magnitude) {
    int low = 0;
    int high = values.length - 1;
    while (low < high) {
      int middle = (low + high + 1) / 2;
      if (new BigDecimal(values[middle]).compareTo(magnitude) <= 0) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }
}
