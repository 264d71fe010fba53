// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import io.lowbit.ptx.text.Operand;
import io.lowbit.ptx.text.PtxFunction;
import io.lowbit.ptx.text.Variable;
import java.util.List;

/** Branches, returns and calls. */
final class ControlFamily {
  private ControlFamily() {}

  static Op decode(Instruction in, PtxFunction function, Linker linker) {
    Op op =
        switch (in.root) {
          case "bra" -> branch(in);
          case "brx" -> branchByIndex(in, function);
          case "ret" -> leave(false);
          case "exit" -> leave(true);
          case "trap" -> trap();
          case "call" -> call(in, linker);
          case "nanosleep" -> pause();
          default -> throw in.unsupported("the opcode is not implemented");
        };
    op.category = InstructionClass.CONTROL;
    return op;
  }

  private static Op branch(Instruction in) {
    int target = ((Operand.Target) in.operand(0)).statement();
    return new Op() {
      @Override
      void execute(Warp warp, int mask) {
        warp.branch(mask, target);
      }
    };
  }

  private static Op branchByIndex(Instruction in, PtxFunction function) {
    int index = in.in32(0);
    if (!(in.operand(1) instanceof Operand.Symbol(String name))
        || !function.tables().containsKey(name)) {
      throw in.unsupported("the branch table is not known");
    }
    int[] targets = function.tables().get(name).stream().mapToInt(i -> i).toArray();
    return new Op() {
      @Override
      void execute(Warp warp, int mask) {
        for (int rest = mask; rest != 0; rest &= rest - 1) {
          int l = Integer.numberOfTrailingZeros(rest);
          int chosen = warp.r32[index][l];
          if (chosen < 0 || chosen >= targets.length) {
            throw warp.fault(
                FaultKind.BAD_OPERAND,
                l,
                0,
                "index %d into a branch table of %d".formatted(chosen, targets.length));
          }
          warp.scratch32[l] = targets[chosen];
        }
        warp.branch(warp.scratch32, mask);
      }
    };
  }

  private static Op leave(boolean ends) {
    return new Op() {
      @Override
      void execute(Warp warp, int mask) {
        if (ends) {
          warp.exit(mask);
        } else {
          warp.ret(mask);
        }
      }
    };
  }

  private static Op trap() {
    return new Op() {
      @Override
      void execute(Warp warp, int mask) {
        throw warp.fault(
            FaultKind.TRAP, Integer.numberOfTrailingZeros(mask), 0, "the kernel gave up");
      }
    };
  }

  private static Op pause() {
    return new Op() {
      @Override
      void execute(Warp warp, int mask) {
        // Time does not pass here.
      }
    };
  }

  /** {@code call (results), name, (arguments)}, with parameters that lie in the caller's frame. */
  private static Op call(Instruction in, Linker linker) {
    List<Operand> operands = in.statement.operands();
    int at = operands.getFirst() instanceof Operand.Group ? 1 : 0;
    List<Operand> results = at == 1 ? ((Operand.Group) operands.getFirst()).elements() : List.of();
    if (!(operands.get(at) instanceof Operand.Symbol(String name))) {
      throw in.unsupported("a call through a pointer");
    }
    PtxFunction callee =
        in.symbols
            .function(name)
            .orElseThrow(() -> in.unsupported("there is no function %s".formatted(name)));
    if (!callee.defined()) {
      return external(name);
    }
    List<Operand> arguments =
        operands.size() > at + 1 ? ((Operand.Group) operands.get(at + 1)).elements() : List.of();
    Program program = linker.program(callee);
    Range[] incoming = ranges(in, arguments, callee.parameters(), 0);
    int after = incoming.length == 0 ? 0 : incoming[incoming.length - 1].end();
    Range[] outgoing = ranges(in, results, callee.results(), after);
    return new Call(program, incoming, outgoing);
  }

  /** Such as {@code __assertfail}: fine as long as nobody calls it. */
  private static Op external(String name) {
    return new Op() {
      @Override
      void execute(Warp warp, int mask) {
        throw warp.fault(
            FaultKind.TRAP,
            Integer.numberOfTrailingZeros(mask),
            0,
            "the kernel calls %s, which this module only declares".formatted(name));
      }
    };
  }

  /** Bytes of a parameter in the frames of the caller and of the function. */
  private record Range(int caller, int callee, int bytes) {
    int end() {
      return callee + bytes;
    }
  }

  private static Range[] ranges(
      Instruction in, List<Operand> names, List<Variable> variables, int from) {
    if (names.size() != variables.size()) {
      throw in.unsupported("%d parameters for %d".formatted(names.size(), variables.size()));
    }
    Range[] ranges = new Range[names.size()];
    int at = from;
    for (int i = 0; i < ranges.length; i++) {
      if (!(names.get(i) instanceof Operand.Symbol(String name))) {
        throw in.unsupported("a parameter that is no .param variable");
      }
      Variable variable = variables.get(i);
      at = (at + variable.alignment() - 1) & -variable.alignment();
      long caller =
          in.symbols
              .place(name)
              .orElseThrow(() -> in.unsupported("parameter %s is not known".formatted(name)))
              .address();
      ranges[i] = new Range((int) caller, at, variable.bytes());
      at += variable.bytes();
    }
    return ranges;
  }

  private static final class Call extends Op {
    private final Program callee;
    private final Range[] incoming;
    private final Range[] outgoing;

    Call(Program callee, Range[] incoming, Range[] outgoing) {
      this.callee = callee;
      this.incoming = incoming;
      this.outgoing = outgoing;
    }

    @Override
    void execute(Warp warp, int mask) {
      Frame caller = warp.frame;
      Frame frame = warp.prepare(callee);
      for (Range range : incoming) {
        copy(caller, range.caller(), frame, range.callee(), range.bytes(), mask);
      }
      frame.atReturn =
          () -> {
            for (Range range : outgoing) {
              copy(frame, range.callee(), caller, range.caller(), range.bytes(), mask);
            }
          };
      warp.call(frame, mask);
    }

    private static void copy(Frame from, int at, Frame to, int target, int bytes, int mask) {
      int fromSize = from.program.frameBytes();
      int toSize = to.program.frameBytes();
      for (int rest = mask; rest != 0; rest &= rest - 1) {
        int l = Integer.numberOfTrailingZeros(rest);
        System.arraycopy(
            from.parameters, l * fromSize + at, to.parameters, l * toSize + target, bytes);
      }
    }
  }
}
