// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench;

import io.lowbit.backend.cuda.Kernels;

/**
 * One kernel at one shape with given data. Running it twice gives the same outcome.
 *
 * @param kernel the family, named as its file in {@code kernels/}
 * @param description type, shape and kind of data, unique within the family
 * @param sample whether it belongs to the small selection that every build runs
 * @param check runs the kernel and compares
 */
public record ConformanceCase(String kernel, String description, boolean sample, Check check) {
  /** Runs a kernel and compares what it wrote with a reference in double precision. */
  @FunctionalInterface
  public interface Check {
    /** What came out, on the device whose kernels these are. */
    Outcome run(Kernels kernels);
  }

  /**
   * How far a kernel was off.
   *
   * @param error largest error in the case's measure; 0 where bits are compared and equal
   * @param tolerance largest error that passes
   * @param detail what the measure is, and where the largest error was
   */
  public record Outcome(double error, double tolerance, String detail) {
    /** NaN does not pass. */
    public boolean passed() {
      return error <= tolerance;
    }
  }

  /** Runs the case. */
  public Outcome run(Kernels kernels) {
    return check.run(kernels);
  }

  @Override
  public String toString() {
    return kernel + ": " + description;
  }
}
