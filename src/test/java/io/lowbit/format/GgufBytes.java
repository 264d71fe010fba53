// SPDX-License-Identifier: Apache-2.0
package io.lowbit.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Builds GGUF files byte by byte, sound or not. */
final class GgufBytes {
  static final int U32 = 4;
  static final int STRING = 8;

  private ByteBuffer header = ByteBuffer.allocate(1 << 14).order(ByteOrder.LITTLE_ENDIAN);
  private int keys;
  private int tensors;
  private int version = 3;
  private int alignment = 32;

  GgufBytes version(int version) {
    this.version = version;
    return this;
  }

  /** Key-values as they lie in another file. */
  GgufBytes keys(int count, byte[] raw) {
    ByteBuffer larger = ByteBuffer.allocate(header.capacity() + raw.length);
    header = larger.order(ByteOrder.LITTLE_ENDIAN).put(header.flip()).put(raw);
    keys += count;
    return this;
  }

  GgufBytes key(String name, int type, byte[] value) {
    string(name).putInt(type).put(value);
    keys++;
    return this;
  }

  GgufBytes key(String name, String value) {
    string(name).putInt(STRING);
    string(value);
    keys++;
    return this;
  }

  GgufBytes key(String name, int value) {
    keys++;
    string(name).putInt(U32).putInt(value);
    if (name.equals("general.alignment")) {
      alignment = value;
    }
    return this;
  }

  /** Dimensions as GGUF has them, the contiguous one first. */
  GgufBytes tensor(String name, int type, long offset, long... dimensions) {
    string(name).putInt(dimensions.length);
    for (long dimension : dimensions) {
      header.putLong(dimension);
    }
    header.putInt(type).putLong(offset);
    tensors++;
    return this;
  }

  private ByteBuffer string(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    return header.putLong(utf8.length).put(utf8);
  }

  /** Where the data begin. */
  int dataStart() {
    return (24 + header.position() + alignment - 1) / alignment * alignment;
  }

  byte[] with(byte[] data) {
    ByteBuffer file = ByteBuffer.allocate(dataStart() + data.length).order(ByteOrder.LITTLE_ENDIAN);
    file.put("GGUF".getBytes(StandardCharsets.US_ASCII)).putInt(version);
    file.putLong(tensors).putLong(keys).put(header.array(), 0, header.position());
    return file.put(dataStart(), data).array();
  }

  static byte[] floats(float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      bytes.putFloat(value);
    }
    return bytes.array();
  }

  static Path write(Path file, byte[] bytes) throws IOException {
    Files.createDirectories(file.getParent());
    return Files.write(file, bytes);
  }
}
