// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import io.lowbit.backend.cuda.GpuEvent;
import io.lowbit.backend.cuda.GpuException;

/** A mark whose time is the host's when the interpreter reaches it. */
final class InterpretedEvent implements GpuEvent {
  /** The stream that recorded the event last. */
  InterpretedStream stream;

  private long nanoseconds;
  private boolean reached;

  void reach() {
    nanoseconds = System.nanoTime();
    reached = true;
  }

  @Override
  public void synchronize() {
    if (stream != null) {
      stream.drain();
    }
  }

  @Override
  public double millisecondsSince(GpuEvent earlier) {
    InterpretedEvent start = (InterpretedEvent) earlier;
    start.synchronize();
    synchronize();
    if (!reached || !start.reached) {
      throw new GpuException(
          GpuException.INVALID_HANDLE,
          "CUDA_ERROR_INVALID_HANDLE",
          "the time between events of which one was never recorded");
    }
    return (nanoseconds - start.nanoseconds) / 1e6;
  }

  @Override
  public void close() {
    stream = null;
  }
}
