// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import io.lowbit.ptx.text.Operand;
import io.lowbit.ptx.text.PtxSyntaxException;
import io.lowbit.ptx.text.PtxType;
import io.lowbit.ptx.text.Register;
import io.lowbit.ptx.text.Space;
import io.lowbit.ptx.text.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A statement while it is decoded: its suffixes, and its operands as slots. Every slot that is
 * asked for is noted as read or written.
 */
final class Instruction {
  final Statement statement;
  final String root;
  final List<String> suffixes;
  final List<PtxType> types = new ArrayList<>();
  final Slots slots;
  final Symbols symbols;
  private final List<Integer> reads = new ArrayList<>();
  private final List<Integer> writes = new ArrayList<>();

  Instruction(Statement statement, Slots slots, Symbols symbols) {
    this.statement = statement;
    this.slots = slots;
    this.symbols = symbols;
    List<String> parts = List.of(statement.opcode().split("\\."));
    root = parts.getFirst();
    suffixes = parts.subList(1, parts.size());
    suffixes.forEach(suffix -> PtxType.of(suffix).ifPresent(types::add));
  }

  boolean has(String suffix) {
    return suffixes.contains(suffix);
  }

  /** The last type among the suffixes. */
  PtxType type() {
    if (types.isEmpty()) {
      throw unsupported("no type");
    }
    return types.getLast();
  }

  Optional<Space> space() {
    return suffixes.stream().flatMap(suffix -> Space.of(suffix).stream()).findFirst();
  }

  int count() {
    return statement.operands().size();
  }

  Operand operand(int i) {
    if (i >= count()) {
      throw unsupported("operand %d is missing".formatted(i + 1));
    }
    return statement.operands().get(i);
  }

  PtxSyntaxException unsupported(String why) {
    return new PtxSyntaxException(
        statement.line(), "'%s' is not supported: %s".formatted(statement.text(), why));
  }

  /** Marks what has been asked for on an instruction. */
  void finish(Op op) {
    op.statement = statement;
    op.readSlots = reads.stream().filter(slots::register).mapToInt(i -> i).distinct().toArray();
    op.writtenSlots = writes.stream().filter(slots::register).mapToInt(i -> i).distinct().toArray();
    statement
        .guard()
        .ifPresent(guard -> {
          op.guard = guard.register().index();
          op.guardNegated = guard.negated();
        });
  }

  private int read(int slot) {
    reads.add(slot);
    return slot;
  }

  private int write(int slot) {
    writes.add(slot);
    return slot;
  }

  /** Whether an operand is a 64-bit register. */
  boolean wide(Operand operand) {
    return operand instanceof Operand.Reg(Register register)
        && Slots.kind(register.type()) == Slots.Kind.LONG;
  }

  /** A source of up to 32 bits; a float constant becomes fp32. */
  int in32(Operand operand) {
    return switch (operand) {
      case Operand.Reg(Register register) -> read(expect(register, Slots.Kind.INT));
      case Operand.Immediate constant -> slots.constant32(constant32(constant));
      case Operand.Symbol(String name) -> symbol32(name, 0);
      case Operand.Offset(String name, long offset) -> symbol32(name, offset);
      default -> throw unsupported("a 32-bit source cannot be " + operand);
    };
  }

  int in32(int i) {
    return in32(operand(i));
  }

  private int constant32(Operand.Immediate constant) {
    return constant.kind() == Operand.Immediate.Kind.FLOAT64
        ? Float.floatToRawIntBits((float) Double.longBitsToDouble(constant.bits()))
        : (int) constant.bits();
  }

  private int symbol32(String name, long offset) {
    Optional<SpecialRegister> special = SpecialRegister.of(name);
    if (special.isPresent() && !special.get().wide()) {
      return slots.special(special.get());
    }
    return slots.constant32((int) (address(name) + offset));
  }

  /** A 64-bit source; an fp32 constant becomes fp64. */
  int in64(Operand operand) {
    return switch (operand) {
      case Operand.Reg(Register register) -> read(expect(register, Slots.Kind.LONG));
      case Operand.Immediate constant -> slots.constant64(constant64(constant));
      case Operand.Symbol(String name) -> symbol64(name, 0);
      case Operand.Offset(String name, long offset) -> symbol64(name, offset);
      default -> throw unsupported("a 64-bit source cannot be " + operand);
    };
  }

  int in64(int i) {
    return in64(operand(i));
  }

  private long constant64(Operand.Immediate constant) {
    return constant.kind() == Operand.Immediate.Kind.FLOAT32
        ? Double.doubleToRawLongBits(Float.intBitsToFloat((int) constant.bits()))
        : constant.bits();
  }

  private int symbol64(String name, long offset) {
    Optional<SpecialRegister> special = SpecialRegister.of(name);
    if (special.isPresent() && special.get().wide()) {
      return slots.special(special.get());
    }
    return slots.constant64(address(name) + offset);
  }

  private long address(String name) {
    return symbols
        .place(name)
        .orElseThrow(() -> unsupported("'%s' is not known".formatted(name)))
        .address();
  }

  int inPredicate(Operand operand) {
    return switch (operand) {
      case Operand.Reg(Register register) -> read(expect(register, Slots.Kind.PREDICATE));
      case Operand.Not(Register register) -> read(expect(register, Slots.Kind.PREDICATE));
      case Operand.Immediate constant -> slots.constantPredicate(constant.bits() != 0);
      default -> throw unsupported("a predicate cannot be " + operand);
    };
  }

  int inPredicate(int i) {
    return inPredicate(operand(i));
  }

  /** All ones if an operand is negated, to be XORed to its mask. */
  static int inversion(Operand operand) {
    return operand instanceof Operand.Not ? -1 : 0;
  }

  int out32(Operand operand) {
    return out(operand, Slots.Kind.INT);
  }

  int out32(int i) {
    return out32(operand(i));
  }

  int out64(Operand operand) {
    return out(operand, Slots.Kind.LONG);
  }

  int out64(int i) {
    return out64(operand(i));
  }

  int outPredicate(Operand operand) {
    return out(operand, Slots.Kind.PREDICATE);
  }

  int outPredicate(int i) {
    return outPredicate(operand(i));
  }

  private int out(Operand operand, Slots.Kind kind) {
    return switch (operand) {
      case Operand.Reg(Register register) -> write(expect(register, kind));
      case Operand.Sink ignored -> slots.sink(kind);
      default -> throw unsupported("a result cannot be " + operand);
    };
  }

  private int expect(Register register, Slots.Kind kind) {
    if (Slots.kind(register.type()) != kind) {
      throw unsupported(
          "register %s is %s where %s is expected"
              .formatted(register.name(), register.type(), kind));
    }
    return register.index();
  }

  /** Bits of the declared type of a register operand; 32 for others. */
  int registerBits(Operand operand) {
    return operand instanceof Operand.Reg(Register register) ? register.type().bits() : 32;
  }

  List<Operand> vector(int i) {
    if (operand(i) instanceof Operand.Vector(List<Operand> elements)) {
      return elements;
    }
    throw unsupported("operand %d is no vector".formatted(i + 1));
  }

  int[] vector32In(int i) {
    return vector(i).stream().mapToInt(this::in32).toArray();
  }

  int[] vector32Out(int i) {
    return vector(i).stream().mapToInt(this::out32).toArray();
  }
}
