// SPDX-License-Identifier: Apache-2.0
package io.lowbit.quant;

import io.lowbit.tensor.DType;

/**
 * Quantization of a linear layer's input: one grid per token over the whole input width.
 *
 * @param bits bits of a code, 2 to 8
 * @param symmetric zero point fixed, range [-absmax, absmax]; otherwise [min, max]
 * @param calibrated scales are fixed beforehand on calibration text; otherwise each token has its
 *     own, computed as it comes
 * @param arithmetic rounding rules
 */
public record ActivationScheme(
    int bits, boolean symmetric, boolean calibrated, Arithmetic arithmetic) {
  /** Checks the bits. */
  public ActivationScheme {
    if (bits < 2 || bits > 8) {
      throw new IllegalArgumentException("activation codes have 2 to 8 bits, not " + bits);
    }
  }

  /** With a grid of its own for each token. */
  public ActivationScheme(int bits, boolean symmetric, Arithmetic arithmetic) {
    this(bits, symmetric, false, arithmetic);
  }

  /**
   * The grid of one token.
   *
   * @param base the activations' type: what compat rounds to. In exact the scale is fp32; nothing
   *     stores it
   * @throws IllegalArgumentException if this version cannot quantize so
   */
  public IntegerGrid grid(DType base) {
    requireSupported();
    return new IntegerGrid(
        bits,
        0,
        symmetric ? IntegerGrid.Symmetry.SYMMETRIC_RESTRICTED : IntegerGrid.Symmetry.ASYMMETRIC,
        arithmetic == Arithmetic.COMPAT ? base : DType.F32,
        arithmetic);
  }

  /** Checks that {@link #grid} can do what this says. */
  void requireSupported() {
    if (calibrated) {
      throw new IllegalArgumentException(
          "calibrated activation scales (-static) are not implemented; activations can be"
              + " quantized per token: a2 to a8, with -sym");
    }
  }
}
