// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import io.lowbit.results.SchemeParts;
import java.util.Comparator;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * In what a scheme differs from the baseline.
 *
 * @param axis the one part in which it differs
 * @param bits bits of that part; empty if it has no one number of them
 * @param weightBits bits of the weights beside quantized activations; empty elsewhere
 */
public record SchemeChange(Axis axis, OptionalInt bits, OptionalInt weightBits)
    implements Comparable<SchemeChange> {

  /** What is low-bit. */
  public enum Axis {
    /** Weights alone. */
    WEIGHTS,
    /** Inputs of the linear layers; their weights are then low-bit too. */
    ACTIVATIONS,
    /** Keys and values alone. */
    CACHE,
    /** Several at once, or something else. */
    OTHER
  }

  static final SchemeChange OTHER =
      new SchemeChange(Axis.OTHER, OptionalInt.empty(), OptionalInt.empty());

  private static final Comparator<SchemeChange> ORDER =
      Comparator.comparing(SchemeChange::axis)
          .thenComparingInt(change -> -change.weightBits.orElse(0))
          .thenComparingInt(change -> -change.bits.orElse(0));

  /** From the definitions of both. */
  static SchemeChange between(String baselineJson, String schemeJson) {
    Optional<SchemeParts> base = SchemeParts.of(baselineJson);
    Optional<SchemeParts> scheme = SchemeParts.of(schemeJson);
    return base.isEmpty() || scheme.isEmpty() ? OTHER : between(base.get(), scheme.get());
  }

  private static SchemeChange between(SchemeParts base, SchemeParts scheme) {
    boolean weights = isLowered(base.weights(), scheme.weights());
    boolean activations = isLowered(base.activations(), scheme.activations());
    boolean cache = isLowered(base.cache(), scheme.cache());
    boolean isSame =
        (weights || base.weights().equals(scheme.weights()))
            && (activations || base.activations().equals(scheme.activations()))
            && (cache || base.cache().equals(scheme.cache()));
    if (!isSame || (cache && (weights || activations))) {
      return OTHER;
    }
    if (cache) {
      return new SchemeChange(Axis.CACHE, scheme.cache().bits(), OptionalInt.empty());
    }
    if (activations) {
      return new SchemeChange(
          Axis.ACTIVATIONS, scheme.activations().bits(), scheme.weights().bits());
    }
    return weights
        ? new SchemeChange(Axis.WEIGHTS, scheme.weights().bits(), OptionalInt.empty())
        : OTHER;
  }

  private static boolean isLowered(SchemeParts.Part base, SchemeParts.Part scheme) {
    return scheme.isLowBit() && !scheme.equals(base);
  }

  /** Whether both are on one line that differs in bits only. */
  boolean isOnLineOf(SchemeChange other) {
    return axis == other.axis && weightBits.equals(other.weightBits);
  }

  @Override
  public int compareTo(SchemeChange other) {
    return ORDER.compare(this, other);
  }
}
