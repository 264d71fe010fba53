// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import io.lowbit.backend.CacheLayout;
import io.lowbit.quant.Arithmetic;
import io.lowbit.quant.CacheScheme;
import io.lowbit.quant.IntegerGrid;
import io.lowbit.tensor.DType;
import java.nio.ByteBuffer;

/**
 * How the keys or the values of a cache are kept: exactly (in the base type), packed (as codes), or
 * in both forms, and where a page of {@link #PAGE} tokens has which bytes. In one layer an exact
 * page holds {@code [keyHeads][64][headDim]} numbers; a packed one holds codes {@code
 * [keyHeads][64][headDim * storedBits / 8]}, the lower nibble first, then pairs {scale, zero} of
 * fp16 or fp32: {@code [keyHeads][64][headDim / group]}, or per channel {@code [keyHeads][64 /
 * blockTokens][headDim]}. Values end with one byte per head and token in either form: 1 where the
 * token holds anything that is not finite, and zeros are stored instead.
 *
 * @param keys keys, or values
 * @param keyHeads heads
 * @param headDim values per head, a multiple of 8 up to 256
 * @param bits of a code; 16 = exact only
 * @param group values of a head that share a pair, a multiple of 8; 0 = per channel, or exact only
 * @param blockTokens per channel: tokens that share a pair, 16, 32 or 64; else 0
 * @param window the latest positions that are read exactly; {@link #ALL} if there are no codes
 * @param flushTokens per channel: positions are packed in whole blocks of so many; else 0
 * @param wide whether pairs are fp32
 */
public record CacheSide(
    boolean keys,
    int keyHeads,
    int headDim,
    int bits,
    int group,
    int blockTokens,
    int window,
    int flushTokens,
    boolean wide) {
  /** Tokens of a page. */
  public static final int PAGE = 64;

  /** A window longer than any context. */
  public static final int ALL = 1 << 30;

  /** Most values of a head. */
  public static final int LARGEST_HEAD = 256;

  private static final int UNQUANTIZED = 16;
  private static final int UNIT = 8;

  /**
   * The keys or the values of a layout.
   *
   * @throws IllegalArgumentException if the kernels have no such cache
   */
  public static CacheSide of(CacheLayout layout, boolean keys) {
    int dim = layout.headDim();
    if (dim < UNIT || dim > LARGEST_HEAD || dim % UNIT != 0) {
      throw new IllegalArgumentException(
          ("heads of %d values do not fit the attention kernels, which take multiples of %d up to"
                  + " %d; use --backend cpu")
              .formatted(dim, UNIT, LARGEST_HEAD));
    }
    CacheScheme scheme = layout.scheme().orElse(null);
    int bits = scheme == null ? UNQUANTIZED : keys ? scheme.keyBits() : scheme.valueBits();
    if (bits == UNQUANTIZED) {
      return new CacheSide(keys, layout.keyHeads(), dim, bits, 0, 0, ALL, 0, false);
    }
    requireSupported(scheme);
    boolean wide = scheme.scaleType() == DType.F32;
    if (keys && scheme.keysPerChannel()) {
      int block = scheme.keyBlock();
      return new CacheSide(
          keys, layout.keyHeads(), dim, bits, 0, block, 0, scheme.flushedKeys(), wide);
    }
    int group = scheme.groupSize() == 0 ? dim : scheme.groupSize();
    if (group % UNIT != 0 || dim % group != 0) {
      throw new IllegalArgumentException(
          ("heads of %d values cannot be quantized in groups of %d on the GPU; take a multiple of"
                  + " %d that divides the head dimension, or 0 for one group per head")
              .formatted(dim, group, UNIT));
    }
    return new CacheSide(keys, layout.keyHeads(), dim, bits, group, 0, scheme.window(), 0, wide);
  }

  private static void requireSupported(CacheScheme scheme) {
    scheme.requireSupported();
    if (scheme.arithmetic() == Arithmetic.COMPAT) {
      throw new IllegalArgumentException(
          "a cache in compat arithmetic is not implemented on the GPU; use --backend cpu");
    }
  }

  /** The grid that codes follow; a group is what shares a pair. */
  public IntegerGrid grid() {
    return new IntegerGrid(
        bits,
        perChannel() ? blockTokens : group,
        IntegerGrid.Symmetry.ASYMMETRIC,
        wide ? DType.F32 : DType.F16,
        Arithmetic.EXACT);
  }

  /** Whether there are codes. */
  public boolean packed() {
    return bits != UNQUANTIZED;
  }

  /** Whether some positions are read exactly. */
  public boolean exact() {
    return window > 0 || flushTokens > 0;
  }

  /** Whether grids run along tokens. */
  public boolean perChannel() {
    return blockTokens > 0;
  }

  /** First position that a query reads exactly; one beyond the query if there is none. */
  public int exactFrom(int position) {
    int tokens = position + 1;
    return flushTokens > 0 ? tokens - tokens % flushTokens : Math.max(0, tokens - window);
  }

  /** First position whose exact form is still needed when tokens from a position on come. */
  int keepFrom(int position) {
    return perChannel()
        ? Math.min(exactFrom(position), position / blockTokens * blockTokens)
        : exactFrom(position);
  }

  /** Bits of a code as stored; 0 = there are none. */
  public int storedBits() {
    return packed() ? bits <= 4 ? 4 : 8 : 0;
  }

  /** Bytes of a pair. */
  public int pairBytes() {
    return wide ? 8 : 4;
  }

  /** Pairs of one head in a page. */
  public int pairsPerHead() {
    return perChannel() ? PAGE / blockTokens * headDim : PAGE * (headDim / group);
  }

  private long flagBytes() {
    return keys ? 0 : (long) keyHeads * PAGE;
  }

  /** Bytes of one layer of an exact page before its flags. */
  public long exactValueBytes() {
    return 2L * keyHeads * PAGE * headDim;
  }

  /** Bytes of one layer of an exact page. */
  public long exactBytes() {
    return exactValueBytes() + flagBytes();
  }

  /** Bytes of one layer's codes. */
  public long codeBytes() {
    return (long) keyHeads * PAGE * headDim * storedBits() / 8;
  }

  /** Bytes of one layer's pairs. */
  public long gridBytes() {
    return (long) keyHeads * pairsPerHead() * pairBytes();
  }

  /** Bytes of one layer of a packed page. */
  public long packedBytes() {
    return codeBytes() + gridBytes() + flagBytes();
  }

  /** Appends the kernels' {@code Side} of one layer. */
  void write(ByteBuffer struct, int layer) {
    long exactStart = layer * exactBytes();
    long packedStart = packed() ? layer * packedBytes() : 0;
    struct
        .putLong(exactStart)
        .putLong(exactStart + exactValueBytes())
        .putLong(packedStart)
        .putLong(packed() ? packedStart + codeBytes() : 0)
        .putLong(packed() ? packedStart + codeBytes() + gridBytes() : 0)
        .putInt(window)
        .putInt(flushTokens)
        .putInt(storedBits())
        .putInt(wide ? 1 : 0)
        .putInt(group)
        .putInt(blockTokens);
  }
}
