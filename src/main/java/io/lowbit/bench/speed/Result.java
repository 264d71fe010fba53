// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench.speed;

import java.util.Map;
import java.util.OptionalDouble;

/**
 * What one measurement gave.
 *
 * @param problem as in the entry
 * @param variant as in the entry
 * @param dimensions as in the entry
 * @param bytes that one call has to move: weights or cache as packed, and for copies and quantizers
 *     all that is read and written
 * @param operations multiplications and additions of one call
 * @param microseconds of one call
 * @param calls in a graph
 * @param copies of the operands
 * @param replays whose median it is
 * @param relativeError of a few outputs against the CPU's; empty where nothing is computed
 */
public record Result(
    String problem,
    String variant,
    Map<String, Integer> dimensions,
    long bytes,
    double operations,
    double microseconds,
    int calls,
    int copies,
    int replays,
    OptionalDouble relativeError) {
  // Results are rounded to bfloat16, whose unit roundoff is 2^-8, and weights of attention too.
  private static final double LARGEST_ERROR = 0.02;

  /** Bytes per nanosecond. */
  public double gigabytesPerSecond() {
    return bytes / microseconds / 1e3;
  }

  /** Operations per picosecond. */
  public double teraflops() {
    return operations / microseconds / 1e6;
  }

  /** Whether the outputs are off by more than rounding explains. */
  public boolean isWrong() {
    return relativeError.isPresent() && !(relativeError.getAsDouble() <= LARGEST_ERROR);
  }

  /** Problem and variant. */
  public String name() {
    return problem + "/" + variant;
  }
}
