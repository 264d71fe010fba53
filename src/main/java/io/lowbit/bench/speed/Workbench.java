// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench.speed;

import io.lowbit.backend.cuda.Activations;
import io.lowbit.backend.cuda.Addition;
import io.lowbit.backend.cuda.Attention;
import io.lowbit.backend.cuda.CacheAppend;
import io.lowbit.backend.cuda.Gemm16;
import io.lowbit.backend.cuda.GemmW4A16;
import io.lowbit.backend.cuda.GemmW8A16;
import io.lowbit.backend.cuda.GemmW8A8;
import io.lowbit.backend.cuda.GpuException;
import io.lowbit.backend.cuda.Kernels;
import io.lowbit.backend.cuda.RotaryEmbedding;
import io.lowbit.backend.cuda.RowNorm;
import io.lowbit.backend.cuda.TokenQuantizer;
import io.lowbit.backend.cuda.WeightQuantizer;
import io.lowbit.tensor.DType;
import java.util.Optional;
import java.util.function.Function;

/**
 * The launchers on a device, and the operands that a run of measurements shares. Everything is in
 * bfloat16, as in the programs that Lowbit is compared with.
 */
final class Workbench implements AutoCloseable {
  static final DType TYPE = DType.BF16;

  // Left to workspaces, modules and other programs.
  private static final double USABLE_MEMORY = 0.85;

  final Kernels kernels;
  final Settings settings;
  final Gemm16 dense;
  final GemmW4A16 fourBits;
  final GemmW8A16 eightBits;
  final GemmW8A8 integers;
  final TokenQuantizer tokenQuantizer;
  final WeightQuantizer weightQuantizer;
  final Attention attention;
  final CacheAppend append;
  final RowNorm norms;
  final RotaryEmbedding rotation;
  final Activations activations;
  final Addition addition;
  private Optional<Shared> shared = Optional.empty();

  /** Operands that the next measurement of the same setup finds as they are. */
  private record Shared(String setup, Object operands, DeviceScope scope) {}

  Workbench(Kernels kernels, Settings settings) {
    this.kernels = kernels;
    this.settings = settings;
    dense = new Gemm16(kernels);
    fourBits = new GemmW4A16(kernels);
    eightBits = new GemmW8A16(kernels);
    integers = new GemmW8A8(kernels);
    tokenQuantizer = new TokenQuantizer(kernels);
    weightQuantizer = new WeightQuantizer(kernels);
    attention = new Attention(kernels);
    append = new CacheAppend(kernels);
    norms = new RowNorm(kernels);
    rotation = new RotaryEmbedding(kernels);
    activations = new Activations(kernels);
    addition = new Addition(kernels);
  }

  /** Frees shared operands unless they are of this setup. */
  void enter(String setup) {
    if (shared.isPresent() && !shared.get().setup.equals(setup)) {
      release();
    }
  }

  /** The operands of a setup, made if they are not there. */
  <T> T share(String setup, Class<T> type, Function<DeviceScope, T> maker) {
    enter(setup);
    if (shared.isEmpty()) {
      DeviceScope scope = new DeviceScope(kernels);
      try {
        shared = Optional.of(new Shared(setup, maker.apply(scope), scope));
      } catch (RuntimeException | Error e) {
        scope.close();
        throw e;
      }
    }
    return type.cast(shared.get().operands);
  }

  private void release() {
    Optional<Shared> old = shared;
    shared = Optional.empty();
    old.ifPresent(s -> s.scope.close());
  }

  /**
   * How many copies of operands calls take in turn: enough to defeat the L2 cache, at least two,
   * but no more than fit.
   *
   * @param bytes of one copy
   * @throws GpuException {@link GpuException#OUT_OF_MEMORY} if not even one fits
   */
  int copies(long bytes) {
    long usable = (long) (USABLE_MEMORY * kernels.driver().memory().freeBytes());
    if (bytes > usable) {
      throw new GpuException(
          GpuException.OUT_OF_MEMORY,
          "CUDA_ERROR_OUT_OF_MEMORY",
          "needs %,d MiB, and %,d are free".formatted(bytes >> 20, usable >> 20));
    }
    long wanted =
        Math.max(settings.rotationBytes(), settings.l2Share() * kernels.device().l2Bytes());
    return (int) Math.min(Math.max(2, Math.ceilDiv(wanted, bytes)), usable / bytes);
  }

  @Override
  public void close() {
    release();
    dense.close();
  }
}
