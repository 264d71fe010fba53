// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import io.lowbit.backend.cuda.DevicePointer;
import io.lowbit.backend.cuda.GpuEvent;
import io.lowbit.backend.cuda.GpuException;
import io.lowbit.backend.cuda.GpuFunction;
import io.lowbit.backend.cuda.GpuGraph;
import io.lowbit.backend.cuda.GpuStream;
import io.lowbit.backend.cuda.KernelArguments;
import io.lowbit.backend.cuda.LaunchShape;
import io.lowbit.backend.cuda.PinnedMemory;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** A queue of work; run at once, or when somebody waits if the driver defers. */
final class InterpretedStream implements GpuStream {
  private final InterpretedDriver driver;
  private final Deque<Runnable> queue = new ArrayDeque<>();
  private Optional<List<Runnable>> capture = Optional.empty();

  InterpretedStream(InterpretedDriver driver) {
    this.driver = driver;
  }

  void enqueue(Runnable work) {
    if (capture.isPresent()) {
      capture.get().add(work);
      return;
    }
    queue.add(work);
    if (!driver.deferred()) {
      drain();
    }
  }

  /** Runs what is queued; what is left after a failure is dropped. */
  void drain() {
    try {
      while (!queue.isEmpty()) {
        queue.remove().run();
      }
    } finally {
      queue.clear();
    }
  }

  InterpretedDriver driver() {
    return driver;
  }

  @Override
  public void copyToDevice(DevicePointer to, PinnedMemory from, long fromOffset, long bytes) {
    var source = from.segment().asSlice(fromOffset, bytes);
    enqueue(() -> driver.writeNow(to, source));
  }

  @Override
  public void copyToHost(PinnedMemory to, long toOffset, DevicePointer from, long bytes) {
    var target = to.segment().asSlice(toOffset, bytes);
    enqueue(() -> driver.readNow(target, from));
  }

  @Override
  public void copy(DevicePointer to, DevicePointer from, long bytes) {
    enqueue(() -> driver.copyNow(to, from, bytes));
  }

  @Override
  public void fill(DevicePointer to, byte value, long bytes) {
    enqueue(() -> driver.fillNow(to, value, bytes));
  }

  @Override
  public void launch(GpuFunction function, LaunchShape shape, KernelArguments arguments) {
    InterpretedFunction kernel = (InterpretedFunction) function;
    kernel.check(shape, arguments);
    byte[] packed = new byte[kernel.image().parameterBytes()];
    arguments.packed().get(packed);
    enqueue(() -> driver.run(kernel.image(), shape, packed));
  }

  @Override
  public void record(GpuEvent event) {
    InterpretedEvent mark = (InterpretedEvent) event;
    mark.stream = this;
    enqueue(mark::reach);
  }

  @Override
  public void waitFor(GpuEvent event) {
    InterpretedEvent mark = (InterpretedEvent) event;
    if (mark.stream != this) {
      enqueue(mark::synchronize);
    }
  }

  @Override
  public void synchronize() {
    if (capture.isPresent()) {
      throw new GpuException(
          900, "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED", "waiting for a stream that is captured");
    }
    drain();
  }

  @Override
  public void beginCapture() {
    if (this == driver.defaultStream()) {
      throw new GpuException(
          900, "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED", "capturing the default stream");
    }
    if (capture.isPresent()) {
      throw new GpuException(
          GpuException.INVALID_VALUE, "CUDA_ERROR_INVALID_VALUE", "capturing a stream twice");
    }
    capture = Optional.of(new ArrayList<>());
  }

  @Override
  public GpuGraph endCapture() {
    List<Runnable> work =
        capture.orElseThrow(() ->
            new GpuException(
                GpuException.INVALID_VALUE,
                "CUDA_ERROR_INVALID_VALUE",
                "ending a capture that has not begun"));
    capture = Optional.empty();
    return new InterpretedGraph(work);
  }

  @Override
  public void close() {
    drain();
    driver.forget(this);
  }
}
