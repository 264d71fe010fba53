// SPDX-License-Identifier: Apache-2.0
package io.lowbit.quant;

import io.lowbit.tensor.DType;

/**
 * An affine integer grid over runs of consecutive elements: {@code x ~ (code - zero) * scale}.
 *
 * @param bits bits of a code, 1 to 8
 * @param groupSize elements that share scale and zero, counted along the last dimension; 0 = the
 *     whole row
 * @param symmetry how the range is chosen
 * @param scaleType type scales are stored in, F16 or F32; they are multiplied in fp32 either way.
 *     In compat the tensor's own type (F16, BF16 or F32), to which every operation is rounded
 * @param arithmetic rounding rules
 */
public record IntegerGrid(
    int bits, int groupSize, Symmetry symmetry, DType scaleType, Arithmetic arithmetic)
    implements WeightFormat {
  /** How the range of a group is chosen and which zero its codes have. */
  public enum Symmetry {
    /** Range [min, max], zero point stored per group. */
    ASYMMETRIC,
    /**
     * All 2^b codes over [-absmax, absmax]: scale 2*absmax/(2^b-1), zero 2^(b-1). Weight-only
     * schemes.
     */
    SYMMETRIC_FULL,
    /**
     * Scale absmax/(2^(b-1)-1), zero 2^(b-1): code 2^(b-1) is the number 0. With quantized
     * activations, and compat.
     */
    SYMMETRIC_RESTRICTED
  }

  /** Checks the bits and the scale type. */
  public IntegerGrid {
    if (bits < 1 || bits > 8) {
      throw new IllegalArgumentException("integer grids have 1 to 8 bits, not " + bits);
    }
    if (groupSize < 0) {
      throw new IllegalArgumentException("negative group size " + groupSize);
    }
    boolean compat = arithmetic == Arithmetic.COMPAT;
    if (scaleType != DType.F16 && scaleType != DType.F32 && !(compat && scaleType == DType.BF16)) {
      throw new IllegalArgumentException(
          "scales are F16 or F32 (in compat also BF16), not " + scaleType);
    }
    if (symmetry != Symmetry.ASYMMETRIC && bits < 2) {
      throw new IllegalArgumentException(
          "a symmetric grid needs at least 2 bits; 1-bit codes are asymmetric");
    }
    if (compat && symmetry == Symmetry.SYMMETRIC_FULL) {
      throw new IllegalArgumentException(
          "compat knows asymmetric and restricted symmetric grids only");
    }
  }

  /** Elements that share a scale in a row of {@code columns}. */
  public int effectiveGroup(long columns) {
    return groupSize == 0 ? Math.toIntExact(columns) : groupSize;
  }

  /** Stored bits per weight in rows of {@code columns}: codes, scales and zeros. */
  public double bitsPerWeight(long columns) {
    int zeroBits = symmetry == Symmetry.ASYMMETRIC ? bits : 0;
    long groups = columns / effectiveGroup(columns);
    return bits + (double) groups * (8 * scaleType.bytes() + zeroBits) / columns;
  }

  /** Whether rows of {@code columns} split into whole groups. */
  public boolean divides(long columns) {
    return groupSize == 0 || columns % groupSize == 0;
  }

  /** The divisor of {@code columns} closest to the group size, the smaller of two. */
  public long nearestGroup(long columns) {
    long best = 1;
    for (long divisor = 2; divisor <= columns; divisor++) {
      if (columns % divisor == 0 && Math.abs(divisor - groupSize) < Math.abs(best - groupSize)) {
        best = divisor;
      }
    }
    return best;
  }

  /** The same grid with other groups. */
  public IntegerGrid withGroupSize(int elements) {
    return new IntegerGrid(bits, elements, symmetry, scaleType, arithmetic);
  }

  /** This grid for tensors of a type: in compat that is the scales' type, else nothing changes. */
  public IntegerGrid in(DType base) {
    return arithmetic == Arithmetic.COMPAT
        ? new IntegerGrid(bits, groupSize, symmetry, base, arithmetic)
        : this;
  }

  /** Largest code. */
  public int maxCode() {
    return (1 << bits) - 1;
  }

  /** Largest magnitude of {@code code - zero} on a restricted symmetric grid. */
  public int maxMagnitude() {
    return (1 << (bits - 1)) - 1;
  }

  /** The zero point of every group of a symmetric grid. */
  public int fixedZero() {
    return 1 << (bits - 1);
  }

  /**
   * Whether {@code (code - zero) * scale} is rounded to the scale type; otherwise it is fp32. True
   * in compat where the tensor's type is narrower.
   */
  public boolean roundsValues() {
    return arithmetic == Arithmetic.COMPAT && scaleType != DType.F32;
  }
}
