// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend;

import io.lowbit.backend.cpu.CpuBackend;
import io.lowbit.tensor.DType;
import java.util.List;
import java.util.Optional;

/** Chooses the machine to run on. */
public final class Backends {
  /** What {@code --backend} takes. */
  public static final List<String> NAMES = List.of("auto", "cuda", "cpu");

  /** More is a slip of the keyboard: no machine has so many cores. */
  private static final int MOST_THREADS = 1024;

  private Backends() {}

  /**
   * Checks a number of threads.
   *
   * @throws IllegalArgumentException if it is negative or absurd
   */
  public static int requireThreads(int threads) {
    if (threads < 0 || threads > MOST_THREADS) {
      throw new IllegalArgumentException(
          "%,d threads cannot be started; choose 1 to %,d, or 0 for one per core"
              .formatted(threads, MOST_THREADS));
    }
    return threads;
  }

  /**
   * A chosen back-end.
   *
   * @param backend ready to use; the caller closes it
   * @param reason one line for the log: what was chosen and why
   */
  public record Choice(Backend backend, String reason) {}

  /**
   * Opens a back-end.
   *
   * @param name {@code auto}, {@code cuda} or {@code cpu}
   * @param base type of everything that is not low-bit; empty = fp32 on the CPU
   * @param threads threads of the CPU back-end, 0 = one per core
   * @throws IllegalArgumentException if the name is unknown, the machine has no such device, or the
   *     number of threads is none
   */
  public static Choice open(String name, Optional<DType> base, int threads) {
    if (!NAMES.contains(name)) {
      throw new IllegalArgumentException(
          "there is no back-end '%s'; choose one of %s".formatted(name, String.join(", ", NAMES)));
    }
    if (name.equals("cuda")) {
      throw new IllegalArgumentException(
          "this version of Lowbit has no CUDA back-end; use --backend cpu or auto");
    }
    int cores = requireThreads(threads) == 0 ? Runtime.getRuntime().availableProcessors() : threads;
    Backend backend = new CpuBackend(base.orElse(DType.F32), cores);
    String why = name.equals("cpu") ? "as asked" : "there is no GPU back-end in this version";
    return new Choice(backend, "back-end: %s (%s)".formatted(backend.description(), why));
  }
}
