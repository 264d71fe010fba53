// SPDX-License-Identifier: Apache-2.0
package io.lowbit.world;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Random choices that are the same on every Java version: the generator SplitMix64 (Steele, Lea and
 * Flood 2014, "Fast splittable pseudorandom number generators"), and bounds by Lemire's
 * multiply-and-shift without rejection (bias below 2⁻³² here, where bounds are small).
 */
final class Draw {
  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

  private long state;

  Draw(long seed) {
    this.state = seed;
  }

  /** A stream of its own for each name under one seed. */
  static Draw of(long seed, String name) {
    return new Draw(seed ^ hash(name));
  }

  /** 64-bit FNV-1a over UTF-8, mixed once more so that all bits depend on all bytes. */
  static long hash(String text) {
    long hash = 0xCBF29CE484222325L;
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xFF)) * 0x100000001B3L;
    }
    return mix(hash);
  }

  private static long mix(long value) {
    long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  private long next() {
    state += GOLDEN_GAMMA;
    return mix(state);
  }

  /** An integer from 0 to {@code bound − 1}. */
  int below(int bound) {
    return (int) (((next() >>> 32) * bound) >>> 32);
  }

  /** An integer from {@code first} to {@code last}, both included. */
  int between(int first, int last) {
    return first + below(last - first + 1);
  }

  /** True with a probability of {@code percent} per cent. */
  boolean chance(int percent) {
    return below(100) < percent;
  }

  /** One of the values. */
  <T> T from(List<T> values) {
    return values.get(below(values.size()));
  }

  /** So many different values, in random order. */
  <T> List<T> from(List<T> values, int count) {
    return shuffled(values).subList(0, count);
  }

  /** All values in random order (Fisher and Yates). */
  <T> List<T> shuffled(List<T> values) {
    List<T> order = new ArrayList<>(values);
    for (int i = order.size() - 1; i > 0; i--) {
      int j = below(i + 1);
      T kept = order.get(i);
      order.set(i, order.get(j));
      order.set(j, kept);
    }
    return order;
  }
}
