// SPDX-License-Identifier: Apache-2.0
package io.lowbit.task;

import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The generator behind Python's {@code random.Random(seed)}: MT19937 (Matsumoto and Nishimura 1998)
 * and the draws CPython makes from it. lm-evaluation-harness picks few-shot examples and bootstrap
 * replicates with it, so scores can only agree if these streams do. Not thread-safe.
 */
public final class PythonRandom {
  private static final int N = 624;
  private static final int M = 397;

  private final int[] state = new int[N];
  private int index = N;

  /** The state of {@code random.Random(seed)} for an integer seed. */
  public PythonRandom(long seed) {
    long absolute = Math.abs(seed);
    int low = (int) absolute;
    int high = (int) (absolute >>> 32);
    initialize(high == 0 ? new int[] {low} : new int[] {low, high});
  }

  /** {@code init_by_array} of the reference implementation. */
  private void initialize(int[] key) {
    state[0] = 19650218;
    for (int i = 1; i < N; i++) {
      state[i] = 1812433253 * (state[i - 1] ^ (state[i - 1] >>> 30)) + i;
    }
    int i = 1;
    int j = 0;
    for (int k = Math.max(N, key.length); k > 0; k--) {
      state[i] = (state[i] ^ ((state[i - 1] ^ (state[i - 1] >>> 30)) * 1664525)) + key[j] + j;
      j = (j + 1) % key.length;
      i = next(i);
    }
    for (int k = N - 1; k > 0; k--) {
      state[i] = (state[i] ^ ((state[i - 1] ^ (state[i - 1] >>> 30)) * 1566083941)) - i;
      i = next(i);
    }
    state[0] = 0x80000000;
  }

  /** The following index of 1 … N - 1, state 0 taking over the last word at the end of a round. */
  private int next(int i) {
    if (i + 1 < N) {
      return i + 1;
    }
    state[0] = state[N - 1];
    return 1;
  }

  private int nextWord() {
    if (index == N) {
      for (int k = 0; k < N; k++) {
        int y = (state[k] & 0x80000000) | (state[(k + 1) % N] & 0x7fffffff);
        state[k] = state[(k + M) % N] ^ (y >>> 1) ^ ((y & 1) * 0x9908b0df);
      }
      index = 0;
    }
    int y = state[index++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return y ^ (y >>> 18);
  }

  /** {@code getrandbits(bits)} for 1 to 32 bits: the top bits of one output. */
  public long getRandBits(int bits) {
    if (bits < 1 || bits > 32) {
      throw new IllegalArgumentException("1 to 32 bits can be drawn at once, not " + bits);
    }
    return Integer.toUnsignedLong(nextWord()) >>> (32 - bits);
  }

  /** {@code random()}: 53 bits in [0, 1). */
  public double random() {
    long a = Integer.toUnsignedLong(nextWord()) >>> 5;
    long b = Integer.toUnsignedLong(nextWord()) >>> 6;
    return (a * 67108864.0 + b) / 9007199254740992.0;
  }

  /** {@code randrange(bound)}: uniform below a positive bound, by rejection. */
  public int below(int bound) {
    if (bound < 1) {
      throw new IllegalArgumentException("cannot draw a number below " + bound);
    }
    int bits = Integer.SIZE - Integer.numberOfLeadingZeros(bound);
    long drawn = getRandBits(bits);
    while (drawn >= bound) {
      drawn = getRandBits(bits);
    }
    return (int) drawn;
  }

  /**
   * {@code sample(range(population), count)}: distinct indices in the order drawn.
   *
   * @throws IllegalArgumentException if there are fewer than {@code count}
   */
  public int[] sample(int population, int count) {
    if (count < 0 || count > population) {
      throw new IllegalArgumentException(
          "cannot draw " + count + " different examples out of " + population);
    }
    int[] drawn = new int[count];
    if (population <= setSize(count)) {
      int[] pool = new int[population];
      Arrays.setAll(pool, i -> i);
      for (int i = 0; i < count; i++) {
        int j = below(population - i);
        drawn[i] = pool[j];
        pool[j] = pool[population - i - 1];
      }
      return drawn;
    }
    Set<Integer> seen = new HashSet<>();
    for (int i = 0; i < count; i++) {
      do {
        drawn[i] = below(population);
      } while (!seen.add(drawn[i]));
    }
    return drawn;
  }

  /** CPython's estimate of the population above which a set beats a copy of the pool. */
  private static int setSize(int count) {
    int size = 21;
    if (count > 5) {
      size += 1 << (2 * (int) Math.ceil(Math.log(count * 3.0) / Math.log(4)));
    }
    return size;
  }

  /** {@code choices(range(population), k = count)}: with replacement. */
  public int[] choices(int population, int count) {
    int[] drawn = new int[count];
    for (int i = 0; i < count; i++) {
      drawn[i] = (int) (random() * population);
    }
    return drawn;
  }

  /** {@code shuffle(values)}, in place. */
  public void shuffle(List<?> values) {
    for (int i = values.size() - 1; i > 0; i--) {
      Collections.swap(values, i, below(i + 1));
    }
  }
}
