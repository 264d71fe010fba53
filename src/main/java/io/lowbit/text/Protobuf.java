// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Walks the fields of one protocol-buffers message (wire format of proto2 and proto3). Bounded by
 * the buffer it is given: no length in the file is trusted.
 */
final class Protobuf {
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED32 = 5;

  private final ByteBuffer in;
  private final int offset;
  private int field;
  private int wireType;

  private Protobuf(ByteBuffer in, int offset) {
    this.in = in.order(ByteOrder.LITTLE_ENDIAN);
    this.offset = offset;
  }

  static Protobuf of(byte[] bytes) {
    return new Protobuf(ByteBuffer.wrap(bytes), 0);
  }

  /** Goes to the next field; false at the end. Its value must be read or skipped. */
  boolean next() {
    if (!in.hasRemaining()) {
      return false;
    }
    long tag = varint();
    field = (int) (tag >>> 3);
    wireType = (int) (tag & 7);
    return true;
  }

  int field() {
    return field;
  }

  long integer() {
    require(VARINT);
    return varint();
  }

  boolean bool() {
    return integer() != 0;
  }

  float float32() {
    require(FIXED32);
    requireRemaining(4);
    return in.getFloat();
  }

  byte[] bytes() {
    byte[] result = new byte[length()];
    in.get(result);
    return result;
  }

  Protobuf message() {
    int length = length();
    Protobuf inner = new Protobuf(in.slice(in.position(), length), offset + in.position());
    in.position(in.position() + length);
    return inner;
  }

  void skip() {
    switch (wireType) {
      case VARINT -> varint();
      case FIXED64 -> advance(8);
      case BYTES -> advance(length());
      case FIXED32 -> advance(4);
      default -> throw malformed("wire type " + wireType + " of field " + field);
    }
  }

  private int length() {
    require(BYTES);
    long length = varint();
    requireRemaining(length);
    return (int) length;
  }

  private long varint() {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      requireRemaining(1);
      byte b = in.get();
      value |= (long) (b & 0x7f) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw malformed("a number of more than ten bytes");
  }

  private void advance(int count) {
    requireRemaining(count);
    in.position(in.position() + count);
  }

  private void require(int expected) {
    if (wireType != expected) {
      throw malformed("field " + field + " of wire type " + wireType + ", expected " + expected);
    }
  }

  private void requireRemaining(long count) {
    if (count < 0 || count > in.remaining()) {
      throw malformed("a value of " + count + " bytes where " + in.remaining() + " are left");
    }
  }

  private IllegalArgumentException malformed(String what) {
    return new IllegalArgumentException(what + " at byte " + (offset + in.position()));
  }
}
