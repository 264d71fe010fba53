// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx.mutation;

import io.lowbit.backend.cuda.GpuException;
import io.lowbit.backend.cuda.Kernels;
import io.lowbit.bench.ConformanceCase;
import io.lowbit.ptx.InterpretedDriver;
import io.lowbit.ptx.InterpreterOptions;
import io.lowbit.ptx.text.PtxModule;
import io.lowbit.ptx.text.PtxParser;
import io.lowbit.ptx.text.PtxSyntaxException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

/**
 * Tries mutants of one module on its conformance cases. A mutant is killed by the first case that
 * faults or misses its tolerance; of the sample cases those are tried that execute the mutated
 * line, first the one that killed the last mutant of the kernel, then from the shortest to the
 * longest. What they let live and nothing excuses is tried on a seeded few of the other cases. Runs
 * on two threads; which mutants are killed does not depend on them.
 */
final class MutationRun {
  private static final int THREADS = 2;
  // A mutant hangs if one block runs this much longer than the original's longest launch.
  private static final int PATIENCE = 2;
  private static final long LEAST_BUDGET = 10_000;
  // Cases that are no samples: how many are tried, and how much longer than samples they may be.
  private static final int MORE_CASES = 24;
  private static final int LONGER = 3;

  private final String module;
  private final ShippedModules shipped = new ShippedModules();
  private final ModuleText text;
  private final List<Mutant> mutants;
  private final List<Trial> samples;
  private final List<ConformanceCase> others;
  private final Map<ConformanceCase, Trial> otherTrials = new ConcurrentHashMap<>();
  private final Map<String, Trial> lastKillers = new ConcurrentHashMap<>();
  private final EquivalentMutants equivalent;

  /**
   * Runs the sample cases on the module as it ships.
   *
   * @param module name of a file in {@code kernels/}
   * @param cases that launch its kernels
   * @throws IllegalStateException if a case does not pass
   */
  MutationRun(String module, List<ConformanceCase> cases, EquivalentMutants equivalent) {
    this.module = module;
    this.text = shipped.text(module);
    this.mutants = Mutations.of(text);
    this.equivalent = equivalent;
    List<ConformanceCase> sample = cases.stream().filter(ConformanceCase::sample).toList();
    this.samples = new ArrayList<>(inParallel(sample, this::trial));
    samples.sort(Comparator.comparingLong(Trial::instructions));
    List<ConformanceCase> more = new ArrayList<>(cases);
    more.removeAll(sample);
    Collections.shuffle(more, new Random(1));
    this.others = more.subList(0, Math.min(MORE_CASES, more.size()));
  }

  private Trial trial(ConformanceCase check) {
    return Trial.of(check, shipped);
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
    PtxModule broken = parse(mutant);
    List<Trial> able =
        new ArrayList<>(samples.stream().filter(trial -> trial.executes(mutant)).toList());
    Trial last = lastKillers.get(mutant.entry());
    if (able.remove(last)) {
      able.addFirst(last);
    }
    for (Trial trial : able) {
      if (kills(trial, mutant, broken)) {
        lastKillers.put(mutant.entry(), trial);
        return verdict(mutant, MutationReport.Fate.KILLED, trial.check().toString());
      }
    }
    Optional<String> reason = equivalent.reason(mutant);
    return reason.isPresent()
        ? verdict(mutant, MutationReport.Fate.EXCUSED, reason.get())
        : judgeByOthers(mutant, broken, able.size());
  }

  private MutationReport.Verdict judgeByOthers(Mutant mutant, PtxModule broken, int samplesTried) {
    long longest = LONGER * samples.stream().mapToLong(Trial::instructions).max().orElse(0);
    int tried = samplesTried;
    for (ConformanceCase check : others) {
      Trial trial = otherTrials.computeIfAbsent(check, this::trial);
      if (trial.instructions() <= longest && trial.executes(mutant)) {
        tried++;
        if (kills(trial, mutant, broken)) {
          return verdict(mutant, MutationReport.Fate.KILLED, trial.check().toString());
        }
      }
    }
    return verdict(mutant, MutationReport.Fate.SURVIVED, tried + " cases execute it");
  }

  private static MutationReport.Verdict verdict(
      Mutant mutant, MutationReport.Fate fate, String detail) {
    return new MutationReport.Verdict(mutant, fate, detail);
  }

  private PtxModule parse(Mutant mutant) {
    try {
      return PtxParser.parse(text.only(mutant.entry(), mutant.line(), mutant.replacement()));
    } catch (PtxSyntaxException exception) {
      throw new IllegalStateException(mutant + " is not PTX", exception);
    }
  }

  private boolean kills(Trial trial, Mutant mutant, PtxModule broken) {
    InterpreterOptions options =
        InterpreterOptions.DEFAULT.withInstructionBudget(PATIENCE * trial.largest() + LEAST_BUDGET);
    try (InterpretedDriver driver = new InterpretedDriver(options);
        Kernels kernels =
            new Kernels(
                MutatedDriver.of(
                    driver,
                    (name, entry) ->
                        entry.equals(mutant.entry()) ? broken : shipped.only(name, entry)))) {
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
