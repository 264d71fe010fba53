// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import java.util.ArrayList;
import java.util.List;

/** The sixteen named barriers of a block. */
final class Barriers {
  static final int COUNT = 16;

  /** Told what a barrier's reduction gave. */
  interface Result {
    void accept(int threadsTrue, int threads);
  }

  private static final class Barrier {
    final List<Warp> arrived = new ArrayList<>();
    final List<Warp> waiting = new ArrayList<>();
    final List<Result> results = new ArrayList<>();
    int expectedWarps;
    int threads;
    int threadsTrue;
  }

  private final Barrier[] barriers = new Barrier[COUNT];

  Barriers() {
    reset();
  }

  void reset() {
    for (int i = 0; i < COUNT; i++) {
      barriers[i] = new Barrier();
    }
  }

  /**
   * A warp arrives.
   *
   * @param warp with its current instruction
   * @param id of the barrier
   * @param threads that take part, 0 = all of the block
   * @param waits whether the warp waits for the others
   * @param truths lanes whose predicate is true, for a reduction
   * @param result told at completion, null without reduction
   */
  void arrive(Warp warp, int id, int threads, boolean waits, int truths, Result result) {
    if (id < 0 || id >= COUNT || threads % 32 != 0 || threads < 0) {
      throw warp.fault(
          FaultKind.BAD_OPERAND,
          -1,
          0,
          "barrier %d for %d threads; ids go from 0 to 15, counts are multiples of 32"
              .formatted(id, threads));
    }
    Barrier barrier = barriers[id];
    int expected = threads / 32;
    if (!barrier.arrived.isEmpty() && barrier.expectedWarps != expected) {
      throw warp.fault(
          FaultKind.BAD_OPERAND,
          -1,
          0,
          "barrier %d is in use with another number of threads".formatted(id));
    }
    if (barrier.arrived.contains(warp)) {
      throw warp.fault(
          FaultKind.DEADLOCK, -1, 0, "the warp has already arrived at barrier %d".formatted(id));
    }
    barrier.expectedWarps = expected;
    barrier.arrived.add(warp);
    barrier.threads += Integer.bitCount(warp.active);
    barrier.threadsTrue += Integer.bitCount(truths);
    if (waits) {
      barrier.waiting.add(warp);
      warp.state = Warp.State.WAITING;
      barrier.results.add(result);
    }
    completeIfReady(id, warp.block.liveWarps());
  }

  /** A warp has ended: barriers of the whole block may be complete now. */
  void warpDone(int liveWarps) {
    for (int id = 0; id < COUNT; id++) {
      completeIfReady(id, liveWarps);
    }
  }

  private void completeIfReady(int id, int liveWarps) {
    Barrier barrier = barriers[id];
    int expected = barrier.expectedWarps == 0 ? liveWarps : barrier.expectedWarps;
    if (barrier.arrived.isEmpty() || barrier.arrived.size() < expected) {
      return;
    }
    barriers[id] = new Barrier();
    order(barrier);
    for (int i = 0; i < barrier.waiting.size(); i++) {
      barrier.waiting.get(i).state = Warp.State.RUNNING;
      if (barrier.results.get(i) != null) {
        barrier.results.get(i).accept(barrier.threadsTrue, barrier.threads);
      }
    }
  }

  /** What anyone did before arriving is ordered before what the waiting warps do next. */
  private static void order(Barrier barrier) {
    int[] joined = new int[32];
    for (Warp warp : barrier.arrived) {
      for (int i = 0; i < joined.length; i++) {
        joined[i] = Math.max(joined[i], warp.seen[i]);
      }
      joined[warp.number] = Math.max(joined[warp.number], warp.clock + 1);
      warp.synchronise();
    }
    for (Warp warp : barrier.waiting) {
      System.arraycopy(joined, 0, warp.seen, 0, joined.length);
    }
  }

  String waiting() {
    StringBuilder text = new StringBuilder();
    for (int id = 0; id < COUNT; id++) {
      for (Warp warp : barriers[id].waiting) {
        text.append(
            "%swarp %d waits at barrier %d in line %d"
                .formatted(
                    text.isEmpty() ? "" : ", ", warp.number, id, warp.current.statement.line()));
      }
    }
    return text.toString();
  }
}
