// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

/**
 * 32 lanes in lock step. Lanes that part at a branch run one side after the other and meet again at
 * the branch's immediate post-dominator.
 */
final class Warp {
  /** What a warp is doing. */
  enum State {
    RUNNING,
    WAITING,
    DONE
  }

  final Block block;
  final int number;
  final int[] scratch32 = new int[32];
  final long[] scratch64 = new long[32];
  final Access access;
  final AsyncCopies copies = new AsyncCopies();
  final LocalMemory local;
  private final Frame[] frames;

  State state;
  Frame frame;
  int[][] r32;
  long[][] r64;
  int[] predicates;
  int pc;
  int active;

  /** Lanes that have ended or never existed. */
  int exited;

  /** The carry flag of each lane. */
  int carry;

  private int reconverge;
  private Op[] code;
  private MatrixFamily.Scratch matrices;

  /** Own logical time; advanced by every synchronisation. */
  int clock;

  /** For each warp of the block, the time before which its accesses are ordered before ours. */
  final int[] seen = new int[32];

  /** The instruction being executed, for faults. */
  Op current;

  Warp(Block block, int number) {
    this.block = block;
    this.number = number;
    this.frames = new Frame[block.launch.image.programs().size()];
    this.access = new Access(this);
    this.local = new LocalMemory(block.launch.image.localBytes());
  }

  void reset() {
    state = State.RUNNING;
    int threads = Math.toIntExact(block.launch.shape.block().count()) - 32 * number;
    exited = threads >= 32 ? 0 : -1 << threads;
    active = ~exited;
    clock = 1;
    java.util.Arrays.fill(seen, 0);
    seen[number] = 1;
    copies.clear();
    local.clear();
    Program entry = block.launch.image.entry();
    enter(frameOf(entry));
    frame.caller = null;
    pc = 0;
    reconverge = entry.code().length;
  }

  private Frame frameOf(Program program) {
    Frame callee = frames[program.number()];
    if (callee == null) {
      callee = new Frame(program);
      frames[program.number()] = callee;
    }
    callee.reset(block, number);
    return callee;
  }

  private void enter(Frame next) {
    frame = next;
    r32 = next.r32;
    r64 = next.r64;
    predicates = next.predicates;
    code = next.program.code();
  }

  /** Runs up to a number of instructions; returns how many were run. */
  int run(int quantum) {
    Counters counters = block.counters;
    boolean poison = block.launch.options.poison();
    int left = quantum;
    while (left > 0 && state == State.RUNNING) {
      if (pc == reconverge) {
        pop();
        continue;
      }
      left--;
      Op op = code[pc++];
      int mask = active;
      if (op.guard >= 0) {
        mask &= op.guardNegated ? ~predicates[op.guard] : predicates[op.guard];
        if (poison && (active & ~frame.defined[op.guard]) != 0) {
          current = op;
          throw undefined(op.guard, active & ~frame.defined[op.guard]);
        }
      }
      counters.count(op.opIndex, mask);
      if (mask == 0) {
        continue;
      }
      current = op;
      int[] defined = frame.defined;
      if (poison) {
        checkReads(op, defined, mask);
      }
      op.execute(this, mask);
      for (int slot : op.writtenSlots) {
        defined[slot] |= mask;
      }
    }
    return quantum - left;
  }

  private void checkReads(Op op, int[] defined, int mask) {
    for (int slot : op.readSlots) {
      if ((mask & ~defined[slot]) != 0) {
        throw undefined(slot, mask & ~defined[slot]);
      }
    }
  }

  private PtxFault undefined(int slot, int lanes) {
    String name = frame.program.function().registers().get(slot).name();
    return fault(
        FaultKind.UNINITIALISED_REGISTER,
        Integer.numberOfTrailingZeros(lanes),
        0,
        "register %s has not been written".formatted(name));
  }

  /** Sends the lanes of a mask to a target; the other active lanes go on. */
  void branch(int taken, int target) {
    int rest = active & ~taken;
    if (rest == 0) {
      pc = target;
      return;
    }
    int next = pc;
    int meet = frame.program.reconverge()[pc - 1];
    if (meet != reconverge) {
      frame.push(meet, active, reconverge);
    }
    if (target != meet) {
      frame.push(target, taken, meet);
    }
    reconverge = meet;
    active = rest;
    pc = next;
  }

  /** Splits the active lanes over several targets, one per lane. */
  void branch(int[] target, int mask) {
    int meet = frame.program.reconverge()[pc - 1];
    if (meet != reconverge) {
      frame.push(meet, active, reconverge);
    }
    for (int rest = mask; rest != 0; ) {
      int to = target[Integer.numberOfTrailingZeros(rest)];
      int same = 0;
      for (int left = rest; left != 0; left &= left - 1) {
        int lane = Integer.numberOfTrailingZeros(left);
        same |= target[lane] == to ? 1 << lane : 0;
      }
      if (to != meet) {
        frame.push(to, same, meet);
      }
      rest &= ~same;
    }
    if ((active & ~mask) != 0 && pc != meet) {
      frame.push(pc, active & ~mask, meet);
    }
    pop();
  }

  /** Ends the lanes of a mask. */
  void exit(int mask) {
    exited |= mask;
    leave(mask);
  }

  /** Lets the lanes of a mask return from the function; a kernel's end when nobody called. */
  void ret(int mask) {
    if (frame.caller == null) {
      exited |= mask;
    }
    frame.returned |= mask;
    leave(mask);
  }

  private void leave(int mask) {
    active &= ~mask;
    if (active == 0) {
      pop();
    }
  }

  private void pop() {
    while (true) {
      if (frame.empty()) {
        Frame done = frame;
        if (done.caller == null) {
          state = State.DONE;
          active = 0;
          block.warpDone();
          return;
        }
        done.atReturn.run();
        enter(done.caller);
        pc = done.savedPc;
        active = done.savedActive & ~exited;
        reconverge = done.savedReconverge;
      } else {
        frame.pop();
        pc = frame.poppedPc();
        active = frame.poppedMask() & ~exited & ~frame.returned;
        reconverge = frame.poppedReconverge();
      }
      if (active != 0) {
        return;
      }
    }
  }

  /** Sets a predicate in the lanes of a mask. */
  void setPredicate(int slot, int mask, int value) {
    predicates[slot] = (predicates[slot] & ~mask) | (value & mask);
  }

  MatrixFamily.Scratch matrices() {
    if (matrices == null) {
      matrices = new MatrixFamily.Scratch();
    }
    return matrices;
  }

  /** The frame that a call will use, with its parameters to be filled. */
  Frame prepare(Program callee) {
    return frameOf(callee);
  }

  /** Enters a prepared frame with the given lanes. */
  void call(Frame callee, int mask) {
    callee.caller = frame;
    callee.savedPc = pc;
    callee.savedActive = active;
    callee.savedReconverge = reconverge;
    enter(callee);
    pc = 0;
    active = mask;
    reconverge = callee.program.code().length;
  }

  /** All accesses of the warp so far are ordered before those to come, in every lane. */
  void synchronise() {
    clock++;
    seen[number] = clock;
  }

  PtxFault fault(FaultKind kind, int lane, long address, String detail) {
    int thread = lane < 0 ? -1 : 32 * number + lane;
    PtxFault.Place place =
        new PtxFault.Place(
            current.statement.line(), current.statement.text(), block.place, thread, address);
    return new PtxFault(kind, detail, place, block.launch.image.name(), block.launch.shape);
  }
}
