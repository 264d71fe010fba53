// SPDX-License-Identifier: Apache-2.0
package io.lowbit.format;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Reads little-endian fields one after the other; every read is checked against the file's end. */
final class GgufCursor {
  private final String file;
  private final MemorySegment bytes;
  private long position;

  GgufCursor(String file, MemorySegment bytes) {
    this.file = file;
    this.bytes = bytes;
  }

  long position() {
    return position;
  }

  long remaining() {
    return bytes.byteSize() - position;
  }

  /** A refusal that begins with the file. */
  FormatException refuse(String problem) {
    return new FormatException(file + ": " + problem);
  }

  /** The next {@code length} bytes. */
  MemorySegment take(long length, String what) {
    if (length < 0 || length > remaining()) {
      throw refuse(
          "%s at byte %,d needs %s bytes but %,d remain; the file is damaged or the download incomplete"
              .formatted(what, position, Long.toUnsignedString(length), remaining()));
    }
    MemorySegment taken = bytes.asSlice(position, length);
    position += length;
    return taken;
  }

  long unsignedInt(String what) {
    return take(4, what).get(JAVA_INT_UNALIGNED, 0) & 0xFFFF_FFFFL;
  }

  /** Eight bytes; negative means 2^63 or more. */
  long bits64(String what) {
    return take(8, what).get(JAVA_LONG_UNALIGNED, 0);
  }

  /**
   * A number of things that follow.
   *
   * @param leastBytes what one of them takes at least; more than fit are refused before any is read
   */
  long count(String what, long leastBytes) {
    long count = bits64("the number of " + what);
    if (count < 0 || count > remaining() / leastBytes) {
      throw refuse(
          "says it has %s %s, more than fit into the %,d bytes that remain; the file is damaged"
              .formatted(Long.toUnsignedString(count), what, remaining()));
    }
    return count;
  }

  /** A string whose bytes need not be valid UTF-8: what is not becomes U+FFFD. */
  String text(String what) {
    return new String(stringBytes(what), StandardCharsets.UTF_8);
  }

  /** A string that must be valid UTF-8, as names must. */
  String name(String what) {
    byte[] name = stringBytes(what);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(name)).toString();
    } catch (CharacterCodingException e) {
      throw new FormatException(
          "%s: %s before byte %,d is not UTF-8".formatted(file, what, position), e);
    }
  }

  private byte[] stringBytes(String what) {
    long length = bits64(what);
    if (length > Integer.MAX_VALUE - 8) {
      throw refuse("%s has %,d bytes, more than any sound file".formatted(what, length));
    }
    return take(length, what).toArray(JAVA_BYTE);
  }
}
