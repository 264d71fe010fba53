// SPDX-License-Identifier: Apache-2.0
package io.lowbit.format;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.RandomAccess;

/** The value types of GGUF metadata, in the order of their numbers. */
enum GgufValue {
  U8(1),
  I8(1),
  U16(2),
  I16(2),
  U32(4),
  I32(4),
  F32(4),
  BOOL(1),
  STRING(8),
  ARRAY(12),
  U64(8),
  I64(8),
  F64(8);

  private static final GgufValue[] TYPES = values();

  /** Bytes of a number; the least that a string or array takes. */
  private final int bytes;

  GgufValue(int bytes) {
    this.bytes = bytes;
  }

  /** Reads a type number and a value of that type. */
  static Object read(GgufCursor cursor, String key) {
    GgufValue type = readType(cursor, key);
    return switch (type) {
      case STRING -> cursor.text("the value of " + Quoted.name(key));
      case ARRAY -> readArray(cursor, key);
      default ->
          type.number(cursor, cursor.take(type.bytes, "the value of " + Quoted.name(key)), 0);
    };
  }

  private static GgufValue readType(GgufCursor cursor, String key) {
    long id = cursor.unsignedInt("the value type of " + Quoted.name(key));
    if (id >= TYPES.length) {
      throw cursor.refuse(
          "the value of %s has the unknown type %d; the file is damaged or of a later version"
              .formatted(Quoted.name(key), id));
    }
    return TYPES[(int) id];
  }

  private static List<Object> readArray(GgufCursor cursor, String key) {
    GgufValue type = readType(cursor, key);
    if (type == ARRAY) {
      throw cursor.refuse(
          "the value of %s is an array of arrays, which no model uses".formatted(Quoted.name(key)));
    }
    long count = cursor.count("elements of " + Quoted.name(key), type.bytes);
    if (count > Integer.MAX_VALUE - 8) {
      throw cursor.refuse(
          "the value of %s has %,d elements, more than any sound file"
              .formatted(Quoted.name(key), count));
    }
    if (type == STRING) {
      String what = "an element of " + Quoted.name(key);
      List<Object> strings = new ArrayList<>((int) count);
      for (long i = 0; i < count; i++) {
        strings.add(cursor.text(what));
      }
      return Collections.unmodifiableList(strings);
    }
    MemorySegment raw = cursor.take(count * type.bytes, "the value of " + Quoted.name(key));
    // A copy, for metadata outlives the mapping; unboxed, for arrays may be long.
    Numbers numbers =
        new Numbers(type, cursor, MemorySegment.ofArray(raw.toArray(JAVA_BYTE)), (int) count);
    if (type == BOOL) {
      numbers.forEach(_ -> {});
    }
    return numbers;
  }

  private Object number(GgufCursor cursor, MemorySegment from, long index) {
    long at = index * bytes;
    return switch (this) {
      case U8 -> from.get(JAVA_BYTE, at) & 0xFFL;
      case I8 -> (long) from.get(JAVA_BYTE, at);
      case U16 -> from.get(JAVA_SHORT_UNALIGNED, at) & 0xFFFFL;
      case I16 -> (long) from.get(JAVA_SHORT_UNALIGNED, at);
      case U32 -> from.get(JAVA_INT_UNALIGNED, at) & 0xFFFF_FFFFL;
      case I32 -> (long) from.get(JAVA_INT_UNALIGNED, at);
      case F32 -> (double) from.get(JAVA_FLOAT_UNALIGNED, at);
      case BOOL -> bool(cursor, from.get(JAVA_BYTE, at));
      case U64 -> unsigned(from.get(JAVA_LONG_UNALIGNED, at));
      case I64 -> from.get(JAVA_LONG_UNALIGNED, at);
      case F64 -> from.get(JAVA_DOUBLE_UNALIGNED, at);
      case STRING, ARRAY -> throw new IllegalStateException(this + " is no number");
    };
  }

  private static Boolean bool(GgufCursor cursor, byte value) {
    if (value != 0 && value != 1) {
      throw cursor.refuse(
          "a boolean before byte %,d is %d; only 0 and 1 are allowed"
              .formatted(cursor.position(), value));
    }
    return value == 1;
  }

  private static Object unsigned(long bits) {
    return bits >= 0 ? (Object) bits : (Object) new BigInteger(Long.toUnsignedString(bits));
  }

  /** Numbers that are boxed when asked for. */
  private static final class Numbers extends AbstractList<Object> implements RandomAccess {
    private final GgufValue type;
    private final GgufCursor cursor;
    private final MemorySegment values;
    private final int size;

    Numbers(GgufValue type, GgufCursor cursor, MemorySegment values, int size) {
      this.type = type;
      this.cursor = cursor;
      this.values = values;
      this.size = size;
    }

    @Override
    public Object get(int index) {
      return type.number(cursor, values, Objects.checkIndex(index, size));
    }

    @Override
    public int size() {
      return size;
    }
  }
}
