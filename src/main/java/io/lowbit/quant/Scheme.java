// SPDX-License-Identifier: Apache-2.0
package io.lowbit.quant;

import io.lowbit.quant.IntegerGrid.Symmetry;
import io.lowbit.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is low-bit in a model. Users type and papers print the text form:
 *
 * <pre>
 * scheme  = base | [base "+"] part ("+" part)*
 * base    = "fp32" | "fp16" | "bf16"                    type of everything that is not low-bit
 * part    = "stored"                                    weights run as they lie in the checkpoint
 *         | "w" bits ["g" group] ["a" bits] option*     weights, and activations per token
 *         | named-format option*                        nf4, mxfp4, q4_k, ...
 *         | ("kv" bits | "k" bits "v" bits) ["g" group] ["r" window] option*  cache, 16 = base
 *         | "kvfp8" ["r" window] option*
 *         | "compat"                                    qllm-eval's arithmetic in all parts
 * option  = "-sym" | "-s32" | "-static" | "-kivi" | "-" method
 * </pre>
 *
 * In a cache, {@code r} leaves the latest tokens, the current one included, in the base type, and
 * {@code -kivi} gives keys one grid per channel and block of tokens; see {@link CacheScheme}.
 *
 * <p>No group means one grid per output channel (weights) or per head (cache; with {@code -kivi}
 * blocks of {@value CacheScheme#DEFAULT_KEY_BLOCK} keys per channel). Grids are asymmetric unless
 * {@code -sym}, which a cache does not take: weights then use all codes ({@link
 * Symmetry#SYMMETRIC_FULL}), but with quantized activations, and in compat, both use {@link
 * Symmetry#SYMMETRIC_RESTRICTED}. Scales are fp16 unless {@code -s32}; in compat they have the type
 * of the tensor, so {@code -s32} has no meaning there. Parts and options come in any order (the
 * base first) and print in one.
 *
 * @param stored weights run packed, as they lie in the checkpoint
 * @param base type of everything that is not low-bit; empty = the back-end's default
 * @param weights quantization of the blocks' linear layers
 * @param activations quantization of their inputs
 * @param cache quantization of keys and values
 */
public record Scheme(
    boolean stored,
    Optional<DType> base,
    Optional<WeightScheme> weights,
    Optional<ActivationScheme> activations,
    Optional<CacheScheme> cache) {

  /** Checks that the parts go together, as they do in every text form. */
  public Scheme {
    if (!stored && base.isEmpty() && weights.isEmpty() && cache.isEmpty()) {
      throw new IllegalArgumentException("a scheme names at least a base type, such as fp32");
    }
    if (base.isPresent() && !SchemeText.BASES.containsValue(base.get())) {
      throw new IllegalArgumentException("the base type is F32, F16 or BF16, not " + base.get());
    }
    if (stored && weights.isPresent()) {
      throw new IllegalArgumentException(
          "weights either run as stored or are quantized to a scheme, not both");
    }
    Optional<IntegerGrid> grid = weights.flatMap(Scheme::integerGrid);
    if (activations.isPresent() && grid.isEmpty()) {
      throw new IllegalArgumentException("activations are quantized only beside integer weights");
    }
    if (grid.isPresent()) {
      requireOneSymmetry(grid.get(), activations);
    }
    if (arithmetics(weights, activations, cache).stream().distinct().count() > 1) {
      throw new IllegalArgumentException("compat holds for all parts of a scheme or for none");
    }
  }

  private static void requireOneSymmetry(IntegerGrid grid, Optional<ActivationScheme> activations) {
    boolean restricted = activations.isPresent() || grid.arithmetic() == Arithmetic.COMPAT;
    Symmetry unexpected = restricted ? Symmetry.SYMMETRIC_FULL : Symmetry.SYMMETRIC_RESTRICTED;
    if (grid.symmetry() == unexpected) {
      throw new IllegalArgumentException(
          "symmetric weights use the restricted grid beside quantized activations and in compat,"
              + " and the full grid elsewhere");
    }
    if (activations.isPresent()
        && activations.get().symmetric() != (grid.symmetry() != Symmetry.ASYMMETRIC)) {
      throw new IllegalArgumentException("weights and activations are both symmetric or neither");
    }
  }

  private static List<Arithmetic> arithmetics(
      Optional<WeightScheme> weights,
      Optional<ActivationScheme> activations,
      Optional<CacheScheme> cache) {
    List<Arithmetic> all = new ArrayList<>();
    weights.flatMap(Scheme::integerGrid).ifPresent(grid -> all.add(grid.arithmetic()));
    activations.ifPresent(scheme -> all.add(scheme.arithmetic()));
    cache.ifPresent(scheme -> all.add(scheme.arithmetic()));
    return all;
  }

  static Optional<IntegerGrid> integerGrid(WeightScheme weights) {
    return weights.format() instanceof IntegerGrid grid ? Optional.of(grid) : Optional.empty();
  }

  /**
   * Reads the text form.
   *
   * @throws IllegalArgumentException that points at the character where the text stops being a
   *     scheme and names the nearest word that would do
   */
  public static Scheme parse(String text) {
    return new SchemeParser(text).parse();
  }

  /** Reads what {@link #canonicalJson} wrote. */
  public static Scheme fromJson(String json) {
    return SchemeJson.read(json);
  }

  /** The one JSON form: every knob explicit, keys sorted, no spaces. Equal schemes, equal text. */
  public String canonicalJson() {
    return SchemeJson.write(this);
  }

  /** Whether the grids follow qllm-eval's arithmetic. */
  public boolean compat() {
    return arithmetics(weights, activations, cache).contains(Arithmetic.COMPAT);
  }

  /** The same scheme with the base type decided, unless it names one already. */
  public Scheme withDefaultBase(DType type) {
    return base.isPresent()
        ? this
        : new Scheme(stored, Optional.of(type), weights, activations, cache);
  }

  /**
   * Checks that this version can run the scheme.
   *
   * @throws IllegalArgumentException that names what is missing and lists what works
   */
  public void requireSupported() {
    try {
      weights.ifPresent(WeightScheme::requireSupported);
      activations.ifPresent(ActivationScheme::requireSupported);
      cache.ifPresent(CacheScheme::requireSupported);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("scheme '" + this + "': " + e.getMessage(), e);
    }
  }

  /** The text form, in its one canonical order. */
  @Override
  public String toString() {
    return SchemeText.print(this);
  }
}
