// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import io.lowbit.ptx.text.Operand;

/** Fences, and hints that change nothing: prefetch, createpolicy. */
final class FenceFamily {
  private FenceFamily() {}

  static Op decode(Instruction in) {
    return switch (in.root) {
      case "membar", "fence" -> fence(in);
      case "createpolicy" -> policy(in);
      case "prefetch", "prefetchu", "applypriority" -> hint();
      default -> throw in.unsupported("the opcode is not implemented");
    };
  }

  private static Op fence(Instruction in) {
    boolean block = in.has("cta");
    Op op =
        new Op() {
          @Override
          void execute(Warp warp, int mask) {
            if (!block) {
              warp.block.launch.races.fence(warp.block.linear);
            }
          }
        };
    op.category = InstructionClass.FENCE;
    return op;
  }

  /** The policy is an opaque number that only cache hints take. */
  private static Op policy(Instruction in) {
    Operand result = in.operand(0);
    int a = in.slots.constant64(1);
    return LaneOps.op64(
        (d, x, y, z) -> System.arraycopy(x, 0, d, 0, LaneLoops.LANES), in.out64(result), a, a, a);
  }

  private static Op hint() {
    Op op =
        new Op() {
          @Override
          void execute(Warp warp, int mask) {
            // A prefetch may do nothing, and must not fault.
          }
        };
    op.category = InstructionClass.FENCE;
    return op;
  }
}
