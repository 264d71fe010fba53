// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

/** The warps of a block and what they share; reused from block to block by one host thread. */
final class Block {
  private static final int LONGEST_TURN = 64;

  final Launch launch;
  final Counters counters;
  final SharedMemory shared;
  final Barriers barriers = new Barriers();
  private final Warp[] warps;
  int linear;
  BlockIndex place;
  private int live;
  private long random;

  Block(Launch launch) {
    this.launch = launch;
    this.counters = new Counters(launch.image);
    this.shared =
        new SharedMemory(launch.image.sharedBytes() + launch.shape.sharedBytes(), launch.options);
    int count = Math.toIntExact((launch.shape.block().count() + 31) / 32);
    warps = new Warp[count];
    for (int i = 0; i < count; i++) {
      warps[i] = new Warp(this, i);
    }
  }

  int liveWarps() {
    return live;
  }

  void warpDone() {
    live--;
    barriers.warpDone(live);
  }

  /** Runs the block with the given index to its end. */
  void run(int index) {
    linear = index;
    place = BlockIndex.of(index, launch.shape.grid());
    random = mix(launch.options.seed() * 0x9E3779B97F4A7C15L + launch.number) ^ mix(index + 1L);
    shared.clear();
    barriers.reset();
    live = warps.length;
    for (Warp warp : warps) {
      warp.reset();
    }
    long budget = launch.options.instructionBudget();
    while (live > 0) {
      Warp warp = choose();
      budget -= warp.run(1 + (int) (nextRandom() & (LONGEST_TURN - 1)));
      if (budget < 0) {
        throw warp.fault(
            FaultKind.BUDGET,
            -1,
            0,
            "the block has run %,d warp instructions without ending"
                .formatted(launch.options.instructionBudget()));
      }
    }
  }

  private Warp choose() {
    int start = (int) Long.remainderUnsigned(nextRandom(), warps.length);
    for (int i = 0; i < warps.length; i++) {
      Warp warp = warps[(start + i) % warps.length];
      if (warp.state == Warp.State.RUNNING) {
        return warp;
      }
    }
    Warp stuck = warps[start];
    for (Warp warp : warps) {
      stuck = warp.state == Warp.State.WAITING ? warp : stuck;
    }
    throw stuck.fault(FaultKind.DEADLOCK, -1, 0, barriers.waiting());
  }

  long nextRandom() {
    random ^= random << 13;
    random ^= random >>> 7;
    random ^= random << 17;
    return random;
  }

  private static long mix(long value) {
    long x = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
    x = (x ^ (x >>> 27)) * 0x94D049BB133111EBL;
    return (x ^ (x >>> 31)) | 1;
  }
}
