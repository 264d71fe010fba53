// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench;

import io.lowbit.backend.cuda.GemmW4A16;
import java.util.stream.Stream;

/** Products with weights in containers of 4 bits. */
final class GemmW4A16Cases {
  private GemmW4A16Cases() {}

  static Stream<ConformanceCase> cases() {
    return PackedGemmCases.cases(
        "gemm_w4a16",
        4,
        3,
        (kernels, multiprocessors, x, weight, bias, out) ->
            new GemmW4A16(kernels, multiprocessors).run(x, weight, bias, out));
  }
}
