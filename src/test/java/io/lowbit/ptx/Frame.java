// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import java.util.Arrays;
import java.util.Map;

/** Registers, call parameters and divergence stack of one function in one warp. */
final class Frame {
  final Program program;
  final int[][] r32;
  final long[][] r64;
  final int[] predicates;

  /** For each slot the lanes that have been written. */
  final int[] defined;

  /** Per-lane parameter memory: {@code lane * frameBytes + offset}. */
  final byte[] parameters;

  /** Lanes that have returned from this call. */
  int returned;

  Frame caller;

  /** Copies results to the caller when the last lane returns. */
  Runnable atReturn;

  int savedPc;
  int savedActive;
  int savedReconverge;

  private int[] stackPc = new int[8];
  private int[] stackMask = new int[8];
  private int[] stackReconverge = new int[8];
  private int depth;

  Frame(Program program) {
    this.program = program;
    Slots slots = program.slots();
    int count = slots.count();
    r32 = new int[count][];
    r64 = new long[count][];
    predicates = new int[count];
    defined = new int[count];
    parameters = new byte[32 * program.frameBytes()];
    for (int slot = 0; slot < count; slot++) {
      allocate(slots, slot);
    }
  }

  private void allocate(Slots slots, int slot) {
    switch (slots.constant(slot)) {
      case int[] predicate when slots.kind(slot) == Slots.Kind.PREDICATE ->
          predicates[slot] = predicate[0];
      case int[] lanes -> r32[slot] = lanes;
      case long[] lanes -> r64[slot] = lanes;
      case null, default -> {
        if (slots.kind(slot) == Slots.Kind.INT) {
          r32[slot] = new int[32];
        } else if (slots.kind(slot) == Slots.Kind.LONG) {
          r64[slot] = new long[32];
        }
      }
    }
  }

  /** Prepares the frame for a warp of a block: nothing is defined but the special registers. */
  void reset(Block block, int warp) {
    Slots slots = program.slots();
    Arrays.fill(defined, 0);
    for (int slot = 0; slot < defined.length; slot++) {
      if (!slots.register(slot)) {
        defined[slot] = -1;
      }
    }
    for (Map.Entry<Integer, SpecialRegister> special : slots.specials().entrySet()) {
      for (int lane = 0; lane < 32; lane++) {
        long value = special.getValue().value(block, warp, lane);
        if (special.getValue().wide()) {
          r64[special.getKey()][lane] = value;
        } else {
          r32[special.getKey()][lane] = (int) value;
        }
      }
    }
    begin();
  }

  /** Prepares the frame for a call. */
  void begin() {
    depth = 0;
    returned = 0;
  }

  boolean empty() {
    return depth == 0;
  }

  void push(int pc, int mask, int reconverge) {
    if (depth == stackPc.length) {
      stackPc = Arrays.copyOf(stackPc, 2 * depth);
      stackMask = Arrays.copyOf(stackMask, 2 * depth);
      stackReconverge = Arrays.copyOf(stackReconverge, 2 * depth);
    }
    stackPc[depth] = pc;
    stackMask[depth] = mask;
    stackReconverge[depth] = reconverge;
    depth++;
  }

  /** Removes the top entry, which the three methods below then give. */
  void pop() {
    depth--;
  }

  int poppedPc() {
    return stackPc[depth];
  }

  int poppedMask() {
    return stackMask[depth];
  }

  int poppedReconverge() {
    return stackReconverge[depth];
  }
}
