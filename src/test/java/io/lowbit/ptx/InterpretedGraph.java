// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import io.lowbit.backend.cuda.GpuGraph;
import io.lowbit.backend.cuda.GpuStream;
import java.util.List;

/** Captured work. */
final class InterpretedGraph implements GpuGraph {
  private final List<Runnable> work;

  InterpretedGraph(List<Runnable> work) {
    this.work = List.copyOf(work);
  }

  @Override
  public int nodes() {
    return work.size();
  }

  @Override
  public void launch(GpuStream stream) {
    InterpretedStream to = (InterpretedStream) stream;
    work.forEach(to::enqueue);
    to.driver().countGraph();
  }

  @Override
  public void close() {
    // Nothing is held but memory of the host.
  }
}
