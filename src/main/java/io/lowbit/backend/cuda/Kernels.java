// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The shipped kernels on one device: loads a module when it is first needed, queues launches on one
 * stream in order, and lends scratch memory. One thread at a time.
 */
public final class Kernels implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Kernels.class.getName());
  private static final long LEAST_WORKSPACE = 1 << 20;

  private final GpuDriver driver;
  private final GpuStream stream;
  private final Map<String, GpuModule> modules = new HashMap<>();
  private final Map<String, GpuFunction> functions = new HashMap<>();
  private final KernelArguments arguments = new KernelArguments();
  private Optional<DeviceMemory> workspace = Optional.empty();

  /**
   * Kernels on a device.
   *
   * @param driver stays the caller's, who closes it after this
   */
  public Kernels(GpuDriver driver) {
    this.driver = driver;
    this.stream = driver.newStream();
  }

  /** The device's driver. */
  public GpuDriver driver() {
    return driver;
  }

  /** The stream on which everything is queued. */
  public GpuStream stream() {
    return stream;
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
    try {
      stream.launch(function, shape, arguments);
    } catch (GpuException e) {
      throw new GpuException(
          e.code(), e.codeName(), "on " + shapes, function.name(), Optional.of(shape), e);
    }
  }

  /**
   * Scratch memory, undefined at first, for launches queued before the next call of this method.
   *
   * @param bytes at least 1
   */
  public DevicePointer workspace(long bytes) {
    if (workspace.isEmpty() || workspace.get().bytes() < bytes) {
      workspace.ifPresent(old -> {
        stream.synchronize();
        old.close();
      });
      workspace = Optional.empty();
      workspace =
          Optional.of(
              driver.allocate(Math.max(LEAST_WORKSPACE, Long.highestOneBit(2 * bytes - 1))));
    }
    return workspace.get().pointer();
  }

  @Override
  public void close() {
    stream.synchronize();
    workspace.ifPresent(DeviceMemory::close);
    List<GpuModule> loaded = new ArrayList<>(modules.values());
    loaded.forEach(GpuModule::close);
    stream.close();
  }
}
