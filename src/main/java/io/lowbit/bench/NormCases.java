// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench;

import io.lowbit.backend.Norm;
import io.lowbit.backend.cuda.DevicePointer;
import io.lowbit.backend.cuda.RowNorm;
import io.lowbit.bench.RowData.Kind;
import io.lowbit.bench.RowData.Shape;
import io.lowbit.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Normalisations in {@code kernels/rows.cu}. */
final class NormCases {
  private static final double FP32_HALF_ULP = 0x1p-24;
  private static final double FP32_SMALLEST = 0x1p-149;

  private record NormCase(DType type, Norm.Kind norm, boolean bias, Shape shape, Kind kind) {
    @Override
    public String toString() {
      return "%s norm %s%s %s %s".formatted(type, norm, bias ? " with bias" : "", shape, kind);
    }
  }

  private NormCases() {}

  static Stream<ConformanceCase> cases() {
    List<NormCase> cases = new ArrayList<>();
    for (DType type : RowData.TYPES) {
      for (Shape shape : RowData.SHAPES) {
        for (Kind kind : RowData.kinds(shape)) {
          for (Norm.Kind norm : Norm.Kind.values()) {
            cases.add(new NormCase(type, norm, false, shape, kind));
          }
          cases.add(new NormCase(type, Norm.Kind.LAYER, true, shape, kind));
        }
      }
    }
    return cases.stream()
        .map(c ->
            RowData.run(
                "rows",
                c.toString(),
                c.shape().sample(),
                (kernels, memory) -> norm(new RowNorm(kernels), memory, c)));
  }

  private static ConformanceCase.Outcome norm(RowNorm rowNorm, CaseMemory memory, NormCase c) {
    int rows = c.shape().rows();
    int columns = c.shape().columns();
    float[] x = RowData.of(c.kind(), rows, columns, c.type(), 4);
    for (int i = 0; i < x.length; i++) {
      // A mean for layer norms to take away; squares of bfloat16's largest numbers would overflow.
      x[i] =
          switch (c.kind()) {
            case NORMAL -> CaseMemory.round(x[i] + 0.75f, c.type());
            case LARGEST -> c.type() == DType.BF16 ? Math.copySign(0x1p58f, x[i]) : x[i];
            default -> x[i];
          };
    }
    float[] weight = RowData.of(Kind.NORMAL, 1, columns, c.type(), 5);
    float[] bias = RowData.of(Kind.NORMAL, 1, columns, c.type(), 6);
    boolean inPlace = rows % 2 == 1;
    RowMatrix in = RowMatrix.of(memory, x, rows, columns, c.type());
    RowMatrix out = inPlace ? in : RowMatrix.poisoned(memory, rows, columns, c.type());
    float epsilon = 1e-2f;
    rowNorm.run(
        in.matrix(),
        c.norm(),
        epsilon,
        RowMatrix.of(memory, weight, 1, columns, c.type()).matrix().data(),
        c.bias()
            ? RowMatrix.of(memory, bias, 1, columns, c.type()).matrix().data()
            : DevicePointer.NULL,
        out.matrix());
    return compare(c, out, x, weight, bias, epsilon);
  }

  private static ConformanceCase.Outcome compare(
      NormCase c, RowMatrix out, float[] x, float[] weight, float[] bias, float epsilon) {
    int columns = weight.length;
    double[] expected = new double[x.length];
    double[] bounds = new double[x.length];
    double[] factors = new double[columns];
    double[] summands = new double[columns];
    for (int i = 0; i < columns; i++) {
      factors[i] = weight[i] + (c.norm() == Norm.Kind.RMS_PLUS_ONE ? 1.0 : 0);
      summands[i] = c.bias() ? bias[i] : 0;
    }
    for (int row = 0; row < c.shape().rows(); row++) {
      normRow(c, epsilon, x, row * columns, factors, summands, expected, bounds);
    }
    return RowData.compare(out.values(), expected, bounds, columns);
  }

  /**
   * One row in double, and how far fp32 may be from it. A sum of n terms through chains of at most
   * s additions is off by s half ulps of the sum of magnitudes: that goes into the mean, and half
   * as much, by the root, into the factor; every further step adds one half ulp.
   */
  private static void normRow(
      NormCase c,
      double epsilon,
      float[] x,
      int at,
      double[] factors,
      double[] summands,
      double[] expected,
      double[] bounds) {
    int columns = factors.length;
    boolean layer = c.norm() == Norm.Kind.LAYER;
    double sum = 0;
    double magnitude = 0;
    for (int i = 0; i < columns; i++) {
      sum += x[at + i];
      magnitude += Math.abs(x[at + i]);
    }
    double mean = layer ? sum / columns : 0;
    double squares = 0;
    for (int i = 0; i < columns; i++) {
      squares += (x[at + i] - mean) * (x[at + i] - mean);
    }
    double factor = 1 / Math.sqrt(squares / columns + epsilon);
    double steps = 8 * Math.ceilDiv(columns, 8 * 512) + 12;
    double meanError = layer ? (steps + 1) * magnitude / columns * FP32_HALF_ULP : 0;
    double factorError = factor * (steps + 8) * FP32_HALF_ULP;
    for (int i = 0; i < columns; i++) {
      double d = x[at + i] - mean;
      double value = d * factor * factors[i];
      expected[at + i] = value + summands[i];
      bounds[at + i] =
          RowData.halfUlp(expected[at + i], c.type())
              + (meanError * factor + Math.abs(d) * factorError) * Math.abs(factors[i])
              + (4 * Math.abs(value) + Math.abs(summands[i])) * FP32_HALF_ULP
              + FP32_SMALLEST;
    }
  }
}
