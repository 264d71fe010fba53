// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import io.lowbit.backend.cuda.DeviceAttributes;
import io.lowbit.backend.cuda.DeviceMemory;
import io.lowbit.backend.cuda.DevicePointer;
import io.lowbit.backend.cuda.GpuDriver;
import io.lowbit.backend.cuda.GpuEvent;
import io.lowbit.backend.cuda.GpuException;
import io.lowbit.backend.cuda.GpuModule;
import io.lowbit.backend.cuda.GpuStream;
import io.lowbit.backend.cuda.LaunchShape;
import io.lowbit.backend.cuda.MemoryState;
import io.lowbit.backend.cuda.PinnedMemory;
import io.lowbit.ptx.text.PtxModule;
import io.lowbit.ptx.text.PtxParser;
import io.lowbit.ptx.text.PtxSyntaxException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A CUDA driver whose device is an interpreter. */
public final class InterpretedDriver implements GpuDriver {
  private final InterpreterOptions options;
  private final DeviceAttributes device;
  private final GlobalMemory memory;
  private final List<InterpretedStream> streams = new ArrayList<>();
  private final InterpretedStream defaultStream;
  private final List<LaunchReport> reports = new ArrayList<>();
  private final Arena pinned = Arena.ofShared();
  private int launches;
  private int graphLaunches;

  /** A device with all checks. */
  public InterpretedDriver() {
    this(InterpreterOptions.DEFAULT);
  }

  /** A device with the given options. */
  public InterpretedDriver(InterpreterOptions options) {
    this(options, Device.MULTIPROCESSORS);
  }

  /**
   * A device that says it has other multiprocessors; only launchers notice.
   *
   * @param multiprocessors at least 1
   */
  public InterpretedDriver(InterpreterOptions options, int multiprocessors) {
    this.options = options;
    this.device = Device.attributes(multiprocessors);
    this.memory = new GlobalMemory(options.memoryBytes());
    this.defaultStream = new InterpretedStream(this);
    streams.add(defaultStream);
  }

  /** All launches so far, in the order in which they ran. */
  public List<LaunchReport> launches() {
    return List.copyOf(reports);
  }

  /** How often a graph was launched. */
  public int graphLaunches() {
    return graphLaunches;
  }

  void countGraph() {
    graphLaunches++;
  }

  /** The counters of the last launch. */
  public Counters lastCounters() {
    return reports.getLast().counters();
  }

  /** Forgets the reports of earlier launches. */
  public void forgetLaunches() {
    reports.clear();
  }

  GlobalMemory global() {
    return memory;
  }

  boolean deferred() {
    return options.deferred();
  }

  /** Runs a kernel now. */
  void run(Image image, LaunchShape shape, byte[] arguments) {
    Launch launch = new Launch(image, shape, arguments, memory, options, launches++);
    reports.add(new LaunchReport(image.name(), shape, launch.run()));
  }

  @Override
  public String description() {
    return "PTX interpreter (%s)".formatted(options);
  }

  @Override
  public DeviceAttributes device() {
    return device;
  }

  @Override
  public MemoryState memory() {
    return new MemoryState(memory.free(), memory.capacity());
  }

  @Override
  public DeviceMemory allocate(long bytes) {
    Allocation allocation = memory.allocate(bytes, "an allocation", false);
    return new DeviceMemory() {
      @Override
      public DevicePointer pointer() {
        return new DevicePointer(allocation.base);
      }

      @Override
      public long bytes() {
        return bytes;
      }

      @Override
      public void close() {
        memory.free(allocation);
      }
    };
  }

  @Override
  public PinnedMemory allocatePinned(long bytes) {
    MemorySegment segment = pinned.allocate(bytes, 64);
    return new PinnedMemory() {
      @Override
      public MemorySegment segment() {
        return segment;
      }

      @Override
      public void close() {
        // Released with the driver.
      }
    };
  }

