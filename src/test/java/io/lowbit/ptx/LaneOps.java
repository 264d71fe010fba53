// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import io.lowbit.ptx.LaneLoops.Loop32;
import io.lowbit.ptx.LaneLoops.Loop64;
import io.lowbit.ptx.LaneLoops.Narrowing;
import io.lowbit.ptx.LaneLoops.Shifting;
import io.lowbit.ptx.LaneLoops.Widening;

/** Instructions in which no lane sees another: one loop each, merged under a partial mask. */
final class LaneOps {
  private LaneOps() {}

  static Op op32(Loop32 loop, int d, int a, int b, int c) {
    return new Op() {
      @Override
      void execute(Warp warp, int mask) {
        int[][] r = warp.r32;
        if (mask == -1) {
          loop.run(r[d], r[a], r[b], r[c]);
        } else {
          loop.run(warp.scratch32, r[a], r[b], r[c]);
          LaneLoops.merge(r[d], warp.scratch32, mask);
        }
      }
    };
  }

  static Op op64(Loop64 loop, int d, int a, int b, int c) {
    return new Op() {
      @Override
      void execute(Warp warp, int mask) {
        long[][] r = warp.r64;
        if (mask == -1) {
          loop.run(r[d], r[a], r[b], r[c]);
        } else {
          loop.run(warp.scratch64, r[a], r[b], r[c]);
          LaneLoops.merge(r[d], warp.scratch64, mask);
        }
      }
    };
  }

  static Op widening(Widening loop, int d, int a, int b, int c) {
    return new Op() {
      @Override
      void execute(Warp warp, int mask) {
        int[][] r = warp.r32;
        if (mask == -1) {
          loop.run(warp.r64[d], r[a], r[b], warp.r64[c]);
        } else {
          loop.run(warp.scratch64, r[a], r[b], warp.r64[c]);
          LaneLoops.merge(warp.r64[d], warp.scratch64, mask);
        }
      }
    };
  }

  static Op narrowing(Narrowing loop, int d, int a, int b) {
    return new Op() {
      @Override
      void execute(Warp warp, int mask) {
        if (mask == -1) {
          loop.run(warp.r32[d], warp.r64[a], warp.r64[b]);
        } else {
          loop.run(warp.scratch32, warp.r64[a], warp.r64[b]);
          LaneLoops.merge(warp.r32[d], warp.scratch32, mask);
        }
      }
    };
  }

  static Op shifting(Shifting loop, int d, int a, int b) {
    return new Op() {
      @Override
      void execute(Warp warp, int mask) {
        if (mask == -1) {
          loop.run(warp.r64[d], warp.r64[a], warp.r32[b]);
        } else {
          loop.run(warp.scratch64, warp.r64[a], warp.r32[b]);
          LaneLoops.merge(warp.r64[d], warp.scratch64, mask);
        }
      }
    };
  }
}
