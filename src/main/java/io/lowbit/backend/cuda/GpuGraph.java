// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

/** Captured and instantiated work that is launched as a whole; closing releases it. */
public interface GpuGraph extends AutoCloseable {
  /** Number of captured launches, copies and fills. */
  int nodes();

  /** Queues the captured work with the arguments of its capture. */
  void launch(GpuStream stream);

  @Override
  void close();
}
