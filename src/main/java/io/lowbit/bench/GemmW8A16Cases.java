// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench;

import io.lowbit.backend.cuda.GemmW8A16;
import java.util.stream.Stream;

/** Products with weights in containers of 8 bits. */
final class GemmW8A16Cases {
  private GemmW8A16Cases() {}

  static Stream<ConformanceCase> cases() {
    return PackedGemmCases.cases(
        "gemm_w8a16",
        8,
        5,
        (kernels, multiprocessors, x, weight, bias, out) ->
            new GemmW8A16(kernels, multiprocessors).run(x, weight, bias, out));
  }
}
