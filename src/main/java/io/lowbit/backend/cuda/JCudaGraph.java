// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import static jcuda.driver.JCudaDriver.cuGraphDestroy;
import static jcuda.driver.JCudaDriver.cuGraphExecDestroy;
import static jcuda.driver.JCudaDriver.cuGraphGetNodes;
import static jcuda.driver.JCudaDriver.cuGraphInstantiate;
import static jcuda.driver.JCudaDriver.cuGraphLaunch;

import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;

/** A captured graph, instantiated. */
final class JCudaGraph implements GpuGraph {
  private final JCudaContext context;
  private final CUgraphExec executable = new CUgraphExec();
  private final int nodes;
  private boolean closed;

  /** Takes over the captured graph, which is not needed once it is instantiated. */
  JCudaGraph(JCudaContext context, CUgraph graph) {
    this.context = context;
    long[] count = new long[1];
    try {
      JCudaContext.check(
          cuGraphGetNodes(graph, null, count), () -> "counting the nodes of a graph");
      this.nodes = Math.toIntExact(count[0]);
      JCudaContext.check(
          cuGraphInstantiate(executable, graph, 0),
          () -> "instantiating a graph of %,d nodes".formatted(count[0]));
    } finally {
      cuGraphDestroy(graph);
    }
  }

  @Override
  public int nodes() {
    return nodes;
  }

  @Override
  public void launch(GpuStream stream) {
    context.enter();
    JCudaContext.check(
        cuGraphLaunch(executable, ((JCudaStream) stream).handle()),
        () -> "launching a graph of %,d nodes".formatted(nodes));
  }

  @Override
  public void close() {
    if (closed || context.isClosed()) {
      return;
    }
    context.enter();
    closed = true;
    context.checkWait(cuGraphExecDestroy(executable), "releasing a graph");
  }
}
