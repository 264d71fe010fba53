// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import java.lang.foreign.MemorySegment;

/** Page-locked host memory, which asynchronous copies need; closing frees it. */
public interface PinnedMemory extends AutoCloseable {
  /** The memory, off-heap. Undefined while a copy that reads or writes it is queued. */
  MemorySegment segment();

  @Override
  void close();
}
