// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench;

import io.lowbit.backend.cuda.GpuException;
import io.lowbit.backend.cuda.Kernels;
import io.lowbit.bench.SelftestReport.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/** Runs conformance cases on a device. */
public final class Selftest {
  /** After these the driver answers every call with the same code. */
  private static final Set<Integer> FATAL =
      Set.of(
          GpuException.ILLEGAL_ADDRESS,
          GpuException.LAUNCH_TIMEOUT,
          714,
          715,
          GpuException.MISALIGNED_ADDRESS,
          717,
          718,
          GpuException.LAUNCH_FAILED);

  private Selftest() {}

  /**
   * The cases to run.
   *
   * @param quick only the sample
   * @param kernels only these families; none = all
   * @throws IllegalArgumentException if there is no family of a name
   */
  public static List<ConformanceCase> cases(boolean quick, List<String> kernels) {
    return select(quick ? ConformanceSuite.sample() : ConformanceSuite.all(), kernels);
  }

  static List<ConformanceCase> select(List<ConformanceCase> all, List<String> kernels) {
    Set<String> families = new TreeSet<>();
    all.forEach(c -> families.add(c.kernel()));
    for (String kernel : kernels) {
      if (!families.contains(kernel)) {
        throw new IllegalArgumentException(
            "there is no kernel '%s' to test; choose from %s"
                .formatted(kernel, String.join(", ", families)));
      }
    }
    return all.stream().filter(c -> kernels.isEmpty() || kernels.contains(c.kernel())).toList();
  }

  /**
   * Runs cases in order. A case that throws has failed; after a failure that a device does not
   * recover from, the others are not run and count as failed.
   *
   * @param progress is told of every family that begins
   */
  public static SelftestReport run(
      Kernels kernels, List<ConformanceCase> cases, Consumer<String> progress) {
    List<Result> results = new ArrayList<>();
    String family = "";
    Optional<String> dead = Optional.empty();
    for (ConformanceCase item : cases) {
      if (!family.equals(item.kernel())) {
        family = item.kernel();
        progress.accept(family);
      }
      long start = System.nanoTime();
      if (dead.isPresent()) {
        results.add(Result.failed(item, "not run: " + dead.get(), 0));
        continue;
      }
      try {
        ConformanceCase.Outcome outcome = item.run(kernels);
        results.add(Result.of(item, outcome, secondsSince(start)));
      } catch (RuntimeException e) {
        results.add(Result.failed(item, describe(e), secondsSince(start)));
        if (e instanceof GpuException failure && FATAL.contains(failure.code())) {
          dead = Optional.of("the device failed in '" + item + "'");
        }
      }
    }
    return new SelftestReport(kernels.driver().description(), results);
  }

  private static double secondsSince(long nanoTime) {
    return (System.nanoTime() - nanoTime) / 1e9;
  }

  /** A sentence for what the driver or a launcher refuses; with its place for a bug. */
  private static String describe(RuntimeException failure) {
    if (failure instanceof GpuException || failure instanceof IllegalArgumentException) {
      return failure.getMessage();
    }
    StackTraceElement[] stack = failure.getStackTrace();
    return failure + (stack.length == 0 ? "" : " at " + stack[0]);
  }
}
