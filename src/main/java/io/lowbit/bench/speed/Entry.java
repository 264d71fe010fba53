// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench.speed;

import java.util.Map;
import java.util.OptionalDouble;

/**
 * One thing to time.
 *
 * @param problem what is computed: kind, shape and size, such as {@code linear/70b.o/m16}; other
 *     programs that compute the same give it the same name
 * @param variant how: a scheme
 * @param dimensions the numbers behind the problem's name
 * @param importance 0 is timed first, and what the time does not allow is dropped from the end
 * @param setup entries of one setup share operands and are timed one after the other
 * @param preparation makes the operands
 */
record Entry(
    String problem,
    String variant,
    Map<String, Integer> dimensions,
    int importance,
    String setup,
    Preparation preparation) {
  /** Makes operands. */
  @FunctionalInterface
  interface Preparation {
    /**
     * Puts operands on the device.
     *
     * @param scope is closed after the measurement
     */
    Job prepare(Workbench bench, DeviceScope scope);
  }

  /** Work with its operands in place. */
  interface Job {
    /** Copies of the operands. */
    int copies();

    /** Queues the work on a copy. */
    void run(int copy);

    /** Bytes that one call has to move. */
    long bytes();

    /** Multiplications and additions of one call; 0 where they are not the point. */
    default double operations() {
      return 0;
    }

    /** Error of some of the outputs of {@code run(0)}, which was the last call. */
    default OptionalDouble relativeError() {
      return OptionalDouble.empty();
    }

    /** Least number of calls in a graph. */
    default int calls(Settings settings) {
      return settings.calls();
    }
  }

  /** Problem and variant. */
  String name() {
    return problem + "/" + variant;
  }
}
