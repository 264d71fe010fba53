// SPDX-License-Identifier: Apache-2.0
package io.lowbit.quant;

import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * Block formats of GGUF files that hold packed weights. A block is a run of consecutive weights of
 * one row with its own scales; fields are little-endian. The layouts are drawn beside their
 * decoders.
 */
public enum GgufType {
  Q4_0(2, 32, 18, GgufPlainBlocks::q4_0),
  Q4_1(3, 32, 20, GgufPlainBlocks::q4_1),
  Q5_0(6, 32, 22, GgufPlainBlocks::q5_0),
  Q5_1(7, 32, 24, GgufPlainBlocks::q5_1),
  Q8_0(8, 32, 34, GgufPlainBlocks::q8_0),
  Q2_K(10, 256, 84, GgufSuperBlocks::q2k),
  Q3_K(11, 256, 110, GgufSuperBlocks::q3k),
  Q4_K(12, 256, 144, GgufSuperBlocks::q4k),
  Q5_K(13, 256, 176, GgufSuperBlocks::q5k),
  Q6_K(14, 256, 210, GgufSuperBlocks::q6k),
  IQ4_NL(20, 32, 18, GgufCodeBookBlocks::iq4nl),
  IQ4_XS(23, 256, 136, GgufCodeBookBlocks::iq4xs),
  TQ1_0(34, 256, 54, GgufTernaryBlocks::tq1_0),
  TQ2_0(35, 256, 66, GgufTernaryBlocks::tq2_0),
  MXFP4(39, 32, 17, GgufCodeBookBlocks::mxfp4),
  NVFP4(40, 64, 36, GgufCodeBookBlocks::nvfp4),
  Q1_0(41, 128, 18, GgufTernaryBlocks::q1_0);

  /** Decodes {@code blocks} consecutive whole blocks that start at byte {@code at}. */
  interface Decoder {
    void decode(MemorySegment data, long at, int blocks, float[] into, int offset);
  }

  private static final GgufType[] TYPES = values();

  private final int id;
  private final int blockSize;
  private final int blockBytes;

  // A reference to a static method: it has no state, which the check cannot see.
  @SuppressWarnings("ImmutableEnumChecker")
  private final Decoder decoder;

  GgufType(int id, int blockSize, int blockBytes, Decoder decoder) {
    this.id = id;
    this.blockSize = blockSize;
    this.blockBytes = blockBytes;
    this.decoder = decoder;
  }

  /** The format with that number in a file's tensor infos. */
  public static Optional<GgufType> ofId(long id) {
    for (GgufType type : TYPES) {
      if (type.id == id) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }

  /** The format's number in a file's tensor infos. */
  public int id() {
    return id;
  }

  /** Weights per block. */
  public int blockSize() {
    return blockSize;
  }

  /** Bytes per block. */
  public int blockBytes() {
    return blockBytes;
  }

  /**
   * Values of {@code count} weights of the row that starts at byte {@code rowOffset}, from weight
   * {@code column} on. Bit-exact to the reference dequantization of the format.
   *
   * <p>Whole blocks are decoded in place. A first or last block that the range cuts goes through a
   * scratch block, so ranges that start and end at a multiple of {@link #blockSize()} allocate
   * nothing.
   */
  public void dequantize(
      MemorySegment data, long rowOffset, int column, int count, float[] into, int offset) {
    int done = 0;
    while (done < count) {
      int first = (column + done) % blockSize;
      long at = rowOffset + (long) ((column + done) / blockSize) * blockBytes;
      int left = count - done;
      if (first == 0 && left >= blockSize) {
        int blocks = left / blockSize;
        decoder.decode(data, at, blocks, into, offset + done);
        done += blocks * blockSize;
      } else {
        int part = Math.min(left, blockSize - first);
        float[] block = new float[blockSize];
        decoder.decode(data, at, 1, block, 0);
        System.arraycopy(block, first, into, offset + done, part);
        done += part;
      }
    }
  }
}
