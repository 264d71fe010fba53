// SPDX-License-Identifier: Apache-2.0
package io.lowbit.results;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * SHA-256 over everything an answer depends on. Two answers share a key only if every part agrees:
 * parts are hashed with their names and lengths, so that no two different lists of parts run
 * together into the same bytes.
 */
public final class ContentKey {
  private final MessageDigest digest;

  /** A key without parts. */
  public ContentKey() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** Adds a named text. */
  public ContentKey with(String name, String value) {
    bytes(name.getBytes(StandardCharsets.UTF_8));
    bytes(value.getBytes(StandardCharsets.UTF_8));
    return this;
  }

  /** Adds a named number. */
  public ContentKey with(String name, long value) {
    return with(name, Long.toString(value));
  }

  /** Adds named token ids. */
  public ContentKey with(String name, int[] ids) {
    ByteBuffer buffer = ByteBuffer.allocate(4 * ids.length);
    for (int id : ids) {
      buffer.putInt(id);
    }
    bytes(name.getBytes(StandardCharsets.UTF_8));
    bytes(buffer.array());
    return this;
  }

  private void bytes(byte[] value) {
    digest.update(ByteBuffer.allocate(4).putInt(value.length).array());
    digest.update(value);
  }

  /** The key in hexadecimal. Ends this object's use. */
  public String hex() {
    return HexFormat.of().formatHex(digest.digest());
  }
}
