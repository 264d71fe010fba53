// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import io.lowbit.ptx.text.PtxType;
import io.lowbit.ptx.text.Register;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The register file of a function: declared registers keep their index; constants and special
 * registers are further slots with arrays of 32 lanes, so that every operand is an array.
 */
final class Slots {
  /** Which of a frame's tables a slot lives in. */
  enum Kind {
    PREDICATE,
    INT,
    LONG
  }

  private final List<Kind> kinds = new ArrayList<>();
  private final List<Object> constants = new ArrayList<>();
  private final Map<Object, Integer> known = new HashMap<>();
  private final Map<Integer, SpecialRegister> specials = new HashMap<>();
  private final int registers;

  Slots(List<Register> declared) {
    for (Register register : declared) {
      kinds.add(kind(register.type()));
      constants.add(null);
    }
    registers = declared.size();
  }

  static Kind kind(PtxType type) {
    if (type == PtxType.PRED) {
      return Kind.PREDICATE;
    }
    return type.bits() > 32 ? Kind.LONG : Kind.INT;
  }

  int count() {
    return kinds.size();
  }

  Kind kind(int slot) {
    return kinds.get(slot);
  }

  /** Whether the slot may be read before it is written. */
  boolean register(int slot) {
    return slot < registers;
  }

  Map<Integer, SpecialRegister> specials() {
    return specials;
  }

  /** The array of a constant slot, null for other slots. */
  Object constant(int slot) {
    return constants.get(slot);
  }

  int constant32(int value) {
    return known.computeIfAbsent(
        value,
        key -> {
          int[] lanes = new int[LaneLoops.LANES];
          java.util.Arrays.fill(lanes, value);
          return add(Kind.INT, lanes);
        });
  }

  int constant64(long value) {
    return known.computeIfAbsent(
        value,
        key -> {
          long[] lanes = new long[LaneLoops.LANES];
          java.util.Arrays.fill(lanes, value);
          return add(Kind.LONG, lanes);
        });
  }

  int constantPredicate(boolean value) {
    return known.computeIfAbsent(value, key -> add(Kind.PREDICATE, new int[] {value ? -1 : 0}));
  }

  int special(SpecialRegister special) {
    return known.computeIfAbsent(
        special,
        key -> {
          int slot = add(special.wide() ? Kind.LONG : Kind.INT, null);
          specials.put(slot, special);
          return slot;
        });
  }

  /** A slot for results that nobody reads. */
  int sink(Kind kind) {
    return known.computeIfAbsent(kind, key -> add(kind, null));
  }

  private int add(Kind kind, Object lanes) {
    kinds.add(kind);
    constants.add(lanes);
    return kinds.size() - 1;
  }
}
