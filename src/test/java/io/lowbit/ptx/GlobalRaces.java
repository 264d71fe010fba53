// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Finds accesses of two blocks to one word, at least one of them a plain write, that nothing
 * orders. A block counts as one agent. Its fences divide it into epochs; a strong access publishes
 * the epochs before the last fence and learns what others published there (vector clocks, after
 * Flanagan and Freund 2009). Two readers of a word are remembered with the bytes they read, and
 * writers of disjoint bytes of a word are not told apart any further, so a race may be missed but
 * none is invented.
 */
final class GlobalRaces {
  private final GlobalMemory memory;
  private final int blocks;
  private final int base;
  private int[] blockOf;
  private int[] epochOf;
  private int stamps;
  private final int[] stamp;
  private final int[] epoch;
  private final int[][] clocks;
  private final Map<Long, int[]> published = new HashMap<>();

  GlobalRaces(GlobalMemory memory, int blocks) {
    this.memory = memory;
    this.blocks = blocks;
    base = memory.nextStamp();
    blockOf = new int[blocks + 16];
    epochOf = new int[blocks + 16];
    stamp = new int[blocks];
    epoch = new int[blocks];
    clocks = new int[blocks][];
    for (int i = 0; i < blocks; i++) {
      blockOf[i] = i;
      stamp[i] = base + i;
    }
    stamps = blocks;
    memory.useStamps(base + stamps);
  }

  /** Checks and remembers the access of a lane. */
  void access(Warp warp, int lane, Allocation at, int offset, int bytes, AccessKind kind) {
    int me = warp.block.linear;
    prepare(at, kind);
    for (int word = offset >> 2; word <= (offset + bytes - 1) >> 2; word++) {
      int low = Math.max(offset - 4 * word, 0);
      int high = Math.min(offset + bytes - 4 * word, 4);
      int touched = (1 << high) - (1 << low);
      checkWriter(warp, lane, at, word, touched, kind, me);
      if (kind.writes()) {
        checkReaders(warp, lane, at, word, touched, me);
      }
      if (kind == AccessKind.WRITE) {
        boolean mine = at.writer[word] >= base && blockOf[at.writer[word] - base] == me;
        at.writtenBytes[word] = (byte) (mine ? at.writtenBytes[word] | touched : touched);
        at.writer[word] = stamp[me];
      } else if (kind.strong()) {
        at.strong[word] = stamp[me];
      } else {
        remember(at, word, touched, me);
      }
    }
    if (kind.strong()) {
      meet(me, at.base + offset);
    }
  }

  private static void prepare(Allocation at, AccessKind kind) {
    boolean lacking =
        at.firstReader == null
            || (kind == AccessKind.WRITE && at.writer == null)
            || (kind.strong() && at.strong == null);
    if (lacking) {
      addRecords(at, kind);
    }
  }

  private static synchronized void addRecords(Allocation at, AccessKind kind) {
    if (at.firstReader == null) {
      at.firstBytes = new byte[at.words()];
      at.secondBytes = new byte[at.words()];
      at.secondReader = new int[at.words()];
      at.firstReader = new int[at.words()];
    }
    if (kind == AccessKind.WRITE && at.writer == null) {
      at.writtenBytes = new byte[at.words()];
      at.writer = new int[at.words()];
    }
    if (kind.strong() && at.strong == null) {
      at.strong = new int[at.words()];
    }
  }

  private void checkWriter(
      Warp warp, int lane, Allocation at, int word, int touched, AccessKind kind, int me) {
    if (at.writer != null && (at.writtenBytes[word] & touched) != 0) {
      int writer = at.writer[word];
      if (kind == AccessKind.READ_CONSTANT && writer >= base) {
        throw race(warp, lane, at, word, "read through ld.global.nc", writer, "wrote");
      }
      if (!ordered(writer, me)) {
        throw race(warp, lane, at, word, kind.writes() ? "written" : "read", writer, "wrote");
      }
    }
    if (!kind.strong() && at.strong != null && !ordered(at.strong[word], me)) {
      throw race(
          warp,
          lane,
          at,
          word,
          kind.writes() ? "written" : "read",
          at.strong[word],
          "atomically accessed");
    }
  }

  private void checkReaders(Warp warp, int lane, Allocation at, int word, int touched, int me) {
    checkReader(warp, lane, at, word, at.firstReader[word], at.firstBytes[word] & touched, me);
    checkReader(warp, lane, at, word, at.secondReader[word], at.secondBytes[word] & touched, me);
  }

  private void checkReader(
      Warp warp, int lane, Allocation at, int word, int reader, int common, int me) {
    if (common != 0 && !ordered(reader, me)) {
      throw race(warp, lane, at, word, "written", reader, "read");
    }
  }

  private void remember(Allocation at, int word, int touched, int me) {
    int first = at.firstReader[word];
    if (first < base || blockOf[first - base] == me) {
      at.firstBytes[word] = (byte) (first < base ? touched : at.firstBytes[word] | touched);
      at.firstReader[word] = stamp[me];
    } else {
      int second = at.secondReader[word];
      boolean mine = second >= base && blockOf[second - base] == me;
      at.secondBytes[word] = (byte) (mine ? at.secondBytes[word] | touched : touched);
      at.secondReader[word] = stamp[me];
    }
  }

  private boolean ordered(int other, int me) {
    if (other < base) {
      return true;
    }
    int block = blockOf[other - base];
    return block == me || (clocks[me] != null && epochOf[other - base] < clocks[me][block]);
  }

  private PtxFault race(
      Warp warp, int lane, Allocation at, int word, String mine, int other, String theirs) {
    return warp.fault(
        FaultKind.GLOBAL_RACE,
        lane,
        at.base + 4L * word,
        "%s, which block %s %s in the same launch without an order between them (%s)"
            .formatted(
                mine,
                BlockIndex.of(blockOf[other - base], warp.block.launch.shape.grid()),
                theirs,
                at));
  }

  /** A fence: what the block has done so far will be published by its next strong access. */
  synchronized void fence(int me) {
    if (stamps == blockOf.length) {
      blockOf = Arrays.copyOf(blockOf, 2 * stamps);
      epochOf = Arrays.copyOf(epochOf, 2 * stamps);
    }
    epoch[me]++;
    blockOf[stamps] = me;
    epochOf[stamps] = epoch[me];
    stamp[me] = base + stamps;
    stamps++;
    memory.useStamps(base + stamps);
  }

  private synchronized void meet(int me, long address) {
    int[] there = published.get(address);
    if (there == null && epoch[me] == 0 && clocks[me] == null) {
      return;
    }
    if (clocks[me] == null) {
      clocks[me] = new int[blocks];
    }
    if (there == null) {
      there = new int[blocks];
      published.put(address, there);
    }
    int[] mine = clocks[me];
    for (int i = 0; i < blocks; i++) {
      mine[i] = Math.max(mine[i], there[i]);
      there[i] = mine[i];
    }
    there[me] = Math.max(there[me], epoch[me]);
  }
}
