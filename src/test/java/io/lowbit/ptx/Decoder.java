// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import io.lowbit.ptx.text.PtxFunction;

/** Finds the family of an opcode. */
final class Decoder {
  private Decoder() {}

  static Op decode(Instruction in, PtxFunction function, Linker linker) {
    return switch (in.root) {
      case "mov", "cvta", "selp", "slct", "isspacep" -> MoveFamily.decode(in);
      case "and",
          "or",
          "xor",
          "not",
          "cnot",
          "lop3",
          "shl",
          "shr",
          "shf",
          "bfe",
          "bfi",
          "bfind",
          "popc",
          "clz",
          "brev",
          "prmt" ->
          LogicFamily.decode(in);
      case "add", "sub", "mul", "mad", "fma", "div", "min", "max", "abs", "neg" ->
          ArithmeticFamily.decode(in);
      case "rem", "sad", "addc", "subc", "madc", "mul24", "mad24", "dp4a", "dp2a" ->
          IntegerFamily.decode(in);
      case "rcp", "sqrt", "rsqrt", "ex2", "lg2", "sin", "cos", "tanh", "copysign", "testp" ->
          SpecialFunctionFamily.decode(in);
      case "setp", "set" -> CompareFamily.decode(in);
      case "cvt" -> ConvertFamily.decode(in);
      case "ld", "ldu", "st" -> MemoryFamily.decode(in);
      case "atom", "red" -> AtomicFamily.decode(in);
      case "membar", "fence", "prefetch", "prefetchu", "createpolicy", "applypriority", "discard" ->
          FenceFamily.decode(in);
      case "cp" -> AsyncCopyFamily.decode(in);
      case "shfl", "vote", "match", "activemask", "redux" -> WarpFamily.decode(in);
      case "ldmatrix", "movmatrix", "stmatrix" -> MatrixLoadFamily.decode(in);
      case "mma" -> MatrixFamily.decode(in);
      case "bar", "barrier" -> BarrierFamily.decode(in);
      case "bra", "brx", "ret", "exit", "trap", "brkpt", "nanosleep", "call" ->
          ControlFamily.decode(in, function, linker);
      default -> throw in.unsupported("the opcode is not known");
    };
  }
}
