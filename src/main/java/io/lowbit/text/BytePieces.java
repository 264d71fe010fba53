// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text;

/** The alphabet in which byte-level vocabularies spell bytes: one visible character per byte. */
final class BytePieces {
  private static final char[] ALPHABET = alphabet();

  private BytePieces() {}

  /**
   * Visible Latin-1 characters stand for themselves, all others follow from U+0100 on, in order.
   */
  private static char[] alphabet() {
    char[] alphabet = new char[256];
    char next = 0x100;
    for (int b = 0; b < 256; b++) {
      boolean visible = (b >= 0x21 && b <= 0x7e) || (b >= 0xa1 && b != 0xad);
      alphabet[b] = visible ? (char) b : next++;
    }
    return alphabet;
  }

  /** Spells bytes. */
  static String spell(byte[] bytes) {
    StringBuilder text = new StringBuilder(bytes.length);
    for (byte b : bytes) {
      text.append(ALPHABET[b & 0xff]);
    }
    return text.toString();
  }
}
