// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench;

import io.lowbit.backend.Activation;
import io.lowbit.backend.cuda.Activations;
import io.lowbit.bench.RowData.Kind;
import io.lowbit.bench.RowData.Shape;
import io.lowbit.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** {@code kernels/activations.cu}. */
final class ActivationCases {
  private static final String KERNEL = "activations";
  private static final double FP32_HALF_ULP = 0x1p-24;
  // Exponentials may leave fp32's normal range where the true result has not yet done so.
  private static final double UNDERFLOW = 0x1p-120;
  private static final float WIDEST = 30;

  private record ActivationCase(
      DType type, Activation activation, boolean gated, Shape shape, Kind kind) {
    @Override
    public String toString() {
      return "%s %s%s %s %s".formatted(type, activation, gated ? " gated" : "", shape, kind);
    }
  }

  private ActivationCases() {}

  static Stream<ConformanceCase> cases() {
    List<ActivationCase> cases = new ArrayList<>();
    for (DType type : RowData.TYPES) {
      for (Activation activation : Activation.values()) {
        for (Shape shape : RowData.SHAPES) {
          for (Kind kind : RowData.kinds(shape)) {
            cases.add(new ActivationCase(type, activation, false, shape, kind));
            cases.add(new ActivationCase(type, activation, true, shape, kind));
          }
        }
      }
    }
    return cases.stream()
        .map(c ->
            RowData.run(
                KERNEL,
                c.toString(),
                c.shape().sample(),
                (kernels, memory) -> run(new Activations(kernels), memory, c)));
  }

  private static ConformanceCase.Outcome run(
      Activations activations, CaseMemory memory, ActivationCase c) {
    int rows = c.shape().rows();
    int columns = c.shape().columns();
    float[] x = RowData.of(c.kind(), rows, columns, c.type(), 8);
    if (c.kind() == Kind.NORMAL) {
      // From one flat end of the functions to the other.
      for (int i = 0; i < x.length; i++) {
        float stretch = i % 5 == 0 ? WIDEST / 4 : 2;
        x[i] = CaseMemory.round(Math.clamp(stretch * x[i], -WIDEST, WIDEST), c.type());
      }
    }
    float[] up = RowData.of(Kind.NORMAL, rows, columns, c.type(), 9);
    if (c.kind() == Kind.LARGEST) {
      for (int i = 0; i < up.length; i++) {
        up[i] = Math.copySign(0.75f, up[i]);
      }
    }
    RowMatrix in = RowMatrix.of(memory, x, rows, columns, c.type());
    RowMatrix factor = RowMatrix.of(memory, up, rows, columns, c.type());
    // Separate from the inputs, the first of them, and the second.
    RowMatrix out =
        switch (rows % 3) {
          case 0 -> RowMatrix.poisoned(memory, rows, columns, c.type());
          case 1 -> in;
          default -> c.gated() ? factor : in;
        };
    if (c.gated()) {
      activations.gated(c.activation(), in.matrix(), factor.matrix(), out.matrix());
    } else {
      activations.plain(c.activation(), in.matrix(), out.matrix());
    }

    double[] expected = new double[x.length];
    double[] bounds = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      double times = c.gated() ? up[i] : 1;
      double value = value(c.activation(), x[i]);
      double error = Math.abs(value) * steps(c.activation(), x[i]) * FP32_HALF_ULP + UNDERFLOW;
      expected[i] = value * times;
      bounds[i] = RowData.halfUlp(expected[i], c.type()) + error * Math.abs(times);
    }
    return RowData.compare(out.values(), expected, bounds, columns);
  }

  private static double value(Activation activation, double x) {
    return switch (activation) {
      case RELU -> Double.isNaN(x) ? x : Math.max(x, 0);
      case GELU -> x * errorFunctionComplement(-x / Math.sqrt(2)) / 2;
      case GELU_TANH -> x / (1 + Math.exp(-2 * tanhArgument(x)));
      case SILU -> x / (1 + Math.exp(-x));
    };
  }

  private static double tanhArgument(double x) {
    return Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x);
  }

  /**
   * Half ulps of fp32 that a result may be off: 8 for the exponential, the quotient and the
   * products (the error function's published error is 6); and where the result falls like an
   * exponential, that of the argument, whose roundings grow by the argument's size.
   */
  private static double steps(Activation activation, double x) {
    double argument =
        switch (activation) {
          case RELU, SILU -> 0;
          case GELU -> 2 * x * x / 2;
          case GELU_TANH -> 6 * Math.abs(2 * tanhArgument(x));
        };
    return x < 0 ? 8 + 2 * argument : 16;
  }

  /**
   * erfc in double: 1 - erf by its series around zero, by its continued fraction further out
   * (Abramowitz and Stegun 7.1.6 and 7.1.14).
   */
  private static double errorFunctionComplement(double z) {
    if (z < -2) {
      return 2 - errorFunctionComplement(-z);
    }
    double scale = Math.exp(-z * z) / Math.sqrt(Math.PI);
    if (z < 2) {
      double term = 2 * z;
      double sum = term;
      for (int n = 1; n < 60; n++) {
        term *= 2 * z * z / (2 * n + 1);
        sum += term;
      }
      return 1 - scale * sum;
    }
    double fraction = z;
    for (int n = 120; n > 0; n--) {
      fraction = z + n / 2.0 / fraction;
    }
    return scale / fraction;
  }
}
