// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench.speed;

import java.util.List;

/** The tables at sizes for an interpreter, one entry of each kind and scheme. */
final class SmallTables {
  static final HeadShape HEADS = new HeadShape("small", 4, 4, 16);
  static final List<String> CACHES = List.of("bf16", "kv8", "kv4", "kv4-kivi");

  /** Copies of 30 KB, graphs of 3 calls, a warm-up and a replay. */
  static final Settings SETTINGS = new Settings(30_000, 0, 3, 1, 1, 1, 60);

  private SmallTables() {}

  static Tables tables() {
    List<String> schemes = List.of("bf16", "w4g64", "w4g64-sym", "w8", "w8a8", "w4g64a8");
    return new Tables(
        1 << 16,
        64,
        List.of(
            new Tables.Linear(new LinearShape("small.o", 320, 128), 1, List.of(1, 70), schemes)),
        List.of(new Tables.Attention(HEADS, 2, 128, 1, CACHES)),
        List.of(new Tables.Attention(HEADS, 1, 64, 1, CACHES)),
        List.of(new Tables.Attention(HEADS, 1, 64, 1, CACHES)),
        List.of(new Tables.Matrix(128, 128, 1, List.of("w4g64", "w8"))),
        List.of(new Tables.Matrix(5, 128, 1, List.of("w8a8"))),
        List.of(
            new Tables.Layer(
                HEADS, 64, 128, List.of(1, 2), 64, 1, List.of("bf16", "w4g64+kv4", "w8a8"))));
  }
}
