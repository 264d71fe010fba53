// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import io.lowbit.quant.IntegerGrid;
import io.lowbit.quant.RowQuantizer;

/** Runs {@link RowQuantizer} on the inputs of a linear layer, one token after the other. */
final class TokenQuantizer {
  private final IntegerGrid grid;
  private final byte[] codes;
  private final float[] scale = new float[1];
  private final int[] zero = new int[1];

  TokenQuantizer(IntegerGrid grid, int columns) {
    this.grid = grid;
    this.codes = new byte[columns];
  }

  /**
   * Writes the integers code - zero of one token.
   *
   * @return their scale
   */
  float integers(float[] x, int from, float[] into) {
    quantize(x, from);
    for (int i = 0; i < codes.length; i++) {
      into[i] = (codes[i] & 0xFF) - zero[0];
    }
    return scale[0];
  }

  /** Writes the values that a token has once it is quantized and dequantized again. */
  void values(float[] x, int from, float[] into) {
    quantize(x, from);
    RowQuantizer.dequantize(codes, 0, codes.length, grid, scale, zero, 0, into, 0);
  }

  private void quantize(float[] x, int from) {
    RowQuantizer.quantize(x, from, codes.length, grid, codes, 0, scale, zero, 0);
  }
}
