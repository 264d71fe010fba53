// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx.text;

import java.util.Locale;
import java.util.Optional;

/** The types of PTX, with their size. */
public enum PtxType {
  PRED(1, Kind.PREDICATE),
  B4X2(8, Kind.BITS),
  B8(8, Kind.BITS),
  B16(16, Kind.BITS),
  B32(32, Kind.BITS),
  B64(64, Kind.BITS),
  B128(128, Kind.BITS),
  U4(4, Kind.UNSIGNED),
  U8(8, Kind.UNSIGNED),
  U16(16, Kind.UNSIGNED),
  U32(32, Kind.UNSIGNED),
  U64(64, Kind.UNSIGNED),
  S4(4, Kind.SIGNED),
  S8(8, Kind.SIGNED),
  S16(16, Kind.SIGNED),
  S32(32, Kind.SIGNED),
  S64(64, Kind.SIGNED),
  F16(16, Kind.FLOAT),
  BF16(16, Kind.FLOAT),
  TF32(32, Kind.FLOAT),
  F32(32, Kind.FLOAT),
  F64(64, Kind.FLOAT),
  F16X2(32, Kind.PAIR),
  BF16X2(32, Kind.PAIR),
  E4M3X2(16, Kind.PAIR),
  E5M2X2(16, Kind.PAIR),
  E4M3(8, Kind.FLOAT),
  E5M2(8, Kind.FLOAT);

  /** How the bits are read. */
  public enum Kind {
    PREDICATE,
    BITS,
    UNSIGNED,
    SIGNED,
    FLOAT,
    PAIR
  }

  private final int bits;
  private final Kind kind;

  PtxType(int bits, Kind kind) {
    this.bits = bits;
    this.kind = kind;
  }

  /** Size in bits. */
  public int bits() {
    return bits;
  }

  /** Size in memory. */
  public int bytes() {
    return Math.max(1, bits / 8);
  }

  /** How the bits are read. */
  public Kind kind() {
    return kind;
  }

  /** A signed integer. */
  public boolean signed() {
    return kind == Kind.SIGNED;
  }

  /** One floating-point number. */
  public boolean floating() {
    return kind == Kind.FLOAT;
  }

  /** The type of a suffix such as {@code u32}. */
  public static Optional<PtxType> of(String suffix) {
    try {
      return Optional.of(valueOf(suffix.toUpperCase(Locale.ROOT)));
    } catch (IllegalArgumentException unknown) {
      return Optional.empty();
    }
  }
}
