// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import static jdk.incubator.vector.VectorOperators.AND;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/** Turns the interleaved bit strings of a {@link CodePlane} into fp32 values. */
final class CodeKernel {
  private static final int WIDTH = Lanes.WIDTH;

  private CodeKernel() {}

  /**
   * Values of {@code count} consecutive codes of each lane in one group.
   *
   * @param words {@code [words][WIDTH]} bit strings from {@code wordsAt} on
   * @param firstBit where the first code starts in each string
   * @param group place of the group in {@code grid}
   * @param into {@code [count][WIDTH]} from {@code at} on
   */
  static void dequantize(
      int[] words,
      int wordsAt,
      int firstBit,
      int bits,
      int count,
      GroupGrid grid,
      int group,
      float[] into,
      int at) {
    for (int lane = 0; lane < WIDTH; lane += Lanes.COUNT) {
      int p = group * WIDTH + lane;
      FloatVector zero = FloatVector.fromArray(Lanes.FLOATS, grid.zero, p);
      FloatVector scale = FloatVector.fromArray(Lanes.FLOATS, grid.scale, p);
      FloatVector minimum = FloatVector.fromArray(Lanes.FLOATS, grid.minimum, p);
      for (int k = 0; k < count; k++) {
        codes(words, wordsAt + lane, firstBit + k * bits, bits)
            .sub(zero)
            .fma(scale, minimum)
            .intoArray(into, at + k * WIDTH + lane);
      }
    }
  }

  /**
   * Adds the products of {@code count} values of a row with the dequantized values of one group to
   * 32 sums: what {@link #dequantize} and {@link MicroKernel#oneRow} do, without the way through
   * memory.
   *
   * @param x the row's values from {@code xAt} on
   */
  static void multiply(
      int[] words,
      int firstBit,
      int bits,
      int count,
      GroupGrid grid,
      int group,
      float[] x,
      int xAt,
      float[] sums) {
    for (int lane = 0; lane < WIDTH; lane += 2 * Lanes.COUNT) {
      int p = group * WIDTH + lane;
      int q = p + Lanes.COUNT;
      FloatVector zero0 = FloatVector.fromArray(Lanes.FLOATS, grid.zero, p);
      FloatVector scale0 = FloatVector.fromArray(Lanes.FLOATS, grid.scale, p);
      FloatVector minimum0 = FloatVector.fromArray(Lanes.FLOATS, grid.minimum, p);
      FloatVector sum0 = FloatVector.fromArray(Lanes.FLOATS, sums, lane);
      FloatVector zero1 = FloatVector.fromArray(Lanes.FLOATS, grid.zero, q);
      FloatVector scale1 = FloatVector.fromArray(Lanes.FLOATS, grid.scale, q);
      FloatVector minimum1 = FloatVector.fromArray(Lanes.FLOATS, grid.minimum, q);
      FloatVector sum1 = FloatVector.fromArray(Lanes.FLOATS, sums, lane + Lanes.COUNT);
      for (int k = 0; k < count; k++) {
        FloatVector factor = FloatVector.broadcast(Lanes.FLOATS, x[xAt + k]);
        int bit = firstBit + k * bits;
        FloatVector code0 = codes(words, lane, bit, bits);
        sum0 = factor.fma(code0.sub(zero0).fma(scale0, minimum0), sum0);
        FloatVector code1 = codes(words, lane + Lanes.COUNT, bit, bits);
        sum1 = factor.fma(code1.sub(zero1).fma(scale1, minimum1), sum1);
      }
      sum0.intoArray(sums, lane);
      sum1.intoArray(sums, lane + Lanes.COUNT);
    }
  }

  /** Like {@link #dequantize} with the scale 1 and no minimum: code - zero. */
  static void integers(
      int[] words,
      int firstBit,
      int bits,
      int count,
      GroupGrid grid,
      int group,
      float[] into,
      int at) {
    for (int lane = 0; lane < WIDTH; lane += Lanes.COUNT) {
      FloatVector zero = FloatVector.fromArray(Lanes.FLOATS, grid.zero, group * WIDTH + lane);
      for (int k = 0; k < count; k++) {
        codes(words, lane, firstBit + k * bits, bits)
            .sub(zero)
            .intoArray(into, at + k * WIDTH + lane);
      }
    }
  }

  /** {@code count} codes of each lane as they are, {@code [count][WIDTH]}. */
  static void unpack(int[] words, int firstBit, int bits, int count, float[] into) {
    for (int lane = 0; lane < WIDTH; lane += Lanes.COUNT) {
      for (int k = 0; k < count; k++) {
        codes(words, lane, firstBit + k * bits, bits).intoArray(into, k * WIDTH + lane);
      }
    }
  }

  /** The codes that start at {@code bit} of each lane's string. */
  private static FloatVector codes(int[] words, int at, int bit, int bits) {
    int word = at + (bit >>> 5) * WIDTH;
    int shift = bit & 31;
    IntVector low = IntVector.fromArray(Lanes.INTS, words, word).lanewise(LSHR, shift);
    if (shift + bits > 32) {
      IntVector high = IntVector.fromArray(Lanes.INTS, words, word + WIDTH);
      low = low.or(high.lanewise(LSHL, 32 - shift));
    }
    return (FloatVector) low.lanewise(AND, (1 << bits) - 1).convert(I2F, 0);
  }

  /** Stores one code of one lane. */
  static void setCode(int[] words, int at, int lane, int bit, int bits, int code) {
    int word = at + (bit >>> 5) * WIDTH + lane;
    int shift = bit & 31;
    int mask = (1 << bits) - 1;
    words[word] = (words[word] & ~(mask << shift)) | (code << shift);
    if (shift + bits > 32) {
      int carried = 32 - shift;
      words[word + WIDTH] = (words[word + WIDTH] & ~(mask >>> carried)) | (code >>> carried);
    }
  }
}
