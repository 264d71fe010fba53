// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import io.lowbit.bench.ConformanceCase.Outcome;
import io.lowbit.quant.Arithmetic;
import io.lowbit.quant.GroupedInteger;
import io.lowbit.quant.IntegerGrid;
import io.lowbit.quant.IntegerGrid.Symmetry;
import io.lowbit.tensor.DType;
import io.lowbit.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Inputs of the cases of integer kernels, and the count of differences that they report. */
final class IntegerCaseData {
  /** What a matrix holds. */
  enum Kind {
    /** Normal numbers of deviation 1. */
    NORMAL,
    /** Zeros of both signs: a group without range. */
    ZEROS,
    /** The smallest numbers of the type. */
    DENORMALS,
    /** The largest finite numbers of both signs. */
    LARGEST,
    /** Large numbers, but not so large that their range overflows fp32. */
    LARGE,
    /** One positive number. */
    CONSTANT,
    /** Halves of integers with maximum 127: every second quotient is a tie. */
    TIES,
    /**
     * Small normal numbers, and in each row a large one of either sign, 257 columns from row to
     * row.
     */
    SPIKES,
    /** Normal numbers, and in the last eight columns ever larger ones of alternating sign. */
    ENDS,
    /**
     * 9.5, and in each row one -5.5: on an asymmetric grid of 4 bits both are ties whose roundings
     * add up to one code too many.
     */
    CLAMPED,
    /** Normal numbers, one NaN in row 0 and one infinity in row 1. */
    NOT_FINITE
  }

  /** All symmetries, to take turns. */
  static final List<Symmetry> SYMMETRIES =
      List.of(Symmetry.ASYMMETRIC, Symmetry.SYMMETRIC_FULL, Symmetry.SYMMETRIC_RESTRICTED);

  private IntegerCaseData() {}

  /** A matrix {@code [rows * columns]}, not yet rounded to the type. */
  static float[] matrix(Kind kind, DType type, int rows, int columns, long seed) {
    Random random = new Random(seed);
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = value(kind, type, random, i);
    }
    for (int row = 0; row < rows && kind == Kind.SPIKES; row++) {
      values[row * columns + (row * 257 + 9) % columns] = 50 + row;
      values[row * columns + (row * 257 + 2) % columns] = -70 - row;
    }
    for (int i = 0; i < values.length && kind == Kind.ENDS; i++) {
      int place = i % columns - (columns - 8);
      values[i] = place < 0 ? values[i] : (4 + place) * (place % 2 == 0 ? -1 : 1);
    }
    for (int row = 0; row < rows && kind == Kind.CLAMPED; row++) {
      values[row * columns + (row * 257 + 2) % columns] = -5.5f;
    }
    if (kind == Kind.NOT_FINITE) {
      values[columns / 2] = Float.NaN;
      values[Math.min(rows - 1, 1) * columns + columns - 1] = Float.NEGATIVE_INFINITY;
    }
    return values;
  }

  private static float value(Kind kind, DType type, Random random, int i) {
    float sign = random.nextBoolean() ? 1 : -1;
    return switch (kind) {
      case NORMAL, NOT_FINITE, SPIKES, ENDS -> (float) random.nextGaussian();
      case CLAMPED -> 9.5f;
      case ZEROS -> sign * 0f;
      case DENORMALS -> sign * random.nextInt(4) * (type == DType.F16 ? 0x1p-24f : 0x1p-133f);
      case LARGEST -> sign * (type == DType.F16 ? 65504f : 0x1.FEp127f);
      case LARGE -> sign * random.nextFloat() * (type == DType.F16 ? 60000f : 0x1p126f);
      case CONSTANT -> 0.3f;
      case TIES -> i % 7 == 0 ? 127 * sign : (random.nextInt(511) - 255) / 2f;
    };
  }

  /**
   * A weight of random codes and zero points, all codes possible, scales around {@code 2^-bits}.
   *
   * @param group 0 = the whole row
   */
  static GroupedInteger weight(
      int rows, int columns, int bits, int group, Symmetry symmetry, DType scales, long seed) {
    Random random = new Random(seed);
    IntegerGrid grid = new IntegerGrid(bits, group, symmetry, scales, Arithmetic.EXACT);
    int groups = columns / grid.effectiveGroup(columns);
    Tensor stored = Tensor.allocate(scales, rows, groups);
    for (int i = 0; i < rows * groups; i++) {
      float scale = (0.5f + random.nextFloat()) / (1 << bits);
      if (scales == DType.F32) {
        stored.data().set(JAVA_FLOAT_UNALIGNED, 4L * i, scale);
      } else {
        stored.data().set(JAVA_SHORT_UNALIGNED, 2L * i, Float.floatToFloat16(scale));
      }
    }
    boolean zeros = symmetry == Symmetry.ASYMMETRIC;
    return new GroupedInteger(
        rows,
        columns,
        grid,
        randomRows(random, rows, columns, bits),
        stored,
        zeros ? randomRows(random, rows, groups, bits) : MemorySegment.NULL);
  }

  /** Packed rows of random codes; the unused bits of a row's last byte are 0. */
  private static MemorySegment randomRows(Random random, int rows, int count, int bits) {
    long rowBytes = GroupedInteger.rowBytes(count, bits);
    byte[] bytes = new byte[Math.toIntExact(rows * rowBytes)];
    random.nextBytes(bytes);
    int used = (int) ((long) count * bits % 8);
    for (int row = 0; row < rows && used != 0; row++) {
      bytes[(int) ((row + 1) * rowBytes - 1)] &= (byte) ((1 << used) - 1);
    }
    return Arena.ofAuto().allocate(bytes.length, 64).copyFrom(MemorySegment.ofArray(bytes));
  }

  /** Counts places that differ and remembers the first. */
  static final class Differences {
    private int count;
    private String first = "all equal";

    /** Compares two numbers bit for bit, but any NaN with any other. */
    void compare(float actual, float expected, String what, int... place) {
      if (Float.floatToIntBits(actual) != Float.floatToIntBits(expected)) {
        add(what, place, actual + " instead of " + expected);
      }
    }

    void compare(int actual, int expected, String what, int... place) {
      if (actual != expected) {
        add(what, place, actual + " instead of " + expected);
      }
    }

    private void add(String what, int[] place, String found) {
      if (count++ == 0) {
        first = "%s at %s: %s".formatted(what, Arrays.toString(place), found);
      }
    }

    Outcome outcome() {
      return new Outcome(count, 0, "places that differ; " + first);
    }
  }
}
