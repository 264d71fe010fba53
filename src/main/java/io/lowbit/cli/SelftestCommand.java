// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import io.lowbit.backend.cuda.GpuDriver;
import io.lowbit.backend.cuda.JCudaDriver;
import io.lowbit.backend.cuda.Kernels;
import io.lowbit.bench.ConformanceCase;
import io.lowbit.bench.Selftest;
import io.lowbit.bench.SelftestReport;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Holds the kernels against references on this machine's GPU. */
@Command(
    name = "selftest",
    description = "Holds every GPU kernel against a reference in double precision, on the GPU.",
    mixinStandardHelpOptions = true,
    footer = "Exit code: 0 if all cases passed, 1 if one failed or there is no GPU.")
public final class SelftestCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(names = "--quick", description = "Run the small selection that every build runs.")
  private boolean quick;

  @Option(
      names = "--kernel",
      paramLabel = "NAME",
      description = "Run the cases of this kernel only; may be given several times.")
  private List<String> kernels = List.of();

  @Option(
      names = "--json",
      description = "Print every case as JSON; the table then goes to standard error.")
  private boolean json;

  @Override
  public Integer call() {
    List<ConformanceCase> cases = cases();
    try (GpuDriver driver = JCudaDriver.open();
        Kernels device = new Kernels(driver)) {
      SelftestReport report =
          Selftest.run(device, cases, kernel -> System.err.println("lowbit: testing " + kernel));
      (json ? System.err : System.out).print(report.text());
      if (json) {
        System.out.println(report.json());
      }
      System.out.flush();
      return report.passed() ? 0 : 1;
    }
  }

  private List<ConformanceCase> cases() {
    try {
      return Selftest.cases(quick, kernels);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }
}
