// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.util.Optional;
import java.util.stream.Stream;

/** Which cuBLAS this machine has; only {@code --fast} asks for one. */
public enum CublasProbe {
  /** {@code libcublas.so.12}, which JCublas was built for. */
  CUBLAS_12("JCublas", 12),
  /** {@code libcublas.so.13}, whose functions are called without JCublas. */
  CUBLAS_13("java.lang.foreign", 13),
  /** Neither: Lowbit's own kernels serve there too. */
  NONE("", 0);

  private final String binding;
  private final int version;

  CublasProbe(String binding, int version) {
    this.binding = binding;
    this.version = version;
  }

  /** What calls it. */
  String binding() {
    return binding;
  }

  /** Opens the libraries, which takes a moment where they are there. */
  public static CublasProbe find() {
    if (CUBLAS_12.path().isPresent()) {
      return CUBLAS_12;
    }
    return CUBLAS_13.path().isPresent() ? CUBLAS_13 : NONE;
  }

  /**
   * Loads what was found and asks it for its version.
   *
   * @return such as {@code cuBLAS 12.6.4 through JCublas}
   * @throws IllegalStateException with a sentence if there is none, or it cannot be loaded or does
   *     not answer
   */
  public String examine() {
    return "cuBLAS %s through %s".formatted(CublasStatus.version(open()), binding);
  }

  /** Loads it, once it is known to be whole: calling a missing function would end the process. */
  Cublas open() {
    String path =
        path().orElseThrow(() -> new IllegalStateException("there is no cuBLAS on this machine"));
    SymbolLookup symbols = lookup(path);
    for (String function : Cublas.FUNCTIONS) {
      if (symbols.find(function).isEmpty()) {
        throw new IllegalStateException(
            "%s has no function %s: it is not a whole cuBLAS; install it again, or leave --fast out"
                .formatted(path, function));
      }
    }
    return this == CUBLAS_12 ? CublasJCuda.open() : new CublasForeign(symbols);
  }

  @SuppressWarnings("restricted") // nothing in it is called here
  private static SymbolLookup lookup(String path) {
    return SymbolLookup.libraryLookup(path, Arena.global());
  }

  /**
   * What the loader finds the library by: its name, else where NVIDIA's installers put it without
   * telling the loader. Opened by its path it also serves JCublas, which asks for it by name.
   */
  private Optional<String> path() {
    String file = "libcublas.so." + version;
    return Stream.of("", "/usr/local/cuda/lib64/", "/usr/local/cuda-%d/lib64/".formatted(version))
        .map(folder -> folder + file)
        .filter(JCudaMachine::canOpen)
        .findFirst();
  }
}
