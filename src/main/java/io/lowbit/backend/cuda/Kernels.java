// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The shipped kernels on one device: loads a module when it is first needed, queues launches on one
 * stream in order, and lends scratch memory. One thread at a time.
 *
 * <p>A {@linkplain #gathering gathering} one hands launches over together, at the latest by {@link
 * #flush}, which every access to {@link #driver} and {@link #stream} implies; so a pass that is
 * made again, as in a decode loop, is launched as one graph.
 */
public final class Kernels implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Kernels.class.getName());
  private static final long LEAST_WORKSPACE = 1 << 20;

  private final GpuDriver driver;
  private final GpuStream stream;
  private final LaunchQueue queue;
  private final Map<String, GpuModule> modules = new HashMap<>();
  private final Map<String, GpuFunction> functions = new HashMap<>();
  private final KernelArguments arguments = new KernelArguments();
  private Optional<DeviceMemory> workspace = Optional.empty();

  private Kernels(GpuDriver driver, int longestGraph) {
    this.driver = driver;
    this.stream = driver.newStream();
    this.queue = new LaunchQueue(stream, longestGraph);
  }

  /**
   * Kernels on a device, launched at once.
   *
   * @param driver stays the caller's, who closes it after this
   */
  public Kernels(GpuDriver driver) {
    this(driver, 1);
  }

  /**
   * Kernels on a device, gathered into graphs. With the system property {@code
   * lowbit.cuda.synchronous} they are launched at once, and each is waited for, so that a failure
   * names its kernel.
   *
   * @param driver as above
   */
  public static Kernels gathering(GpuDriver driver) {
    return new Kernels(driver, LaunchQueue.LONGEST_GRAPH);
  }

  /** The device's driver, after all launches so far have been handed over to it. */
  public GpuDriver driver() {
    flush();
    return driver;
  }

  /** The stream on which everything is queued, after all launches so far have been queued on it. */
  public GpuStream stream() {
    flush();
    return stream;
  }

  /** What the device is. */
  public DeviceAttributes device() {
    return driver.device();
  }

  /** Hands over the launches gathered so far. */
  public void flush() {
    queue.flush();
  }

  /** Waits until everything queued so far has run. */
  public void synchronize() {
    stream().synchronize();
  }

  /**
   * A kernel.
   *
   * @param module name of its file in {@code kernels/}, without {@code .cu}
   * @param entry its name
   * @throws GpuException if the driver cannot load the module
   */
  public GpuFunction function(String module, String entry) {
    return functions.computeIfAbsent(
        entry, name -> modules.computeIfAbsent(module, this::load).function(name));
  }

  private GpuModule load(String module) {
    return driver.load(module, text(module));
  }

  /**
   * The PTX of a module, as it ships.
   *
   * @throws IllegalArgumentException if there is none of that name
   */
  public static String text(String module) {
    String name = "/io/lowbit/kernels/" + module + ".ptx";
    try (InputStream stream = Kernels.class.getResourceAsStream(name)) {
      if (stream == null) {
        throw new IllegalArgumentException("no kernel module '%s' ships".formatted(module));
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("kernel module '%s' cannot be read".formatted(module), e);
    }
  }

  /** Arguments to fill for the next launch; there is one set, emptied by every call. */
  public KernelArguments arguments() {
    return arguments.clear();
  }

  /**
   * Queues a kernel.
   *
   * @param shapes what it works on, for the debug log and for failures
   */
  public void launch(
      GpuFunction function, LaunchShape shape, KernelArguments arguments, Object shapes) {
    LOG.log(
        System.Logger.Level.DEBUG, () -> "%s: %s, %s".formatted(function.name(), shapes, shape));
    queue.add(function, shape, arguments, shapes);
  }

  /**
   * Scratch memory, undefined at first, for launches queued before the next call of this method.
   *
   * @param bytes at least 1
   */
  public DevicePointer workspace(long bytes) {
    if (workspace.isEmpty() || workspace.get().bytes() < bytes) {
      workspace.ifPresent(DeviceMemory::close);
      workspace = Optional.empty();
      long size = Math.max(LEAST_WORKSPACE, Long.highestOneBit(2 * bytes - 1));
      workspace = Optional.of(DeviceHeap.allocate(this, size, "scratch memory of a kernel"));
    }
    return workspace.get().pointer();
  }

  @Override
  public void close() {
    synchronize();
    queue.close();
    workspace.ifPresent(DeviceMemory::close);
    modules.values().forEach(GpuModule::close);
    stream.close();
  }
}
