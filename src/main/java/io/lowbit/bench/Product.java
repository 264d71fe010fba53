// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench;

import io.lowbit.tensor.DType;
import java.util.Random;

/**
 * A product x W^T + b and what it reads, rounded to its type.
 *
 * @param rows of x
 * @param outputs rows of W
 * @param inputs columns of both
 * @param type F16 or BF16
 * @param x {@code [rows, inputs]}
 * @param w {@code [outputs, inputs]}
 * @param b {@code [outputs]}, or empty
 */
record Product(int rows, int outputs, int inputs, DType type, float[] x, float[] w, float[] b) {
  /** What x and W hold. */
  enum Data {
    NORMAL,
    ZEROS,
    /** x is subnormal in its type. */
    DENORMALS,
    /** x is plus and minus the largest number of its type; the sums cancel. */
    LARGEST,
    /** Small multiples of 1 and 1/4: sums are exact, and many are equal. */
    INTEGERS,
    /** One row of x holds a NaN. */
    NAN_ROW,
    /** The last output is far larger than the others in the first row of x. */
    PEAK
  }

  /** Random numbers; every second product has a bias. */
  static Product of(int rows, int outputs, int inputs, DType type, Data data) {
    Random random = new Random(31L * rows + 7L * outputs + inputs);
    float[] x = new float[rows * inputs];
    float[] w = new float[outputs * inputs];
    for (int i = 0; i < x.length; i++) {
      x[i] = CaseMemory.round(input(data, type, random, i % inputs), type);
    }
    for (int i = 0; i < w.length; i++) {
      // Neighbours are equal where the inputs are to cancel.
      boolean again = data == Data.LARGEST && i % inputs % 2 == 1;
      w[i] = again ? w[i - 1] : CaseMemory.round(weight(data, random), type);
    }
    for (int i = 0; i < inputs && data == Data.PEAK; i++) {
      w[(outputs - 1) * inputs + i] = CaseMemory.round(64 * x[i], type);
    }
    if (data == Data.NAN_ROW) {
      x[rows / 2 * inputs + random.nextInt(inputs)] = Float.NaN;
    }
    boolean biased = (rows + outputs + inputs) % 2 == 0 && data != Data.LARGEST;
    float[] b = new float[biased ? outputs : 0];
    for (int i = 0; i < b.length; i++) {
      float value = data == Data.ZEROS ? 0 : (float) random.nextGaussian();
      b[i] = CaseMemory.round(value, type);
    }
    return new Product(rows, outputs, inputs, type, x, w, b);
  }

  /** The same with zeros for a bias. */
  Product withoutBias() {
    return new Product(rows, outputs, inputs, type, x, w, new float[0]);
  }

  private static float input(Data data, DType type, Random random, int column) {
    float largest = type == DType.F16 ? 65504 : 0x1.fep127f;
    float least = type == DType.F16 ? 0x1p-24f : 0x1p-133f;
    return switch (data) {
      case NORMAL, NAN_ROW, PEAK -> (float) random.nextGaussian();
      case ZEROS -> random.nextBoolean() ? 0 : -0f;
      case DENORMALS -> (random.nextInt(255) - 127) * least;
      case LARGEST -> column % 2 == 0 ? largest : -largest;
      case INTEGERS -> random.nextInt(7) - 3;
    };
  }

  private static float weight(Data data, Random random) {
    return switch (data) {
      case NORMAL, NAN_ROW, PEAK, ZEROS, DENORMALS -> (float) random.nextGaussian();
      case LARGEST -> random.nextBoolean() ? 0x1p-10f : -0x1p-10f;
      case INTEGERS -> (random.nextInt(5) - 2) / 4f;
    };
  }

  /** The value in double precision. */
  double exact(int row, int output) {
    double sum = b.length == 0 ? 0 : b[output];
    for (int i = 0; i < inputs; i++) {
      sum += (double) x[row * inputs + i] * w[output * inputs + i];
    }
    return sum;
  }

  /**
   * How far a right fp32 sum may be off. Each of the K / 16 tensor-core steps adds 17 numbers with
   * an error that hardware keeps below 2^-21 of the sum of magnitudes; two more such errors cover
   * adding segments and bias.
   */
  double sumTolerance(int row, int output) {
    double magnitude = b.length == 0 ? 0 : Math.abs(b[output]);
    for (int i = 0; i < inputs; i++) {
      magnitude += Math.abs((double) x[row * inputs + i] * w[output * inputs + i]);
    }
    return (inputs / 16 + 2) * 0x1p-21 * magnitude;
  }

  /**
   * How far a right 16-bit result may be off: the sum is rounded to 11 or 8 bits, or to the spacing
   * of subnormal numbers, half of it at most.
   */
  double tolerance(int row, int output) {
    double rounding = Math.abs(exact(row, output)) * (type == DType.F16 ? 0x1p-11 : 0x1p-8);
    double least = type == DType.F16 ? 0x1p-25 : 0x1p-134;
    return sumTolerance(row, output) + rounding + least;
  }
}
