// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench.speed;

import io.lowbit.backend.cuda.GpuEvent;
import io.lowbit.backend.cuda.GpuGraph;
import io.lowbit.backend.cuda.GpuStream;
import io.lowbit.backend.cuda.Kernels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Times calls on a device: a graph of many, back to back, which take the copies of their operands
 * in turn. All replays are queued before the first is waited for, so the host's time never shows.
 */
final class GraphTimer {
  private final Kernels kernels;
  private final Settings settings;

  GraphTimer(Kernels kernels, Settings settings) {
    if (Boolean.getBoolean("lowbit.cuda.synchronous")) {
      throw new IllegalStateException(
          "lowbit.cuda.synchronous waits for every kernel, which a graph cannot; leave it out");
    }
    this.kernels = kernels;
    this.settings = settings;
  }

  /**
   * Times a call.
   *
   * @param copies of its operands
   * @param leastCalls in the graph; every copy is used equally often
   * @param call queues the work on a copy; the first call, on copy 0, may allocate and load
   */
  Timing time(int copies, int leastCalls, IntConsumer call) {
    call.accept(0);
    kernels.synchronize();
    int calls = copies * Math.ceilDiv(leastCalls, copies);
    GpuStream stream = kernels.stream();
    try (GpuGraph graph = capture(stream, calls, copies, call)) {
      if (graph.nodes() < calls) {
        throw new IllegalStateException(
            "a graph of %d calls has only %d nodes: some calls do nothing"
                .formatted(calls, graph.nodes()));
      }
      double[] warm = replay(stream, graph, settings.warmUps());
      double seconds = Math.max(1e-9, warm[warm.length - 1] / 1e3);
      int fitting = (int) Math.min(settings.replays(), settings.secondsPerEntry() / seconds);
      double[] milliseconds = replay(stream, graph, Math.max(settings.leastReplays(), fitting));
      return new Timing(1e3 * median(milliseconds) / calls, calls, milliseconds.length);
    }
  }

  private static GpuGraph capture(GpuStream stream, int calls, int copies, IntConsumer call) {
    stream.beginCapture();
    try {
      for (int i = 0; i < calls; i++) {
        call.accept(i % copies);
      }
    } catch (RuntimeException | Error e) {
      // The stream must leave the capture; what it then has is of no use.
      try {
        stream.endCapture().close();
      } catch (RuntimeException broken) {
        e.addSuppressed(broken);
      }
      throw e;
    }
    return stream.endCapture();
  }

  /** Milliseconds of each replay. */
  private double[] replay(GpuStream stream, GpuGraph graph, int times) {
    List<GpuEvent> marks = new ArrayList<>();
    try {
      for (int i = 0; i <= times; i++) {
        marks.add(kernels.driver().newEvent());
      }
      stream.record(marks.getFirst());
      for (int i = 1; i <= times; i++) {
        graph.launch(stream);
        stream.record(marks.get(i));
      }
      stream.synchronize();
      double[] milliseconds = new double[times];
      for (int i = 0; i < times; i++) {
        milliseconds[i] = marks.get(i + 1).millisecondsSince(marks.get(i));
      }
      return milliseconds;
    } finally {
      marks.forEach(GpuEvent::close);
    }
  }

  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
