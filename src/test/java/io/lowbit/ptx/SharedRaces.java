// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import java.util.Arrays;

/**
 * Finds accesses of two threads to the same shared memory, at least one a write, with no barrier or
 * warp synchronisation between them, whatever the order in which warps happened to run. Words are
 * told apart, and bytes of words that were ever accessed in part. Of the readers since the last
 * write one is remembered, and one of another warp.
 */
final class SharedRaces {
  /** A record is {@code clock << 11 | many << 10 | thread}; 0 is none. */
  private static final int CLOCK_SHIFT = 11;

  private static final int MANY = 1 << 10;

  /** Records of one granularity. */
  private static final class Records {
    final int[] writer;
    final int[] firstReader;
    final int[] secondReader;
    final int[] atomic;

    Records(int count) {
      writer = new int[count];
      firstReader = new int[count];
      secondReader = new int[count];
      atomic = new int[count];
    }

    void clear() {
      Arrays.fill(writer, 0);
      Arrays.fill(firstReader, 0);
      Arrays.fill(secondReader, 0);
      Arrays.fill(atomic, 0);
    }

    void copy(Records to, int from, int index) {
      to.writer[index] = writer[from];
      to.firstReader[index] = firstReader[from];
      to.secondReader[index] = secondReader[from];
      to.atomic[index] = atomic[from];
    }
  }

  private final Records words;
  private final boolean[] split;
  private Records bytes;
  private boolean used;

  SharedRaces(int size) {
    words = new Records((size + 3) / 4);
    split = new boolean[(size + 3) / 4];
  }

  void clear() {
    if (used) {
      words.clear();
      Arrays.fill(split, false);
      used = false;
    }
  }

  /**
   * Checks and remembers an access.
   *
   * @return whether the place was written by another lane of the same warp since it last
   *     synchronised; harmless if the value is the same
   */
  boolean access(Warp warp, int lane, int offset, int size, AccessKind kind) {
    used = true;
    boolean again = false;
    int record = warp.clock << CLOCK_SHIFT | (32 * warp.number + lane);
    int end = offset + size;
    for (int word = offset >> 2; word <= (end - 1) >> 2; word++) {
      boolean whole = offset <= 4 * word && end >= 4 * word + 4;
      if (!whole && !split[word]) {
        split(word);
      }
      if (!split[word]) {
        again |= one(warp, lane, words, word, record, kind, 4 * word);
      } else {
        int last = Math.min(end, 4 * word + 4);
        for (int at = Math.max(offset, 4 * word); at < last; at++) {
          again |= one(warp, lane, bytes, at, record, kind, at);
        }
      }
    }
    return again;
  }

  private void split(int word) {
    if (bytes == null) {
      bytes = new Records(4 * split.length);
    }
    split[word] = true;
    for (int i = 0; i < 4; i++) {
      words.copy(bytes, word, 4 * word + i);
    }
  }

  private static boolean one(
      Warp warp, int lane, Records at, int i, int record, AccessKind kind, int address) {
    boolean again = false;
    int writer = at.writer[i];
    if (writer != 0 && unordered(warp, writer, record)) {
      again = kind == AccessKind.WRITE && sameWarpAndTime(writer, record);
      if (!again) {
        throw race(warp, lane, address, kind.writes() ? "written" : "read", writer, "wrote");
      }
    }
    if (!kind.strong() && at.atomic[i] != 0 && unordered(warp, at.atomic[i], record)) {
      throw race(warp, lane, address, "touched", at.atomic[i], "atomically changed");
    }
    if (kind == AccessKind.WRITE) {
      checkReader(warp, lane, at.firstReader[i], record, address);
      checkReader(warp, lane, at.secondReader[i], record, address);
      at.writer[i] = record;
    } else if (kind.strong()) {
      if (kind.writes()) {
        checkReader(warp, lane, at.firstReader[i], record, address);
        checkReader(warp, lane, at.secondReader[i], record, address);
      }
      at.atomic[i] = record;
    } else {
      remember(warp, at, i, record);
    }
    return again;
  }

  private static void checkReader(Warp warp, int lane, int reader, int record, int address) {
    if (reader != 0 && unordered(warp, reader, record)) {
      throw race(warp, lane, address, "written", reader, "read");
    }
  }

  private static void remember(Warp warp, Records at, int i, int record) {
    int first = at.firstReader[i];
    if (first == 0 || !unordered(warp, first, record)) {
      at.firstReader[i] = record;
    } else if (sameWarpAndTime(first, record)) {
      at.firstReader[i] = first | MANY;
    } else {
      int second = at.secondReader[i];
      boolean same = second != 0 && sameWarpAndTime(second, record);
      at.secondReader[i] = same && thread(second) != thread(record) ? second | MANY : record;
    }
  }

  /** Whether an earlier access of another thread may happen after this one. */
  private static boolean unordered(Warp warp, int earlier, int record) {
    if (thread(earlier) == thread(record) && (earlier & MANY) == 0) {
      return false;
    }
    return earlier >>> CLOCK_SHIFT >= warp.seen[thread(earlier) >> 5];
  }

  private static boolean sameWarpAndTime(int one, int other) {
    return thread(one) >> 5 == thread(other) >> 5 && one >>> CLOCK_SHIFT == other >>> CLOCK_SHIFT;
  }

  private static int thread(int record) {
    return record & (MANY - 1);
  }

  private static PtxFault race(
      Warp warp, int lane, int address, String mine, int other, String theirs) {
    return warp.fault(
        FaultKind.SHARED_RACE,
        lane,
        address,
        "shared byte %,d is %s, and thread %d %s it with no barrier in between"
            .formatted(address, mine, thread(other), theirs));
  }
}
