// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx.mutation;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import io.lowbit.bench.ConformanceCase;
import io.lowbit.bench.ConformanceSuite;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.testng.Reporter;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** The conformance cases notice when a shipped kernel is broken. */
public final class MutationTest {
  private static final double LEAST_KILL_RATE = 0.95;
  private static final int SAMPLE = 40;

  @DataProvider
  Object[][] modules() {
    return ConformanceSuite.all().stream()
        .map(ConformanceCase::kernel)
        .distinct()
        .map(module -> new Object[] {module})
        .toArray(Object[][]::new);
  }

  private static MutationRun run(
      String module, Predicate<ConformanceCase> which, EquivalentMutants equivalent) {
    List<ConformanceCase> cases =
        ConformanceSuite.all().stream()
            .filter(c -> c.kernel().equals(module))
            .filter(which)
            .toList();
    return new MutationRun(module, cases, equivalent);
  }

  private static EquivalentMutants equivalent() {
    try (InputStream table = MutationTest.class.getResourceAsStream("equivalent-mutants.txt")) {
      return new EquivalentMutants(new String(table.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException exception) {
      throw new UncheckedIOException(exception);
    }
  }

  @Test(dataProvider = "modules")
  public void sampleCasesKillASampleOfMutants(String module) {
    MutationRun run = run(module, ConformanceCase::sample, equivalent());
    MutationReport report = run.run(MutantChoice.seeded(run.mutants(), SAMPLE));
    assertTrue(report.tally().killRate() >= LEAST_KILL_RATE, report.toString());
  }

  /**
   * The modules each of whose kernels has met the bar so far; the survey shows where others stand.
   */
  @DataProvider
  Object[][] proven() {
    return new Object[][] {{"rows"}, {"activations"}, {"cache_append"}};
  }

  /**
   * Prints how many of the chosen mutants of given modules, or of all, are killed and which not.
   */
  public static void main(String[] modules) {
    List<String> all =
        ConformanceSuite.all().stream().map(ConformanceCase::kernel).distinct().toList();
    for (String module : modules.length == 0 ? all : List.of(modules)) {
      MutationRun run = run(module, c -> true, equivalent());
      System.out.println(run.run(MutantChoice.of(run.mutants())));
    }
  }

  @Test(dataProvider = "proven", groups = "long")
  public void allCasesKillTheMutantsOfEveryKernel(String module) {
    EquivalentMutants equivalent = equivalent();
    MutationRun run = run(module, c -> true, equivalent);
    MutationReport report = run.run(MutantChoice.of(run.mutants()));
    Reporter.log(report.toString(), true);
    report
        .tallies()
        .forEach((entry, tally) ->
            assertTrue(tally.killRate() >= LEAST_KILL_RATE, entry + " in " + report));
    assertEquals(
        equivalent.outdated(run.mutants(), report),
        Set.of(),
        "excuses that nothing needs any more");
  }
}
