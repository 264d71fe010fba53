// SPDX-License-Identifier: Apache-2.0
package io.lowbit.quant;

import io.lowbit.quant.IntegerGrid.Symmetry;
import io.lowbit.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Printer of the text form of {@link Scheme}. */
final class SchemeText {
  /** Base types by their text form. */
  static final Map<String, DType> BASES =
      Map.of("fp32", DType.F32, "fp16", DType.F16, "bf16", DType.BF16);

  private SchemeText() {}

  static String print(Scheme scheme) {
    List<String> parts = new ArrayList<>();
    scheme.base().ifPresent(type -> parts.add(name(type)));
    if (scheme.stored()) {
      parts.add("stored");
    }
    scheme.weights().ifPresent(weights -> parts.add(print(weights, scheme.activations())));
    scheme.cache().ifPresent(cache -> parts.add(print(cache)));
    if (scheme.compat()) {
      parts.add("compat");
    }
    return String.join("+", parts);
  }

  /** The text form of a base type. */
  static String name(DType type) {
    return switch (type) {
      case F32 -> "fp32";
      case F16 -> "fp16";
      case BF16 -> "bf16";
      default -> throw new IllegalArgumentException(type + " is no base type");
    };
  }

  private static String print(WeightScheme weights, Optional<ActivationScheme> activations) {
    StringBuilder out = new StringBuilder();
    switch (weights.format()) {
      case NamedFormat named -> out.append(named.text());
      case IntegerGrid grid -> {
        out.append('w').append(grid.bits());
        out.append(grid.groupSize() == 0 ? "" : "g" + grid.groupSize());
        activations.ifPresent(a -> out.append('a').append(a.bits()));
        out.append(grid.symmetry() == Symmetry.ASYMMETRIC ? "" : "-sym");
        out.append(grid.scaleType() == DType.F32 ? "-s32" : "");
      }
    }
    weights.methods().forEach(method -> out.append('-').append(method.text()));
    out.append(activations.map(ActivationScheme::calibrated).orElse(false) ? "-static" : "");
    return out.toString();
  }

  private static String print(CacheScheme cache) {
    String bits =
        cache.format() == CacheScheme.Format.FP8
            ? "kvfp8"
            : cache.keyBits() == cache.valueBits()
                ? "kv" + cache.keyBits()
                : "k" + cache.keyBits() + "v" + cache.valueBits();
    return bits
        + (cache.groupSize() == 0 ? "" : "g" + cache.groupSize())
        + (cache.window() == 0 ? "" : "r" + cache.window())
        + (cache.scaleType() == DType.F32 ? "-s32" : "")
        + (cache.keysPerChannel() ? "-kivi" : "");
  }
}
