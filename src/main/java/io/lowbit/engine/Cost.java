// SPDX-License-Identifier: Apache-2.0
package io.lowbit.engine;

import io.lowbit.backend.Backend;
import io.lowbit.backend.Backends;
import io.lowbit.backend.Buffer;
import io.lowbit.backend.Linear;
import io.lowbit.backend.Weight;
import io.lowbit.model.Architecture;
import io.lowbit.model.ModelSource;
import io.lowbit.quant.IntegerGrid;
import io.lowbit.quant.NamedFormat;
import io.lowbit.quant.Scheme;
import io.lowbit.quant.WeightScheme;
import io.lowbit.tensor.DType;
import io.lowbit.tensor.Tensor;
import java.util.Optional;

/**
 * What running a model will take, from its shape alone.
 *
 * @param operationsPerToken floating point operations in matrix products per token read
 * @param bytes weights under the scheme and the buffers of a pass; caches are small beside them
 */
public record Cost(double operationsPerToken, long bytes) {
  /**
   * Estimates a model under a scheme.
   *
   * @param tokensPerPass tokens read at a time
   */
  public static Cost of(ModelSource source, Scheme scheme, int tokensPerPass) {
    Architecture a = source.architecture();
    long attention = (long) a.hidden() * (2L * a.queryWidth() + 2L * a.keyWidth());
    long mlp = 3L * a.hidden() * a.mlpWidth();
    long blocks = a.layers() * (attention + mlp);
    long head = (long) a.vocabulary() * a.hidden();
    int baseBits = 8 * scheme.base().orElse(DType.F32).bytes();
    double bits =
        scheme.stored()
            ? 8.0 * source.bytes()
            : head * (a.tiedHead() ? 1.0 : 2.0) * baseBits
                + (double) blocks * scheme.weights().map(Cost::codeBits).orElse(baseBits);
    long widths = 4L * a.hidden() + 2L * a.queryWidth() + 2L * a.keyWidth() + 2L * a.mlpWidth();
    return new Cost(2.0 * (blocks + head), (long) (bits / 8) + 4L * tokensPerPass * widths);
  }

  /** Bits of a weight's code; scales are a few per cent more. */
  private static int codeBits(WeightScheme weights) {
    return switch (weights.format()) {
      case IntegerGrid grid -> grid.bits();
      case NamedFormat _ -> 8;
    };
  }

  /**
   * Operations per second of one matrix product in the default type on the chosen back-end, the
   * best of a few.
   */
  public static double operationsPerSecond(String backendName, int threads, boolean fast) {
    int size = 768;
    Backends.Choice choice = Backends.open(backendName, Optional.empty(), threads, fast);
    try (Backend backend = choice.backend();
        Weight weight = backend.upload(Tensor.allocate(DType.F32, size, size));
        Buffer x = backend.allocate(size, size);
        Buffer y = backend.allocate(size, size)) {
      Linear linear = new Linear(weight, Optional.empty(), Optional.empty());
      float[] row = new float[size];
      double seconds = Double.MAX_VALUE;
      for (int run = 0; run < 8; run++) {
        long start = System.nanoTime();
        backend.linear(x, linear, y);
        // A GPU has then only been told to; reading waits for the result.
        y.read(size - 1, row, 0);
        seconds = Math.min(seconds, (System.nanoTime() - start) / 1e9);
      }
      return 2.0 * size * size * size / seconds;
    }
  }
}
