// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

/** Sends the opcodes that integers and floats share to the family of their type. */
final class ArithmeticFamily {
  private ArithmeticFamily() {}

  static Op decode(Instruction in) {
    return switch (in.type()) {
      case F32 -> FloatFamily.decode(in);
      case F64 -> DoubleFamily.decode(in);
      case F16, F16X2, BF16, BF16X2 -> HalfFamily.decode(in);
      default -> IntegerFamily.decode(in);
    };
  }
}
