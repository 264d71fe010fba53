// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx.text;

import java.util.List;

/** What an instruction works on. */
public sealed interface Operand {
  /** A register. */
  record Reg(Register register) implements Operand {}

  /** A predicate register read negated, {@code !%p}. */
  record Not(Register register) implements Operand {}

  /**
   * A constant.
   *
   * @param bits the integer, or the bits of the float
   * @param kind how it was written
   */
  record Immediate(long bits, Kind kind) implements Operand {
    /** Notation of a constant. */
    public enum Kind {
      INTEGER,
      FLOAT32,
      FLOAT64
    }
  }

  /** A special register, a variable, a function or a label: what is not a declared register. */
  record Symbol(String name) implements Operand {}

  /** A symbol plus a constant. */
  record Offset(String name, long offset) implements Operand {}

  /** Index of the statement that a label stands before. */
  record Target(int statement) implements Operand {}

  /** A memory operand {@code [base + offset]}; base is a register, a symbol or an immediate. */
  record Address(Operand base, long offset) implements Operand {}

  /** {@code {a, b, …}}. */
  record Vector(List<Operand> elements) implements Operand {}

  /** {@code a|b}: two results. */
  record Both(Operand first, Operand second) implements Operand {}

  /** {@code (a, b, …)} of a call. */
  record Group(List<Operand> elements) implements Operand {}

  /** {@code _}: a result that nobody wants. */
  record Sink() implements Operand {}
}
