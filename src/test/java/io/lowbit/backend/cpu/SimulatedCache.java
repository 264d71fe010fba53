// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import io.lowbit.quant.CacheScheme;
import io.lowbit.tensor.DType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * What a decoder that reads one token at a time keeps of its keys or values, done literally: tokens
 * wait in a buffer in the base type and leave it quantized. Shares no code with the back-end.
 */
final class SimulatedCache {
  private final int dim;
  private final int width;
  private final int bits;
  private final DType scales;
  private final int group;
  private final Deque<Integer> buffer = new ArrayDeque<>();
  private final float[] stored;
  private int tokens;

  private SimulatedCache(int tokens, int dim, int width, int bits, CacheScheme scheme) {
    this.dim = dim;
    this.width = width;
    this.bits = bits;
    this.scales = scheme.scaleType();
    this.group = scheme.groupSize();
    this.stored = new float[tokens * width];
  }

  /**
   * The keys that each position reads.
   *
   * @param x {@code [tokens, width]}, heads of {@code dim} values side by side
   */
  static List<float[]> keys(float[] x, int dim, int width, CacheScheme scheme) {
    SimulatedCache cache =
        new SimulatedCache(x.length / width, dim, width, scheme.keyBits(), scheme);
    return scheme.keysPerChannel()
        ? cache.readPerChannel(x, scheme.window())
        : cache.readPerToken(x, scheme.window());
  }

  /** As {@link #keys}. */
  static List<float[]> values(float[] x, int dim, int width, CacheScheme scheme) {
    return new SimulatedCache(x.length / width, dim, width, scheme.valueBits(), scheme)
        .readPerToken(x, scheme.window());
  }

  /** The oldest token leaves a full buffer. */
  private List<float[]> readPerToken(float[] x, int window) {
    List<float[]> read = new ArrayList<>();
    int size = group == 0 ? dim : group;
    while (tokens < x.length / width) {
      append(x);
      while (buffer.size() > window) {
        int token = buffer.remove();
        for (int at = 0; at < width; at += size) {
          quantize(token * width + at, 1, size);
        }
      }
      read.add(Arrays.copyOf(stored, tokens * width));
    }
    return read;
  }

  /** A full buffer is emptied at once, in blocks of tokens. */
  private List<float[]> readPerChannel(float[] x, int window) {
    List<float[]> read = new ArrayList<>();
    int block = group == 0 ? 32 : group;
    int capacity = block;
    while (capacity < window) {
      capacity += block;
    }
    while (tokens < x.length / width) {
      append(x);
      if (buffer.size() == capacity) {
        while (!buffer.isEmpty()) {
          int first = buffer.peek();
          for (int channel = 0; channel < width; channel++) {
            quantize(first * width + channel, width, block);
          }
          for (int i = 0; i < block; i++) {
            buffer.remove();
          }
        }
      }
      read.add(Arrays.copyOf(stored, tokens * width));
    }
    return read;
  }

  private void append(float[] x) {
    System.arraycopy(x, tokens * width, stored, tokens * width, width);
    buffer.add(tokens++);
  }

  private void quantize(int from, int step, int count) {
    if (bits == 16) {
      return;
    }
    float low = 0;
    float high = 0;
    for (int i = 0; i < count; i++) {
      low = Math.min(low, stored[from + i * step]);
      high = Math.max(high, stored[from + i * step]);
    }
    int last = (1 << bits) - 1;
    float scale = (high - low) / last;
    if (scales == DType.F16) {
      scale = Float.float16ToFloat(Float.floatToFloat16(scale));
    }
    double zero = Math.clamp(Math.rint(-low / scale), 0, last);
    for (int i = 0; i < count; i++) {
      int at = from + i * step;
      double code = Math.clamp(Math.rint(stored[at] / scale) + zero, 0, last);
      stored[at] = (float) (code - zero) * scale;
    }
  }
}
