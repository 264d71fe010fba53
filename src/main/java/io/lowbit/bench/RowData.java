// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench;

import io.lowbit.backend.cuda.Kernels;
import io.lowbit.tensor.DType;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Rows of input and how results are held against what they should be. */
final class RowData {
  static final List<DType> TYPES = List.of(DType.F16, DType.BF16);

  /**
   * Extents of a matrix.
   *
   * @param sample whether every build runs it
   */
  record Shape(int rows, int columns, boolean sample) {
    @Override
    public String toString() {
      return "[%d, %d]".formatted(rows, columns);
    }
  }

  // Columns around the 8 of a chunk, the 256 of a warp, and the 2,048 or 4,096 of a block; the last
  // chunk short of all, or of all but one, of its eight values.
  static final List<Shape> SHAPES =
      List.of(
          new Shape(1, 64, true),
          new Shape(3, 7, true),
          new Shape(7, 8, true),
          new Shape(8, 33, false),
          new Shape(9, 1, true),
          new Shape(17, 257, true),
          new Shape(33, 100, false),
          new Shape(64, 72, false),
          new Shape(100, 40, false),
          new Shape(1, 4105, true),
          new Shape(2, 4111, true),
          new Shape(3, 11008, false),
          new Shape(2, 65536, false));

  /** What rows are made of. */
  enum Kind {
    /** Standard normal. */
    NORMAL,
    ZEROS,
    /** Normal numbers around the middle of the type's subnormal range. */
    DENORMALS,
    /** The type's largest numbers, of either sign. */
    LARGEST,
    /** Normal, but for one NaN in the middle row. */
    NAN
  }

  /** A check with memory of its own. */
  @FunctionalInterface
  interface Check {
    ConformanceCase.Outcome run(Kernels kernels, CaseMemory memory);
  }

  private RowData() {}

  /** A case whose memory is freed when it ends. */
  static ConformanceCase run(String kernel, String description, boolean sample, Check check) {
    return new ConformanceCase(
        kernel,
        description,
        sample,
        kernels -> {
          try (CaseMemory memory = new CaseMemory(kernels.driver())) {
            return check.run(kernels, memory);
          }
        });
  }

  /** Normal data at every shape, all kinds at a small and a ragged one. */
  static List<Kind> kinds(Shape shape) {
    boolean all = shape.columns() == 257 || shape.columns() == 7;
    return all ? List.of(Kind.values()) : List.of(Kind.NORMAL);
  }

  /** Values of a type, {@code [rows * columns]}. */
  static float[] of(Kind kind, int rows, int columns, DType type, long seed) {
    Random random = new Random(seed);
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      float normal = (float) random.nextGaussian();
      float value =
          switch (kind) {
            case NORMAL, NAN -> normal;
            case ZEROS -> 0;
            case DENORMALS -> normal * (type == DType.F16 ? 0x1p-18f : 0x1p-130f);
            case LARGEST -> Math.copySign(type == DType.F16 ? 65504f : 0x1.FEp127f, normal);
          };
      values[i] = CaseMemory.round(value, type);
    }
    if (kind == Kind.NAN) {
      values[rows / 2 * columns + columns / 3] = Float.NaN;
    }
    return values;
  }

  /** Half the distance between neighbouring 16-bit numbers around a value. */
  static double halfUlp(double value, DType type) {
    int exponent = Math.max(Math.getExponent(value), type == DType.F16 ? -14 : -126);
    return Math.scalb(1.0, exponent - (type == DType.F16 ? 11 : 8));
  }

  /**
   * Holds each value against what it should be: the error is in units of the value's own bound.
   *
   * @param bounds largest errors, 0 where the value must be met exactly
   */
  static ConformanceCase.Outcome compare(
      float[] actual, double[] expected, double[] bounds, int columns) {
    double worst = 0;
    String where = "none";
    for (int i = 0; i < actual.length; i++) {
      double error = error(actual[i], expected[i], bounds[i]);
      if (error > worst) {
        worst = error;
        where =
            "row %d, column %d: %s instead of %s"
                .formatted(i / columns, i % columns, actual[i], expected[i]);
      }
    }
    return new ConformanceCase.Outcome(worst, 1, "error in units of its bound, largest: " + where);
  }

  private static double error(float actual, double expected, double bound) {
    if (actual == expected || (Float.isNaN(actual) && Double.isNaN(expected))) {
      return 0;
    }
    double error = Math.abs(actual - expected) / bound;
    return Double.isNaN(error) ? Double.POSITIVE_INFINITY : error;
  }

  /** Bits against bits. */
  static ConformanceCase.Outcome compareBits(short[] actual, short[] expected, int columns) {
    int at = Arrays.mismatch(actual, expected);
    String where =
        at < 0
            ? "none"
            : "row %d, column %d: %04x instead of %04x"
                .formatted(at / columns, at % columns, actual[at], expected[at]);
    return new ConformanceCase.Outcome(at < 0 ? 0 : 1, 0, "differing bits, first: " + where);
  }
}
