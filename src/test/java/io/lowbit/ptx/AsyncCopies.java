// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import java.util.Arrays;

/** The cp.async copies of a warp's lanes that have not been waited for, with their groups. */
final class AsyncCopies {
  private final int[] committed = new int[32];
  private int[] lane = new int[64];
  private int[] group = new int[64];
  private int[] offset = new int[64];
  private int[] bytes = new int[64];
  private long[] low = new long[64];
  private long[] high = new long[64];
  private int count;

  void clear() {
    count = 0;
    Arrays.fill(committed, 0);
  }

  void add(int toLane, int toOffset, int size, long first, long second) {
    if (count == lane.length) {
      grow();
    }
    lane[count] = toLane;
    group[count] = committed[toLane];
    offset[count] = toOffset;
    bytes[count] = size;
    low[count] = first;
    high[count] = second;
    count++;
  }

  private void grow() {
    lane = Arrays.copyOf(lane, 2 * count);
    group = Arrays.copyOf(group, 2 * count);
    offset = Arrays.copyOf(offset, 2 * count);
    bytes = Arrays.copyOf(bytes, 2 * count);
    low = Arrays.copyOf(low, 2 * count);
    high = Arrays.copyOf(high, 2 * count);
  }

  void commit(int mask) {
    for (int l = 0; l < 32; l++) {
      committed[l] += mask >>> l & 1;
    }
  }

  /**
   * Completes the copies of the lanes of a mask.
   *
   * @param pending how many of the newest groups may go on; -1 completes also what has not been
   *     committed
   */
  void await(Warp warp, int mask, int pending) {
    int kept = 0;
    for (int i = 0; i < count; i++) {
      boolean done = (mask >>> lane[i] & 1) != 0 && group[i] < (long) committed[lane[i]] - pending;
      if (done) {
        complete(warp, i);
      } else {
        move(i, kept++);
      }
    }
    count = kept;
  }

  private void complete(Warp warp, int i) {
    SharedMemory shared = warp.block.shared;
    shared.endCopy(warp, lane[i], offset[i], bytes[i]);
    Bytes.put(shared.data, offset[i], Math.min(bytes[i], 8), low[i]);
    if (bytes[i] == 16) {
      Bytes.put(shared.data, offset[i] + 8, 8, high[i]);
    }
  }

  private void move(int from, int to) {
    lane[to] = lane[from];
    group[to] = group[from];
    offset[to] = offset[from];
    bytes[to] = bytes[from];
    low[to] = low[from];
    high[to] = high[from];
  }
}
