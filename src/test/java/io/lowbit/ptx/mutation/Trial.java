// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx.mutation;

import io.lowbit.backend.cuda.Kernels;
import io.lowbit.bench.ConformanceCase;
import io.lowbit.ptx.Counters;
import io.lowbit.ptx.InterpretedDriver;
import io.lowbit.ptx.LaunchReport;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * A case that passes on the module as it ships, and what it executes there.
 *
 * @param check the case
 * @param lines of the text that each entry executed
 * @param instructions warp instructions of the case's largest launch, and of all of them
 */
record Trial(ConformanceCase check, Map<String, BitSet> lines, long largest, long instructions) {
  /** Runs a case on the module as it ships. */
  static Trial of(ConformanceCase check, ShippedModules shipped) {
    try (InterpretedDriver driver = new InterpretedDriver();
        Kernels kernels = new Kernels(MutatedDriver.of(driver, shipped::only))) {
      ConformanceCase.Outcome outcome = check.run(kernels);
      if (!outcome.passed()) {
        throw new IllegalStateException("%s fails unmutated: %s".formatted(check, outcome));
      }
      Map<String, BitSet> lines = new HashMap<>();
      long largest = 0;
      long instructions = 0;
      for (LaunchReport launch : driver.launches()) {
        BitSet executed = lines.computeIfAbsent(launch.kernel(), name -> new BitSet());
        launch.counters().lines().stream().map(Counters.Line::line).forEach(executed::set);
        long count = launch.counters().warpInstructions();
        largest = Math.max(largest, count);
        instructions += count;
      }
      return new Trial(check, lines, largest, instructions);
    }
  }

  boolean executes(Mutant mutant) {
    BitSet executed = lines.get(mutant.entry());
    return executed != null && executed.get(mutant.line());
  }
}
