// SPDX-License-Identifier: Apache-2.0
package io.lowbit.model;

import io.lowbit.backend.Backend;
import io.lowbit.quant.Scheme;

/** A checkpoint under a scheme, ready to run. Closing it frees the weights, not the back-end. */
public final class Model implements AutoCloseable {
  private final Decoder decoder;
  private final Backend backend;
  private final Scheme scheme;
  private final Execution execution;
  private final Footprint footprint;
  private final AutoCloseable weights;

  Model(
      Decoder decoder,
      Backend backend,
      Scheme scheme,
      Execution execution,
      Footprint footprint,
      AutoCloseable weights) {
    this.decoder = decoder;
    this.backend = backend;
    this.scheme = scheme;
    this.execution = execution;
    this.footprint = footprint;
    this.weights = weights;
  }

  /** The forward pass. */
  public Decoder decoder() {
    return decoder;
  }

  /** What the decoder is made of. */
  public Architecture architecture() {
    return decoder.architecture();
  }

  /** The machine it runs on. */
  public Backend backend() {
    return backend;
  }

  /** The scheme it runs under. */
  public Scheme scheme() {
    return scheme;
  }

  /** Whether all low-bit arithmetic is the real thing. */
  public Execution execution() {
    return execution;
  }

  /** How low-bit numbers are computed with. */
  public enum Execution {
    /** Packed weights, integer codes of activations, caches read as stored. */
    REAL,
    /**
     * Some weights or activations are rounded to their grid and multiplied as floating point
     * numbers.
     */
    FAKE
  }

  /** Weights counted, in number and in bits. */
  public Footprint footprint() {
    return footprint;
  }

  @Override
  public void close() {
    try {
      weights.close();
    } catch (Exception e) {
      throw new IllegalStateException("the model's weights could not be freed", e);
    }
  }
}
