// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Gathers launches and hands them to a stream. A sequence that comes a second time, the same
 * kernels with the same geometry and the same argument bytes, is captured into a graph, and from
 * then on launched as a whole: in a decode loop only the contents of buffers change from step to
 * step. A launch from Java costs microseconds of copying arguments, a kernel of a decode step often
 * less.
 */
final class LaunchQueue implements AutoCloseable {
  // Shorter sequences do not pay for a graph.
  private static final int SHORTEST_GRAPH = 8;
  // Longer ones are handed over in pieces, so that the device need not wait for the last launch.
  static final int LONGEST_GRAPH = 256;
  // A decode step of a large model is half a dozen pieces, and others once a sequence ends or
  // grows.
  private static final int MOST_GRAPHS = 64;
  private static final int MOST_REMEMBERED = 256;

  private final GpuStream stream;
  private final int longest;
  private final boolean oneByOne = Boolean.getBoolean("lowbit.cuda.synchronous");
  private List<Entry> pending = new ArrayList<>();
  private final Set<Integer> seen = new HashSet<>();
  private final Map<List<Entry>, GpuGraph> graphs = new LinkedHashMap<>(16, 0.75f, true);

  /**
   * One launch. Equal ones do the same to the same memory.
   *
   * @param bytes packed arguments
   * @param offsets where each argument starts
   */
  private record Entry(
      GpuFunction function, LaunchShape shape, ByteBuffer bytes, List<Integer> offsets, Shapes on) {
    KernelArguments arguments(KernelArguments into) {
      return into.set(bytes, offsets);
    }
  }

  /** What a launch works on: for messages only, so all are equal. */
  private record Shapes(Object text) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Shapes;
    }

    @Override
    public int hashCode() {
      return 0;
    }
  }

  private final KernelArguments arguments = new KernelArguments();

  /**
   * A queue in front of a stream.
   *
   * @param longest launches that are gathered before they are handed over, 1 to {@link
   *     #LONGEST_GRAPH}
   */
  LaunchQueue(GpuStream stream, int longest) {
    this.stream = stream;
    this.longest = longest;
  }

  void add(GpuFunction function, LaunchShape shape, KernelArguments given, Object shapes) {
    Entry entry = new Entry(function, shape, given.copy(), given.offsets(), new Shapes(shapes));
    if (oneByOne) {
      launch(entry);
      synchronize(entry);
      return;
    }
    pending.add(entry);
    if (pending.size() == longest) {
      flush();
    }
  }

  /** Hands everything gathered over to the stream. */
  void flush() {
    if (pending.isEmpty()) {
      return;
    }
    List<Entry> sequence = pending;
    pending = new ArrayList<>();
    if (sequence.size() < SHORTEST_GRAPH) {
      sequence.forEach(this::launch);
      return;
    }
    GpuGraph graph = graphs.get(sequence);
    if (graph == null && seen.remove(sequence.hashCode())) {
      graph = capture(sequence);
    }
    if (graph != null) {
      graph.launch(stream);
      return;
    }
    if (seen.size() >= MOST_REMEMBERED) {
      seen.clear();
    }
    seen.add(sequence.hashCode());
    sequence.forEach(this::launch);
  }

  private GpuGraph capture(List<Entry> sequence) {
    while (graphs.size() >= MOST_GRAPHS) {
      List<Entry> oldest = graphs.keySet().iterator().next();
      stream.synchronize();
      graphs.remove(oldest).close();
    }
    stream.beginCapture();
    GpuGraph graph;
    try {
      sequence.forEach(this::launch);
    } finally {
      graph = stream.endCapture();
    }
    graphs.put(sequence, graph);
    return graph;
  }

  private void launch(Entry entry) {
    try {
      stream.launch(entry.function, entry.shape, entry.arguments(arguments));
    } catch (GpuException e) {
      throw explained(e, entry);
    }
  }

  private void synchronize(Entry entry) {
    try {
      stream.synchronize();
    } catch (GpuException e) {
      throw explained(e, entry);
    }
  }

  private static GpuException explained(GpuException e, Entry entry) {
    return new GpuException(
        e.code(),
        e.codeName(),
        "on " + entry.on.text,
        entry.function.name(),
        Optional.of(entry.shape),
        e);
  }

  @Override
  public void close() {
    graphs.values().forEach(GpuGraph::close);
    graphs.clear();
  }
}
