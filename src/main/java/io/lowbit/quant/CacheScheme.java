// SPDX-License-Identifier: Apache-2.0
package io.lowbit.quant;

import io.lowbit.tensor.DType;

/**
 * Quantization of the key and value cache: asymmetric grids per token and head, cut into groups
 * along the head dimension. Keys are quantized after the rotation. A token is quantized when it is
 * appended, before it is attended to.
 *
 * @param format integers, or 8-bit floats
 * @param keyBits bits of key codes, 16 = as the base type
 * @param valueBits bits of value codes, 16 = as the base type
 * @param groupSize elements per grid, 0 = the head dimension
 * @param window how many of the latest tokens, the current one included, stay unquantized
 * @param keysPerChannel keys have their grids along the tokens, one per channel and block of tokens
 * @param scaleType type of stored scales, F16 or F32; compat stores them in the base type instead
 * @param arithmetic rounding rules
 */
public record CacheScheme(
    Format format,
    int keyBits,
    int valueBits,
    int groupSize,
    int window,
    boolean keysPerChannel,
    DType scaleType,
    Arithmetic arithmetic) {
  /** The kind of numbers in a cache. */
  public enum Format {
    /** Integer grids. */
    INTEGER,
    /** 8-bit floats (E4M3). */
    FP8
  }

  /** Checks the bits. */
  public CacheScheme {
    for (int bits : new int[] {keyBits, valueBits}) {
      if (bits != 16 && (bits < 1 || bits > 8)) {
        throw new IllegalArgumentException(
            "cache codes have 1 to 8 bits, or 16 for none; not " + bits);
      }
    }
    if (format == Format.FP8 && (keyBits != 8 || valueBits != 8)) {
      throw new IllegalArgumentException("an fp8 cache has 8 bits for keys and values");
    }
    if (groupSize < 0 || window < 0) {
      throw new IllegalArgumentException("negative group size or window");
    }
  }

  /** Integer grids per token and head with fp16 scales, nothing left unquantized. */
  public CacheScheme(int keyBits, int valueBits, int groupSize, Arithmetic arithmetic) {
    this(Format.INTEGER, keyBits, valueBits, groupSize, 0, false, DType.F16, arithmetic);
  }

  /**
   * The grid of a head's key.
   *
   * @param base type of everything that is not low-bit; compat computes in it
   * @throws IllegalArgumentException if keys are not quantized, or not in a way this version has
   */
  public IntegerGrid keyGrid(DType base) {
    return grid(keyBits, base);
  }

  /** The grid of a head's value; as {@link #keyGrid}. */
  public IntegerGrid valueGrid(DType base) {
    return grid(valueBits, base);
  }

  private IntegerGrid grid(int bits, DType base) {
    requireSupported();
    return new IntegerGrid(
        bits,
        groupSize,
        IntegerGrid.Symmetry.ASYMMETRIC,
        arithmetic == Arithmetic.COMPAT ? base : scaleType,
        arithmetic);
  }

  /** Checks that this version has such a cache. */
  void requireSupported() {
    String missing =
        format == Format.FP8
            ? "an fp8 cache (kvfp8)"
            : keysPerChannel
                ? "a cache with keys per channel (-kivi)"
                : window > 0 ? "a cache with an unquantized window (r" + window + ")" : "";
    if (!missing.isEmpty()) {
      throw new IllegalArgumentException(
          missing
              + " is not implemented; keys and values can be quantized per token and head:"
              + " kv<bits> or k<bits>v<bits> of 1 to 8 bits (16 = base), with g<group>, -s32");
    }
  }
}
