// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench;

import static org.testng.Assert.assertTrue;

import io.lowbit.backend.cuda.Kernels;
import io.lowbit.ptx.InterpretedDriver;
import java.util.Iterator;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

public class AttentionKernelTest {
  @DataProvider
  Iterator<Object[]> samples() {
    return AttentionCases.cases()
        .filter(ConformanceCase::sample)
        .map(c -> new Object[] {c})
        .iterator();
  }

  @Test(dataProvider = "samples")
  public void agreesWithDoublePrecision(ConformanceCase conformance) {
    try (InterpretedDriver driver = new InterpretedDriver();
        Kernels kernels = new Kernels(driver)) {
      long start = System.nanoTime();
      ConformanceCase.Outcome outcome = conformance.run(kernels);
      System.out.printf("%s %s %.0f ms%n", outcome, conformance, (System.nanoTime() - start) / 1e6);
      assertTrue(outcome.passed(), outcome.toString());
    }
  }
}
