// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import static jcuda.driver.JCudaDriver.cuEventRecord;
import static jcuda.driver.JCudaDriver.cuLaunchKernel;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoDAsync;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoHAsync;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoDAsync;
import static jcuda.driver.JCudaDriver.cuMemsetD8Async;
import static jcuda.driver.JCudaDriver.cuStreamBeginCapture;
import static jcuda.driver.JCudaDriver.cuStreamCreate;
import static jcuda.driver.JCudaDriver.cuStreamDestroy;
import static jcuda.driver.JCudaDriver.cuStreamEndCapture;
import static jcuda.driver.JCudaDriver.cuStreamSynchronize;
import static jcuda.driver.JCudaDriver.cuStreamWaitEvent;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import jcuda.driver.CUgraph;
import jcuda.driver.CUstream;
import jcuda.driver.CUstreamCaptureMode;
import jcuda.driver.CUstream_flags;

/** A stream of the driver. */
final class JCudaStream implements GpuStream {
  // cuda.h: CU_LAUNCH_PARAM_END, CU_LAUNCH_PARAM_BUFFER_POINTER, CU_LAUNCH_PARAM_BUFFER_SIZE.
  private static final long END = 0;
  private static final long BUFFER_POINTER = 1;
  private static final long BUFFER_SIZE = 2;
  // Words of the launch options: pairs of a name and a value, then the size that one points to.
  private static final int POINTER_WORD = 1;
  private static final int SIZE_WORD = 5;

  private final JCudaContext context;
  private final RawPointer.Stream handle;
  private final boolean isDefault;
  private final MemorySegment options = Arena.ofAuto().allocate(6 * Long.BYTES, Long.BYTES);
  private final RawPointer.Host optionsPointer = new RawPointer.Host(options.address());
  private boolean closed;

  private JCudaStream(JCudaContext context, RawPointer.Stream handle, boolean isDefault) {
    this.context = context;
    this.handle = handle;
    this.isDefault = isDefault;
    long sizeAddress = options.address() + SIZE_WORD * Long.BYTES;
    long[] words = {BUFFER_POINTER, 0, BUFFER_SIZE, sizeAddress, END, 0};
    MemorySegment.copy(words, 0, options, ValueLayout.JAVA_LONG, 0, words.length);
  }

  /** The stream that is always there. */
  static JCudaStream defaultOf(JCudaContext context) {
    return new JCudaStream(context, new RawPointer.Stream(), true);
  }

  /** A new stream, which does not wait for the default stream. */
  static JCudaStream create(JCudaContext context) {
    context.enter();
    RawPointer.Stream handle = new RawPointer.Stream();
    JCudaContext.check(
        cuStreamCreate(handle, CUstream_flags.CU_STREAM_NON_BLOCKING), () -> "making a stream");
    return new JCudaStream(context, handle, false);
  }

  CUstream handle() {
    return handle;
  }

  /**
   * The stream for a call of another library on this thread, on which the device is current then.
   *
   * @param what the library is to do, for the message of a failure that is found later
   */
  RawPointer.Stream enterLibrary(String what) {
    context.enter();
    context.queued(what);
    return handle;
  }

  @Override
  public void copyToDevice(DevicePointer to, PinnedMemory from, long fromOffset, long bytes) {
    MemorySegment source = from.segment().asSlice(fromOffset, bytes);
    if (bytes == 0) {
      return;
    }
    context.enter();
    JCudaContext.check(
        cuMemcpyHtoDAsync(
            new RawPointer.Device(to), new RawPointer.Host(source.address()), bytes, handle),
        () -> "queueing a copy of %,d bytes to %s".formatted(bytes, to));
  }

  @Override
  public void copyToHost(PinnedMemory to, long toOffset, DevicePointer from, long bytes) {
    MemorySegment target = to.segment().asSlice(toOffset, bytes);
    if (bytes == 0) {
      return;
    }
    context.enter();
    JCudaContext.check(
        cuMemcpyDtoHAsync(
            new RawPointer.Host(target.address()), new RawPointer.Device(from), bytes, handle),
        () -> "queueing a copy of %,d bytes from %s".formatted(bytes, from));
  }

  @Override
  public void copy(DevicePointer to, DevicePointer from, long bytes) {
    if (bytes == 0) {
      return;
    }
    context.enter();
    JCudaContext.check(
        cuMemcpyDtoDAsync(new RawPointer.Device(to), new RawPointer.Device(from), bytes, handle),
        () -> "queueing a copy of %,d bytes from %s to %s".formatted(bytes, from, to));
  }

  @Override
  public void fill(DevicePointer to, byte value, long bytes) {
    if (bytes == 0) {
      return;
    }
    context.enter();
    JCudaContext.check(
        cuMemsetD8Async(new RawPointer.Device(to), value, bytes, handle),
        () -> "queueing a fill of %,d bytes at %s".formatted(bytes, to));
  }

  @Override
  public void launch(GpuFunction function, LaunchShape shape, KernelArguments arguments) {
    context.enter();
    MemorySegment packed = MemorySegment.ofBuffer(arguments.packed());
    options.setAtIndex(ValueLayout.JAVA_LONG, POINTER_WORD, packed.address());
    options.setAtIndex(ValueLayout.JAVA_LONG, SIZE_WORD, packed.byteSize());
    // The driver copies the arguments before it returns.
    int code =
        cuLaunchKernel(
            ((JCudaModule.Function) function).handle(),
            shape.grid().x(),
            shape.grid().y(),
            shape.grid().z(),
            shape.block().x(),
            shape.block().y(),
            shape.block().z(),
            shape.sharedBytes(),
            handle,
            null,
            arguments.count() == 0 ? null : optionsPointer);
    if (code != 0) {
      throw new GpuException(
          code,
          JCudaContext.name(code),
          "queueing it with %d arguments of %,d bytes"
              .formatted(arguments.count(), packed.byteSize()),
          function.name(),
          Optional.of(shape));
    }
    context.launched(function.name(), shape);
  }

  @Override
  public void record(GpuEvent event) {
    context.enter();
    JCudaContext.check(
        cuEventRecord(((JCudaEvent) event).handle(), handle), () -> "recording an event");
  }

  @Override
  public void waitFor(GpuEvent event) {
    context.enter();
    JCudaContext.check(
        cuStreamWaitEvent(handle, ((JCudaEvent) event).handle(), 0),
        () -> "letting a stream wait for an event");
  }

  @Override
  public void synchronize() {
    context.enter();
    context.checkWait(cuStreamSynchronize(handle), "waiting for a stream");
  }

  @Override
  public void beginCapture() {
    context.enter();
    // Relaxed: a module that is first needed while capturing may load, a workspace may grow.
    JCudaContext.check(
        cuStreamBeginCapture(handle, CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_RELAXED),
        () -> isDefault ? "capturing the default stream" : "capturing a stream");
  }

  @Override
  public GpuGraph endCapture() {
    context.enter();
    CUgraph graph = new CUgraph();
    JCudaContext.check(cuStreamEndCapture(handle, graph), () -> "ending a capture");
    return new JCudaGraph(context, graph);
  }

  @Override
  public void close() {
    if (isDefault || closed || context.isClosed()) {
      return;
    }
    context.enter();
    closed = true;
    context.checkWait(cuStreamDestroy(handle), "releasing a stream");
  }
}
