// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import io.lowbit.bench.Doctor;
import io.lowbit.bench.Finding;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Says what this machine has for Lowbit and what to fix. */
@Command(
    name = "doctor",
    description = "Says what this machine has for Lowbit (GPU, Java, disks) and what to fix.",
    mixinStandardHelpOptions = true,
    footer = "Exit code: 0 also without a GPU, 1 if something that Lowbit needs is broken.")
public final class DoctorCommand implements Callable<Integer> {
  @Option(names = "--json", description = "Print an array of findings.")
  private boolean json;

  @Override
  public Integer call() {
    List<Finding> findings = Doctor.examine();
    System.out.print(json ? Finding.json(findings) + "\n" : Finding.text(findings));
    return Doctor.inOrder(findings) ? 0 : 1;
  }
}
