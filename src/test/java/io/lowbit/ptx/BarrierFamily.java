// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import io.lowbit.ptx.text.Operand;
import java.util.ArrayList;
import java.util.List;

/** bar and barrier: sync, arrive, red, and bar.warp.sync. */
final class BarrierFamily {
  private BarrierFamily() {}

  static Op decode(Instruction in) {
    Op op = in.has("warp") ? warpSync(in) : block(in);
    op.category = InstructionClass.BARRIER;
    return op;
  }

  private static Op warpSync(Instruction in) {
    int members = in.in32(0);
    return new Op() {
      @Override
      void execute(Warp warp, int mask) {
        WarpFamily.checkMembers(warp, members, mask);
        warp.synchronise();
      }
    };
  }

  private static Op block(Instruction in) {
    if (in.has("cluster")) {
      throw in.unsupported("clusters");
    }
    boolean reduces = in.has("red");
    boolean waits = !in.has("arrive");
    // Operands: [result,] id [, threads] [, predicate].
    List<Operand> operands = new ArrayList<>(in.statement.operands());
    Operand result = reduces ? operands.removeFirst() : new Operand.Sink();
    Operand predicate = reduces ? operands.removeLast() : null;
    int id = in.in32(operands.getFirst());
    int threads = operands.size() > 1 ? in.in32(operands.get(1)) : in.slots.constant32(0);
    if (!reduces) {
      return new Arrival(id, threads, waits);
    }
    boolean count = in.has("popc");
    boolean all = in.has("and");
    int p = in.inPredicate(predicate);
    int invert = Instruction.inversion(predicate);
    int d = count ? in.out32(result) : in.outPredicate(result);
    return new Op() {
      @Override
      void execute(Warp warp, int mask) {
        checkWhole(warp, mask);
        int truths = (warp.predicates[p] ^ invert) & mask;
        int[] to = warp.r32[d];
        arrive(
            warp,
            mask,
            id,
            threads,
            true,
            truths,
            (threadsTrue, all32) -> {
              if (count) {
                for (int l = 0; l < LaneLoops.LANES; l++) {
                  to[l] = threadsTrue;
                }
              } else {
                boolean holds = all ? threadsTrue == all32 : threadsTrue > 0;
                warp.predicates[d] = holds ? -1 : 0;
              }
            });
      }
    };
  }

  private static final class Arrival extends Op {
    private final int id;
    private final int threads;
    private final boolean waits;

    Arrival(int id, int threads, boolean waits) {
      this.id = id;
      this.threads = threads;
      this.waits = waits;
    }

    @Override
    void execute(Warp warp, int mask) {
      checkWhole(warp, mask);
      arrive(warp, mask, id, threads, waits, 0, null);
    }
  }

  private static void checkWhole(Warp warp, int mask) {
    if (mask != ~warp.exited) {
      throw warp.fault(
          FaultKind.DIVERGENT_BARRIER,
          Integer.numberOfTrailingZeros(~warp.exited & ~mask),
          0,
          "lanes 0x%08x of warp %d are at the barrier, lanes 0x%08x are elsewhere"
              .formatted(mask, warp.number, ~warp.exited & ~mask));
    }
  }

  private static void arrive(
      Warp warp, int mask, int id, int threads, boolean waits, int truths, Barriers.Result result) {
    int lane = Integer.numberOfTrailingZeros(mask);
    warp.block.barriers.arrive(
        warp, warp.r32[id][lane], warp.r32[threads][lane], waits, truths, result);
  }
}
