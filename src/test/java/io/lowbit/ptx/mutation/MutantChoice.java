// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx.mutation;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * Which mutants of a module are worth a run: of each kernel every one {@linkplain Mutant#ofControl
 * of its control}, and a seeded selection of the changed numbers, since an unrolled kernel has
 * thousands of the same kind. A kernel for {@code bf16} is its twin for {@code f16} with other
 * conversions, so a tenth of as many does for it.
 */
final class MutantChoice {
  static final int NUMBERS_PER_KERNEL = 150;
  private static final int TWIN_PART = 10;

  private MutantChoice() {}

  /** The choice, in the order of the text. */
  static List<Mutant> of(List<Mutant> all) {
    Map<String, List<Mutant>> kernels = new LinkedHashMap<>();
    for (Mutant mutant : all) {
      kernels.computeIfAbsent(mutant.entry(), entry -> new ArrayList<>()).add(mutant);
    }
    Set<Mutant> chosen = new LinkedHashSet<>();
    kernels.forEach((entry, mutants) -> {
      List<Mutant> some = ofKernel(mutants);
      boolean twin = entry.contains("bf16") && kernels.containsKey(entry.replace("bf16", "f16"));
      chosen.addAll(twin ? seeded(some, Math.ceilDiv(some.size(), TWIN_PART)) : some);
    });
    return all.stream().filter(chosen::contains).toList();
  }

  private static List<Mutant> ofKernel(List<Mutant> mutants) {
    List<Mutant> some = new ArrayList<>(mutants.stream().filter(Mutant::ofControl).toList());
    List<Mutant> numbers = mutants.stream().filter(mutant -> !mutant.ofControl()).toList();
    some.addAll(seeded(numbers, NUMBERS_PER_KERNEL));
    return some;
  }

  /** So many of some mutants, always the same. */
  static List<Mutant> seeded(List<Mutant> mutants, int most) {
    List<Mutant> shuffled = new ArrayList<>(mutants);
    Collections.shuffle(shuffled, new Random(1));
    return shuffled.subList(0, Math.min(most, shuffled.size()));
  }
}
