// SPDX-License-Identifier: Apache-2.0
package io.lowbit.quant;

import io.lowbit.tensor.DType;

/**
 * Quantization of the key and value cache by asymmetric grids. Keys are quantized after the
 * rotation. What a query reads quantized depends on its position alone, so reading a text in one
 * pass and token by token gives the same numbers.
 *
 * <ul>
 *   <li>Grids per token and head, cut into groups along the head dimension: values always, keys
 *       unless {@code keysPerChannel}. Of n tokens, the current one included, the last {@code
 *       window} are read in the base type and the others quantized; without a window all are.
 *   <li>Keys per channel (KIVI, Liu et al. 2024): one grid per channel and block of {@link
 *       #keyBlock} consecutive tokens, blocks starting at multiples of that. Keys are kept in the
 *       base type until {@link #flushedKeys} of them have gathered and are then quantized together:
 *       of n tokens the last {@code n mod flushedKeys} are read in the base type.
 * </ul>
 *
 * @param format integers, or 8-bit floats
 * @param keyBits bits of key codes, 16 = as the base type
 * @param valueBits bits of value codes, 16 = as the base type
 * @param groupSize elements per grid, 0 = the head dimension, and {@link #DEFAULT_KEY_BLOCK} tokens
 *     of keys per channel
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
  /** Tokens that share a grid per channel unless the scheme has a group size. */
  public static final int DEFAULT_KEY_BLOCK = 32;

  /** Blocks of keys must not cross the pages of a cache, which hold so many tokens. */
  private static final int PAGE = 64;

  /** Shorter blocks would spend more on grids than on codes. */
  private static final int SMALLEST_KEY_BLOCK = 16;

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
   * The grid of a head's key, or with keys per channel of a channel's block of tokens.
   *
   * @param base type of everything that is not low-bit; compat computes in it
   * @throws IllegalArgumentException if keys are not quantized, or not in a way this version has
   */
  public IntegerGrid keyGrid(DType base) {
    return grid(keyBits, keysPerChannel ? keyBlock() : groupSize, base);
  }

  /** The grid of a head's value; as {@link #keyGrid}. */
  public IntegerGrid valueGrid(DType base) {
    return grid(valueBits, groupSize, base);
  }

  private IntegerGrid grid(int bits, int group, DType base) {
    requireSupported();
    return new IntegerGrid(
        bits,
        group,
        IntegerGrid.Symmetry.ASYMMETRIC,
        arithmetic == Arithmetic.COMPAT ? base : scaleType,
        arithmetic);
  }

  /** Consecutive tokens whose keys share a grid per channel. */
  public int keyBlock() {
    return groupSize == 0 ? DEFAULT_KEY_BLOCK : groupSize;
  }

  /** Keys per channel that are quantized together: the window in whole blocks, at least one. */
  public int flushedKeys() {
    return Math.ceilDiv(Math.max(window, 1), keyBlock()) * keyBlock();
  }

  /** How many of the first keys a query at a position reads quantized; the others are exact. */
  public int quantizedKeys(int position) {
    if (keyBits == 16) {
      return 0;
    }
    int tokens = position + 1;
    return keysPerChannel ? tokens - tokens % flushedKeys() : beforeWindow(tokens);
  }

  /** How many of the first values a query at a position reads quantized; the others are exact. */
  public int quantizedValues(int position) {
    return valueBits == 16 ? 0 : beforeWindow(position + 1);
  }

  private int beforeWindow(int tokens) {
    return Math.max(0, tokens - window);
  }

  /** Whether some keys are needed in both forms: read exactly first, quantized later. */
  public boolean keepsExactKeys() {
    return keyBits != 16 && (window > 0 || keysPerChannel);
  }

  /** Whether some values are needed in both forms: read exactly first, quantized later. */
  public boolean keepsExactValues() {
    return valueBits != 16 && window > 0;
  }

  /**
   * The first position whose exact form is still needed, to be read or to be quantized, by tokens
   * that come after the first {@code tokens}; what lies before it is needed quantized only.
   */
  public int exactFrom(int tokens) {
    int keys =
        !keepsExactKeys()
            ? tokens
            : keysPerChannel ? tokens - tokens % flushedKeys() : beforeWindow(tokens + 1);
    return Math.min(keys, keepsExactValues() ? beforeWindow(tokens + 1) : tokens);
  }

  /**
   * Checks that this version has such a cache.
   *
   * @throws IllegalArgumentException that names what is not implemented and what is
   */
  public void requireSupported() {
    if (format == Format.FP8) {
      throw new IllegalArgumentException(
          "an fp8 cache (kvfp8) is not implemented; keys and values can be quantized to integers:"
              + " kv<bits> or k<bits>v<bits> of 1 to 8 bits (16 = base), with g<group>, r<window>,"
              + " -kivi, -s32");
    }
    if (keysPerChannel && keyBits != 16 && !blocksFillPages()) {
      throw new IllegalArgumentException(
          ("keys per channel (-kivi) in blocks of %d tokens are not implemented; a block divides"
                  + " the %d tokens of a cache page: g16, g32 (the default) or g64")
              .formatted(keyBlock(), PAGE));
    }
  }

  private boolean blocksFillPages() {
    return keyBlock() >= SMALLEST_KEY_BLOCK && PAGE % keyBlock() == 0;
  }
}