  @Override
  public void copyToDevice(DevicePointer to, MemorySegment from) {
    synchronize();
    writeNow(to, from);
  }

  void writeNow(DevicePointer to, MemorySegment from) {
    int bytes = Math.toIntExact(from.byteSize());
    Allocation allocation = memory.hostRange(to.address(), bytes, "a copy to the device");
    int offset = (int) (to.address() - allocation.base);
    MemorySegment.copy(from, ValueLayout.JAVA_BYTE, 0, allocation.data, offset, bytes);
    allocation.define(offset, bytes);
  }

  @Override
  public void copyToHost(MemorySegment to, DevicePointer from) {
    synchronize();
    readNow(to, from);
  }

  void readNow(MemorySegment to, DevicePointer from) {
    int bytes = Math.toIntExact(to.byteSize());
    Allocation allocation = memory.hostRange(from.address(), bytes, "a copy to the host");
    int offset = (int) (from.address() - allocation.base);
    MemorySegment.copy(allocation.data, offset, to, ValueLayout.JAVA_BYTE, 0, bytes);
  }

  @Override
  public void copy(DevicePointer to, DevicePointer from, long bytes) {
    synchronize();
    copyNow(to, from, bytes);
  }

  void copyNow(DevicePointer to, DevicePointer from, long bytes) {
    Allocation source = memory.hostRange(from.address(), bytes, "a copy from device memory");
    Allocation target = memory.hostRange(to.address(), bytes, "a copy to device memory");
    int start = (int) (from.address() - source.base);
    int offset = (int) (to.address() - target.base);
    System.arraycopy(source.data, start, target.data, offset, (int) bytes);
    if (source.defined == null) {
      target.define(offset, (int) bytes);
    } else if (target.defined != null) {
      System.arraycopy(source.defined, start, target.defined, offset, (int) bytes);
    } else if (!Bytes.allOne(source.defined, start, (int) bytes)) {
      target.defined = new byte[target.size];
      Arrays.fill(target.defined, (byte) 1);
      System.arraycopy(source.defined, start, target.defined, offset, (int) bytes);
    }
  }

  @Override
  public void fill(DevicePointer to, byte value, long bytes) {
    synchronize();
    fillNow(to, value, bytes);
  }

  void fillNow(DevicePointer to, byte value, long bytes) {
    Allocation allocation = memory.hostRange(to.address(), bytes, "a fill");
    int offset = (int) (to.address() - allocation.base);
    Arrays.fill(allocation.data, offset, offset + (int) bytes, value);
    allocation.define(offset, (int) bytes);
  }

  @Override
  public GpuModule load(String name, String ptx) {
    try {
      return new InterpretedModule(this, name, PtxParser.parse(ptx));
    } catch (PtxSyntaxException exception) {
      throw invalid(name, exception);
    }
  }

  /** A module that is parsed already. */
  public GpuModule load(String name, PtxModule module) {
    return new InterpretedModule(this, name, module);
  }

  static GpuException invalid(String name, PtxSyntaxException exception) {
    return new GpuException(
        GpuException.INVALID_PTX,
        "CUDA_ERROR_INVALID_PTX",
        "loading %s: %s".formatted(name, exception.getMessage()),
        "",
        Optional.empty(),
        exception);
  }

  @Override
  public GpuStream defaultStream() {
    return defaultStream;
  }

  @Override
  public GpuStream newStream() {
    InterpretedStream stream = new InterpretedStream(this);
    streams.add(stream);
    return stream;
  }

  void forget(InterpretedStream stream) {
    if (stream != defaultStream) {
      streams.remove(stream);
    }
  }

  @Override
  public GpuEvent newEvent() {
    return new InterpretedEvent();
  }

  @Override
  public void synchronize() {
    for (InterpretedStream stream : List.copyOf(streams)) {
      stream.drain();
    }
  }

  @Override
  public void close() {
    pinned.close();
  }
}
