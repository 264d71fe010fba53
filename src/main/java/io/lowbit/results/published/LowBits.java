// SPDX-License-Identifier: Apache-2.0
package io.lowbit.results.published;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.lowbit.results.SchemeParts;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * What is low-bit in a scheme, by what a paper says of it. Base type, symmetry and rounding are not
 * among it: papers rarely give them, and two schemes that differ there alone are the same row.
 *
 * @param weightBits bits of the weights; empty if they are not low-bit
 * @param group weights that share a scale; empty for one per output channel
 * @param activationBits bits of the linear layers' inputs
 * @param cacheBits bits of keys and values
 * @param method of the weights, {@code gptq}; empty for rounding to nearest
 */
public record LowBits(
    OptionalInt weightBits,
    OptionalInt group,
    OptionalInt activationBits,
    OptionalInt cacheBits,
    String method) {

  /** Of the canonical JSON that a record holds; empty for a packed checkpoint or another format. */
  public static Optional<LowBits> of(String schemeJson) {
    return SchemeParts.of(schemeJson).flatMap(LowBits::of);
  }

  private static Optional<LowBits> of(SchemeParts parts) {
    boolean known =
        isNumbered(parts.weights()) && isNumbered(parts.activations()) && isNumbered(parts.cache());
    if (!known || parts.weights().definition().equals("stored")) {
      return Optional.empty();
    }
    OptionalInt group = OptionalInt.empty();
    String method = "";
    if (parts.weights().isLowBit()) {
      JsonObject weights = JsonParser.parseString(parts.weights().definition()).getAsJsonObject();
      if (!weights.get("format").getAsString().equals("integer")) {
        return Optional.empty();
      }
      int size = weights.get("groupSize").getAsInt();
      group = size == 0 ? OptionalInt.empty() : OptionalInt.of(size);
      method =
          StreamSupport.stream(weights.getAsJsonArray("methods").spliterator(), false)
              .map(one -> one.getAsString())
              .collect(Collectors.joining(" "));
    }
    return Optional.of(
        new LowBits(
            parts.weights().bits(),
            group,
            parts.activations().bits(),
            parts.cache().bits(),
            method));
  }

  private static boolean isNumbered(SchemeParts.Part part) {
    return !part.isLowBit() || part.bits().isPresent();
  }

  /** Whether nothing is low-bit. */
  public boolean isFull() {
    return weightBits.isEmpty() && activationBits.isEmpty() && cacheBits.isEmpty();
  }

  /**
   * Numbers of bits alone, as in {@code w4}, {@code w4a8}, {@code w4+kv4}; {@code full} if none.
   */
  public String text() {
    String linear =
        Stream.of(named("w", weightBits), named("a", activationBits)).collect(Collectors.joining());
    return isFull()
        ? "full"
        : Stream.of(linear, named("kv", cacheBits))
            .filter(part -> !part.isEmpty())
            .collect(Collectors.joining("+"));
  }

  private static String named(String prefix, OptionalInt bits) {
    return bits.isPresent() ? prefix + bits.getAsInt() : "";
  }
}
