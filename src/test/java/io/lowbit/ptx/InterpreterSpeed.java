// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import io.lowbit.backend.cuda.Dim3;
import io.lowbit.backend.cuda.GpuFunction;
import io.lowbit.backend.cuda.KernelArguments;
import io.lowbit.backend.cuda.LaunchShape;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Random;

/** Prints how many lane instructions the interpreter runs in a second of processor time. */
public final class InterpreterSpeed {
  private static final int ROUNDS = 12;

  private InterpreterSpeed() {}

  /** Runs three kernels with and without the checks. */
  public static void main(String[] arguments) {
    for (InterpreterOptions options :
        new InterpreterOptions[] {
          InterpreterOptions.DEFAULT, InterpreterOptions.DEFAULT.unchecked()
        }) {
      System.out.println(options);
      softmax(options);
      gemm(options);
      collatz(options);
    }
  }

  private static void softmax(InterpreterOptions options) {
    try (Rig rig = new Rig(options)) {
      int columns = 1000;
      int rows = 200;
      KernelArguments arguments =
          Rig.arguments()
              .pointer(rig.floats(new float[rows * columns]).pointer())
              .pointer(rig.driver.allocate(4L * rows * columns).pointer())
              .int32(columns);
      measure(rig, "softmax_rows", LaunchShape.of(rows, 128), arguments);
    }
  }

  private static void gemm(InterpreterOptions options) {
    try (Rig rig = new Rig(options)) {
      int size = 256;
      KernelArguments arguments =
          Rig.arguments()
              .pointer(rig.halves(new float[size * size]).pointer())
              .pointer(rig.halves(new float[size * size]).pointer())
              .pointer(rig.driver.allocate(4L * size * size).pointer())
              .int32(size)
              .int32(size)
              .int32(size);
      LaunchShape shape = new LaunchShape(Dim3.of(size / 32, size / 32), Dim3.of(128), 0);
      measure(rig, "gemm_f16", shape, arguments);
    }
  }

  private static void collatz(InterpreterOptions options) {
    try (Rig rig = new Rig(options)) {
      int[] start = new Random(1).ints(4096, 1, 100_000).toArray();
      KernelArguments arguments =
          Rig.arguments()
              .pointer(rig.ints(start).pointer())
              .pointer(rig.driver.allocate(4L * start.length).pointer())
              .int32(start.length);
      measure(rig, "collatz", LaunchShape.of(start.length / 64, 64), arguments);
    }
  }

  private static void measure(Rig rig, String name, LaunchShape shape, KernelArguments arguments) {
    GpuFunction kernel = rig.kernel(Rig.resource("kernels.ptx"), name);
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    double best = 0;
    Counters counters = null;
    for (int i = 0; i < ROUNDS; i++) {
      long start = threads.getCurrentThreadCpuTime();
      counters = rig.run(kernel, shape, arguments);
      double seconds = (threads.getCurrentThreadCpuTime() - start) / 1e9;
      best = Math.max(best, counters.laneInstructions() / seconds);
    }
    System.out.printf(
        "%-14s %,14d lane instructions, %,9d mma, %6.1f million lane instructions/s%n",
        name, counters.laneInstructions(), counters.matrixInstructions(), best / 1e6);
  }
}
