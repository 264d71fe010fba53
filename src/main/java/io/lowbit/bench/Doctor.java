// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench;

import io.lowbit.backend.cuda.CublasProbe;
import io.lowbit.backend.cuda.CudaProbe;
import io.lowbit.backend.cuda.GpuDriver;
import io.lowbit.backend.cuda.GpuException;
import io.lowbit.backend.cuda.GpuModule;
import io.lowbit.backend.cuda.JCudaDriver;
import io.lowbit.backend.cuda.KernelManifest;
import io.lowbit.backend.cuda.Kernels;
import io.lowbit.backend.cuda.MemoryState;
import io.lowbit.bench.Finding.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;

/** Looks at everything that Lowbit needs on a machine and says what to fix. */
public final class Doctor {
  private final CudaProbe probe;
  private final Supplier<GpuDriver> driver;
  private final Workplace workplace;

  Doctor(CudaProbe probe, Supplier<GpuDriver> driver, Workplace workplace) {
    this.probe = probe;
    this.driver = driver;
    this.workplace = workplace;
  }

  /** Examines this machine. */
  public static List<Finding> examine() {
    return new Doctor(CudaProbe.result(), JCudaDriver::open, new Workplace()).findings();
  }

  /** Whether nothing that is needed is broken; a machine without a GPU is in order. */
  public static boolean inOrder(List<Finding> findings) {
    return findings.stream().noneMatch(finding -> finding.level() == Level.FAIL);
  }

  List<Finding> findings() {
    List<Finding> findings = new ArrayList<>();
    findings.add(gpu());
    if (probe.usable()) {
      findings.addAll(device());
    } else {
      findings.add(kernels("not loaded, as there is no GPU to use"));
    }
    findings.add(matrixProducts());
    findings.addAll(workplace.findings());
    return findings;
  }

  private Finding gpu() {
    Level level =
        switch (probe.kind()) {
          case USABLE, NO_DRIVER, OTHER_PLATFORM -> Level.OK;
          case NO_DEVICE, GPU_TOO_OLD -> Level.WARN;
          case DRIVER_TOO_OLD, NOT_LOADABLE, BROKEN -> Level.FAIL;
        };
    return new Finding(
        level, "gpu", probe.usable() ? probe.sentence() : probe.sentence() + ". The CPU serves");
  }

  private List<Finding> device() {
    List<Finding> findings = new ArrayList<>();
    try (GpuDriver gpu = driver.get()) {
      findings.add(
          new Finding(
              Level.OK,
              "multiprocessors",
              "%d, with up to %,d KiB of shared memory for a block"
                  .formatted(
                      gpu.device().multiprocessors(),
                      gpu.device().maxSharedBytesPerBlockOptIn() >> 10)));
      findings.add(memory(gpu.memory()));
      findings.addAll(loaded(gpu));
    } catch (GpuException e) {
      findings.add(new Finding(Level.FAIL, "gpu", e.getMessage()));
    }
    return findings;
  }

  private static Finding memory(MemoryState memory) {
    boolean taken = memory.freeBytes() < memory.totalBytes() / 2;
    return new Finding(
        taken ? Level.WARN : Level.OK,
        "gpu memory",
        "%,d of %,d MiB free%s"
            .formatted(
                memory.freeBytes() >> 20,
                memory.totalBytes() >> 20,
                taken ? "; other programs use it: nvidia-smi lists them" : ""));
  }

  private static List<Finding> loaded(GpuDriver gpu) {
    List<Finding> refused = new ArrayList<>();
    for (KernelManifest.Module module : KernelManifest.modules()) {
      try (GpuModule compiled = gpu.load(module.name(), Kernels.text(module.name()))) {
        module.entries().forEach(compiled::function);
      } catch (GpuException e) {
        refused.add(new Finding(Level.FAIL, "kernels", e.getMessage()));
      }
    }
    return refused.isEmpty() ? List.of(kernels("all load")) : refused;
  }

  private static Finding kernels(String state) {
    List<KernelManifest.Module> modules = KernelManifest.modules();
    if (modules.isEmpty()) {
      return new Finding(Level.WARN, "kernels", "this build has none: no GPU can be used");
    }
    Set<String> versions = new TreeSet<>();
    modules.forEach(module -> versions.add(module.version() + " for " + module.target()));
    return new Finding(
        Level.OK,
        "kernels",
        "%d modules, PTX %s: %s".formatted(modules.size(), String.join(", ", versions), state));
  }

  private Finding matrixProducts() {
    String own = "Lowbit's own kernels";
    if (!probe.usable()) {
      return new Finding(Level.OK, "matrix products", own);
    }
    CublasProbe found = CublasProbe.find();
    if (found == CublasProbe.NONE) {
      return new Finding(
          Level.OK, "matrix products", own + "; with --fast too, as there is no cuBLAS");
    }
    try {
      return new Finding(
          Level.OK, "matrix products", "%s; with --fast %s".formatted(own, found.examine()));
    } catch (IllegalStateException e) {
      return new Finding(
          Level.WARN, "matrix products", "%s; no --fast: %s".formatted(own, e.getMessage()));
    }
  }
}
