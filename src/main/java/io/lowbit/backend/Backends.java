// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend;

import io.lowbit.backend.cpu.CpuBackend;
import io.lowbit.backend.cuda.CudaBackend;
import io.lowbit.backend.cuda.CudaProbe;
import io.lowbit.backend.cuda.GpuDriver;
import io.lowbit.backend.cuda.GpuException;
import io.lowbit.backend.cuda.JCudaDriver;
import io.lowbit.tensor.DType;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

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
   * The base type that {@link #open} takes where none is asked for.
   *
   * @param name {@code auto}, {@code cuda} or {@code cpu}
   */
  public static DType defaultBase(String name) {
    boolean gpu = name.equals("cuda") || (name.equals("auto") && CudaProbe.result().usable());
    return gpu ? DType.F16 : DType.F32;
  }

  /** As {@link #open(String, Optional, int, boolean)}, with the same bits in any batch. */
  public static Choice open(String name, Optional<DType> base, int threads) {
    return open(name, base, threads, false);
  }

  /**
   * Opens a back-end.
   *
   * @param name {@code auto}, {@code cuda} or {@code cpu}
   * @param base type of everything that is not low-bit; empty = fp16 on the GPU, fp32 on the CPU
   * @param threads threads of the CPU back-end, 0 = one per core
   * @param fast whether speed may cost bits that depend on the batch, the GPU and libraries; of no
   *     effect on the CPU
   * @throws IllegalArgumentException if the name is unknown, the machine has no such device, the
   *     device has no such type, or the number of threads is none
   * @throws GpuException if the GPU is there and cannot be opened
   * @throws IllegalStateException if fast, and there is a cuBLAS that cannot be loaded
   */
  public static Choice open(String name, Optional<DType> base, int threads, boolean fast) {
    Choice choice = open(name, base, threads, CudaProbe::result, type -> openGpu(type, fast));
    return fast && choice.backend() instanceof CpuBackend
        ? new Choice(choice.backend(), choice.reason() + "; --fast changes nothing on the CPU")
        : choice;
  }

  static Choice open(
      String name,
      Optional<DType> base,
      int threads,
      Supplier<CudaProbe> probe,
      Function<DType, Backend> gpu) {
    if (!NAMES.contains(name)) {
      throw new IllegalArgumentException(
          "there is no back-end '%s'; choose one of %s".formatted(name, String.join(", ", NAMES)));
    }
    requireThreads(threads);
    if (name.equals("cpu")) {
      return openCpu(base, threads, "as asked");
    }
    CudaProbe found = probe.get();
    if (name.equals("cuda")) {
      if (!found.usable()) {
        throw new IllegalArgumentException(found.sentence() + "; or use --backend cpu");
      }
      return openGpu(base, "as asked", gpu);
    }
    if (!found.usable()) {
      // What to do about it is for the doctor to say: most machines simply have no GPU.
      return openCpu(base, threads, found.sentence().replaceFirst("(?s);.*", ""));
    }
    if (base.equals(Optional.of(DType.F32))) {
      return openCpu(base, threads, "the GPU has fp16 and bf16, and the scheme asks for fp32");
    }
    return openGpu(base, "the machine has a GPU", gpu);
  }

  private static Choice openCpu(Optional<DType> base, int threads, String why) {
    int cores = threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
    return choice(new CpuBackend(base.orElse(DType.F32), cores), why);
  }

  private static Choice openGpu(Optional<DType> base, String why, Function<DType, Backend> gpu) {
    return choice(gpu.apply(base.orElse(DType.F16)), why);
  }

  private static Backend openGpu(DType base, boolean fast) {
    GpuDriver driver = JCudaDriver.open();
    try {
      return CudaBackend.open(driver, base, fast);
    } catch (RuntimeException | Error e) {
      driver.close();
      throw e;
    }
  }

  private static Choice choice(Backend backend, String why) {
    return new Choice(backend, "back-end: %s (%s)".formatted(backend.description(), why));
  }
}
