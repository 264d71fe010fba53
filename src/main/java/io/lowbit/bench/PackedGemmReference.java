// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench;

import io.lowbit.backend.cuda.SplitK;
import io.lowbit.bench.ConformanceCase.Outcome;
import io.lowbit.quant.GroupedInteger;
import io.lowbit.tensor.DType;

/**
 * Holds a product with a grouped integer weight against double precision. The error of a result is
 * measured in what rounding may cost it at most:
 *
 * <ul>
 *   <li>a matrix instruction adds 16 products to a sum, each aligned to the largest and cut to 24
 *       bits: at most 17 * 2^-24 of the magnitudes that the group has summed so far,
 *   <li>an fp32 addition, for each group, segment and the bias: 2^-24 of all magnitudes so far,
 *   <li>the rounding to the 16-bit type: half a unit in the last place.
 * </ul>
 */
final class PackedGemmReference {
  private static final double SINGLE = 0x1p-24;
  private static final double MATRIX = 17 * SINGLE;
  private static final int MATRIX_COLUMNS = 16;

  private final GroupedInteger weight;
  private final int columns;
  private final int group;
  private final double half;
  private final double smallest;
  private final int lateAdditions;

  PackedGemmReference(GroupedInteger weight, DType type) {
    this.weight = weight;
    columns = (int) weight.columns();
    group = weight.grid().effectiveGroup(columns);
    half = type == DType.F16 ? 0x1p-11 : 0x1p-8;
    smallest = type == DType.F16 ? 0x1p-25 : 0x1p-134;
    // Each segment may cut a group in two and is added; then comes the bias.
    lateAdditions = 2 * SplitK.of((int) weight.rows(), columns).segments() + 1;
  }

  /** Compares results {@code [rows, N]} of activations {@code [rows, K]}. */
  Outcome compare(float[] x, float[] biasOrNull, float[] actual) {
    int outputs = (int) weight.rows();
    double worst = 0;
    String where = "no result is off";
    for (int i = 0; i < actual.length; i++) {
      double bias = biasOrNull == null ? 0 : biasOrNull[i % outputs];
      double error = error(x, i / outputs * columns, i % outputs, bias, actual[i]);
      if (error > worst) {
        worst = error;
        where = "worst at token %d, feature %d".formatted(i / outputs, i % outputs);
      }
    }
    return new Outcome(worst, 1, "error / bound of the roundings; " + where);
  }

  private double error(float[] x, int at, int output, double bias, float actual) {
    double value = 0;
    double magnitude = 0;
    double bound = 0;
    for (int start = 0; start < columns; start += group) {
      double scale = weight.scale(output, start / group);
      int zero = weight.zero(output, start / group);
      double sum = 0;
      double sumMagnitude = 0;
      double sumBound = 0;
      for (int k = start; k < start + group; k++) {
        double product = (double) x[at + k] * (weight.code(output, k) - zero);
        sum += product;
        sumMagnitude += Math.abs(product);
        if ((k + 1) % MATRIX_COLUMNS == 0 || k + 1 == start + group) {
          sumBound += MATRIX * sumMagnitude;
        }
      }
      value += scale * sum;
      magnitude += scale * sumMagnitude;
      bound += scale * sumBound + SINGLE * magnitude;
    }
    value += bias;
    bound += lateAdditions * SINGLE * (magnitude + Math.abs(bias));
    bound += half * (Math.abs(value) + bound) + smallest;
    if (Double.isNaN(value) || Float.isNaN(actual)) {
      return Double.isNaN(value) && Float.isNaN(actual) ? 0 : Double.POSITIVE_INFINITY;
    }
    return Math.abs(actual - value) / bound;
  }
}
