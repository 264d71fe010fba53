// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench;

import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** All cases of all kernels. */
public final class ConformanceSuite {
  private static final List<Supplier<Stream<ConformanceCase>>> FAMILIES =
      List.of(
          RowCases::cases,
          ActivationCases::cases,
          Gemm16Cases::cases,
          HeadCases::cases,
          GemmW4A16Cases::cases,
          GemmW8A16Cases::cases,
          TokenQuantizerCases::cases,
          GemmW8A8Cases::cases,
          WeightQuantizerCases::cases,
          CacheAppendCases::cases,
          AttentionCases::cases);

  private ConformanceSuite() {}

  /** Every case, family by family. */
  public static List<ConformanceCase> all() {
    return FAMILIES.stream().flatMap(Supplier::get).toList();
  }

  /** The selection that every build runs. */
  public static List<ConformanceCase> sample() {
    return all().stream().filter(ConformanceCase::sample).toList();
  }
}
