// SPDX-License-Identifier: Apache-2.0
package io.lowbit.format;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;

/**
 * The hash that names a checkpoint's weights. Per tensor, in the order of {@link String#compareTo}
 * of the names: byte length and UTF-8 bytes of the name, the same of the type, number of dimensions
 * and the dimensions, number of data bytes and the data. All numbers are 64-bit little-endian, so
 * no two different sets of tensors give the same byte stream.
 */
final class TensorDigest {
  private static final long CHUNK_BYTES = 1L << 20;

  private final MessageDigest digest;

  private TensorDigest(MessageDigest digest) {
    this.digest = digest;
  }

  static String sha256(Collection<StoredTensor> tensors) {
    TensorDigest hash = new TensorDigest(newDigest());
    List<StoredTensor> ordered =
        tensors.stream().sorted(Comparator.comparing(StoredTensor::name)).toList();
    for (StoredTensor tensor : ordered) {
      hash.add(tensor);
    }
    return HexFormat.of().formatHex(hash.digest.digest());
  }

  private static MessageDigest newDigest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java has no SHA-256, which every Java must have", e);
    }
  }

  private void add(StoredTensor tensor) {
    add(tensor.name());
    add(tensor.storage().type());
    add(tensor.shape().rank());
    for (long dimension : tensor.shape().dimensions()) {
      add(dimension);
    }
    add(tensor.data().byteSize());
    add(tensor.data());
  }

  private void add(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    add(bytes.length);
    digest.update(bytes);
  }

  private void add(long number) {
    digest.update(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(number).flip());
  }

  private void add(MemorySegment data) {
    for (long at = 0; at < data.byteSize(); at += CHUNK_BYTES) {
      long bytes = Math.min(CHUNK_BYTES, data.byteSize() - at);
      digest.update(data.asSlice(at, bytes).asByteBuffer());
    }
  }
}
