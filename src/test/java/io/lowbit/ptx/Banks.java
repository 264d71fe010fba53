// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import java.util.Arrays;

/**
 * Passes through shared memory: 32 banks of 4 bytes. Accesses of 8 and 16 bytes go in 2 and 4
 * phases of 16 and 8 lanes; lanes that touch the same word share it.
 */
final class Banks {
  private final int[] count = new int[32];
  private final long[] words = new long[32 * 32];
  private int phases;
  private int conflicts;

  void count(long[] address, int mask, int bytes) {
    phases = 0;
    conflicts = 0;
    int lanes = bytes <= 4 ? 32 : 128 / bytes;
    for (int first = 0; first < 32; first += lanes) {
      int part = lanes == 32 ? mask : mask & (((1 << lanes) - 1) << first);
      if (part != 0) {
        phases++;
        conflicts += worstBank(address, part, bytes) - 1;
      }
    }
  }

  private int worstBank(long[] address, int mask, int bytes) {
    Arrays.fill(count, 0);
    int worst = 1;
    for (int rest = mask; rest != 0; rest &= rest - 1) {
      long at = address[Integer.numberOfTrailingZeros(rest)];
      for (long word = at >> 2; word <= (at + bytes - 1) >> 2; word++) {
        worst = Math.max(worst, add(word));
      }
    }
    return worst;
  }

  private int add(long word) {
    int bank = (int) (word & 31);
    int known = count[bank];
    for (int i = 0; i < known; i++) {
      if (words[32 * bank + i] == word) {
        return known;
      }
    }
    words[32 * bank + known] = word;
    count[bank] = known + 1;
    return known + 1;
  }

  int phases() {
    return phases;
  }

  int conflicts() {
    return conflicts;
  }
}
