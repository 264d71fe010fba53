// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx.mutation;

import io.lowbit.backend.cuda.GpuException;
import io.lowbit.backend.cuda.Kernels;
import io.lowbit.bench.ConformanceCase;
import io.lowbit.ptx.InterpretedDriver;
import io.lowbit.ptx.InterpreterOptions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

/**
 * Tries mutants of one module on its conformance cases. A mutant is killed by the first case that
 * faults or misses its tolerance; cases are tried from the shortest to the longest, and only those
 * that execute the mutated line. Runs on two threads; the outcome does not depend on them.
 */
final class MutationRun {
  private static final int THREADS = 2;
  // A mutant that runs this much longer than the original hangs.
  private static final int PATIENCE = 4;
  private static final long LEAST_BUDGET = 10_000;

  private final String module;
  private final ModuleText text;
  private final List<Mutant> mutants;
  private final List<Trial> trials;
  private final EquivalentMutants equivalent;

  /**
   * Runs the cases on the module as it ships.
   *
   * @param module name of a file in {@code kernels/}
   * @param cases that launch its kernels
   * @throws IllegalStateException if a case does not pass
   */
  MutationRun(String module, List<ConformanceCase> cases, EquivalentMutants equivalent) {
    this.module = module;
    this.text = new ModuleText(Kernels.text(module));
    this.mutants = Mutations.of(text);
    this.equivalent = equivalent;
    this.trials = new ArrayList<>(inParallel(cases, Trial::of));
    trials.sort(Comparator.comparingLong(Trial::instructions));
  }

  /** Names of the module's kernels. */
  Set<String> entries() {
    return text.entries();
  }

  /** All mutants of the module. */
  List<Mutant> mutants() {
    return mutants;
  }

  /** Tries some mutants. */
  MutationReport run(List<Mutant> chosen) {
    return new MutationReport(module, inParallel(chosen, this::judge));
  }

  private MutationReport.Verdict judge(Mutant mutant) {
    for (Trial trial : trials) {
      if (trial.executes(mutant) && kills(trial, mutant)) {
        return new MutationReport.Verdict(
            mutant, MutationReport.Fate.KILLED, trial.check().toString());
      }
    }
    return equivalent
        .reason(mutant)
        .map(reason -> new MutationReport.Verdict(mutant, MutationReport.Fate.EXCUSED, reason))
        .orElseGet(() -> survivor(mutant));
  }

  private MutationReport.Verdict survivor(Mutant mutant) {
    long tried = trials.stream().filter(trial -> trial.executes(mutant)).count();
    return new MutationReport.Verdict(
        mutant, MutationReport.Fate.SURVIVED, "%d cases execute it".formatted(tried));
  }

  private boolean kills(Trial trial, Mutant mutant) {
    InterpreterOptions options =
        InterpreterOptions.DEFAULT.withInstructionBudget(PATIENCE * trial.largest() + LEAST_BUDGET);
    try (InterpretedDriver driver = new InterpretedDriver(options);
        Kernels kernels = new Kernels(MutatedDriver.of(driver, module, text, mutant))) {
      return !trial.check().run(kernels).passed();
    } catch (RuntimeException fault) {
      // The kernel's, or that of a case that could make nothing of what came out.
      if (fault instanceof GpuException gpu && gpu.code() == GpuException.INVALID_PTX) {
        throw new IllegalStateException(mutant + " is not PTX", fault);
      }
      return true;
    }
  }

  private static <A, B> List<B> inParallel(List<A> inputs, Function<A, B> work) {
    try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      List<Future<B>> results =
          inputs.stream().map(input -> threads.submit(() -> work.apply(input))).toList();
      List<B> outputs = new ArrayList<>();
      for (Future<B> result : results) {
        outputs.add(result.get());
      }
      return outputs;
    } catch (InterruptedException exception) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while mutants were running", exception);
    } catch (ExecutionException exception) {
      throw new IllegalStateException(exception.getCause());
    }
  }
}
