// SPDX-License-Identifier: Apache-2.0
package io.lowbit.engine;

import io.lowbit.backend.Backends;
import io.lowbit.model.Model;
import io.lowbit.model.ModelSource;
import io.lowbit.quant.OnIndivisible;
import io.lowbit.quant.Scheme;
import io.lowbit.tensor.DType;
import java.util.Optional;

/**
 * A model loaded under a scheme on a back-end of its own. Closing it frees both; the source stays
 * open.
 *
 * @param backend which back-end was chosen and why
 * @param model ready to run
 */
public record Session(Backends.Choice backend, Model model) implements AutoCloseable {

  /**
   * How to load a model.
   *
   * @param scheme what is low-bit; empty = {@link #defaultScheme}
   * @param backend {@code auto}, {@code cuda} or {@code cpu}
   * @param threads CPU threads, 0 = one per core
   * @param fast as {@link Backends#open(String, Optional, int, boolean)} takes it
   * @param onIndivisible what to do where the scheme's group size does not divide a row
   */
  public record Options(
      Optional<Scheme> scheme,
      String backend,
      int threads,
      boolean fast,
      OnIndivisible onIndivisible) {
    /** The same bits in any batch. */
    public Options(
        Optional<Scheme> scheme, String backend, int threads, OnIndivisible onIndivisible) {
      this(scheme, backend, threads, false, onIndivisible);
    }
  }

  /**
   * {@code stored} for a packed checkpoint; for any other the base type that the back-end takes by
   * default, {@code fp16} on a GPU and {@code fp32} on the CPU.
   *
   * @param backend as in {@link Options}
   */
  public static Scheme defaultScheme(ModelSource source, String backend) {
    String base = Backends.defaultBase(backend) == DType.F16 ? "fp16" : "fp32";
    return Scheme.parse(source.isPacked() ? "stored" : base);
  }

  /** Loads a model; see {@link ModelSource#load} for what can go wrong. */
  public static Session load(ModelSource source, Options options) {
    Scheme scheme = options.scheme().orElseGet(() -> defaultScheme(source, options.backend()));
    Backends.Choice choice =
        Backends.open(options.backend(), scheme.base(), options.threads(), options.fast());
    try {
      return new Session(choice, source.load(scheme, choice.backend(), options.onIndivisible()));
    } catch (RuntimeException | Error e) {
      choice.backend().close();
      throw e;
    }
  }

  @Override
  public void close() {
    model.close();
    backend.backend().close();
  }
}
