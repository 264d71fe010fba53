// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench;

import static org.testng.Assert.assertTrue;

import io.lowbit.backend.cuda.Kernels;
import io.lowbit.bench.ConformanceCase.Outcome;
import io.lowbit.ptx.InterpretedDriver;
import java.util.Iterator;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

public class GemmW8A16Test {
  @DataProvider
  Iterator<Object[]> samples() {
    return GemmW8A16Cases.cases()
        .filter(ConformanceCase::sample)
        .map(c -> new Object[] {c})
        .iterator();
  }

  @Test(dataProvider = "samples")
  public void agreesWithDoublePrecision(ConformanceCase sample) {
    try (InterpretedDriver driver = new InterpretedDriver();
        Kernels kernels = new Kernels(driver)) {
      Outcome outcome = sample.run(kernels);
      assertTrue(outcome.passed(), outcome.toString());
    }
  }
}
