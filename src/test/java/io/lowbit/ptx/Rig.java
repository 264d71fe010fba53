// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import io.lowbit.backend.cuda.DeviceMemory;
import io.lowbit.backend.cuda.DevicePointer;
import io.lowbit.backend.cuda.GpuFunction;
import io.lowbit.backend.cuda.KernelArguments;
import io.lowbit.backend.cuda.LaunchShape;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** An interpreted device with short ways to move arrays and to run kernels, for tests. */
final class Rig implements AutoCloseable {
  final InterpretedDriver driver;

  Rig() {
    this(InterpreterOptions.DEFAULT);
  }

  Rig(InterpreterOptions options) {
    driver = new InterpretedDriver(options);
  }

  /** A file of the test resources beside this class. */
  static String resource(String name) {
    try (InputStream stream = Rig.class.getResourceAsStream(name)) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException exception) {
      throw new UncheckedIOException(exception);
    }
  }

  /**
   * A module with one kernel {@code micro}.
   *
   * @param parameters such as {@code .param .u64 x, .param .u32 n}
   * @param body of the kernel; registers %p, %h, %r, %f, %rd and %d of 40 each are declared
   */
  static String micro(String parameters, String body) {
    return """
    .version 7.8
    .target sm_80
    .address_size 64
    .visible .entry micro(%s)
    {
    .reg .pred %%p<40>;
    .reg .b16 %%h<40>;
    .reg .b32 %%r<40>;
    .reg .f32 %%f<40>;
    .reg .b64 %%rd<40>;
    .reg .f64 %%d<40>;
    %s
    ret;
    }
    """
        .formatted(parameters, body);
  }

  GpuFunction kernel(String ptx, String name) {
    return driver.load("test", ptx).function(name);
  }

  /** Runs the kernel {@code micro} of a text. */
  Counters run(String ptx, LaunchShape shape, KernelArguments arguments) {
    return run(kernel(ptx, "micro"), shape, arguments);
  }

  Counters run(GpuFunction function, LaunchShape shape, KernelArguments arguments) {
    driver.defaultStream().launch(function, shape, arguments);
    driver.synchronize();
    return driver.lastCounters();
  }

  DeviceMemory bytes(byte[] values) {
    DeviceMemory memory = driver.allocate(values.length);
    driver.copyToDevice(memory.pointer(), MemorySegment.ofArray(values));
    return memory;
  }

  DeviceMemory ints(int... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asIntBuffer().put(values);
    return bytes(bytes.array());
  }

  DeviceMemory longs(long... values) {
    ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asLongBuffer().put(values);
    return bytes(bytes.array());
  }

  DeviceMemory floats(float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return bytes(bytes.array());
  }

  DeviceMemory halves(float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(2 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      bytes.putShort(Float.floatToFloat16(value));
    }
    return bytes(bytes.array());
  }

  ByteBuffer read(DevicePointer from, int bytes) {
    byte[] to = new byte[bytes];
    driver.copyToHost(MemorySegment.ofArray(to), from);
    return ByteBuffer.wrap(to).order(ByteOrder.LITTLE_ENDIAN);
  }

  int[] ints(DeviceMemory memory) {
    int[] values = new int[(int) memory.bytes() / 4];
    read(memory.pointer(), 4 * values.length).asIntBuffer().get(values);
    return values;
  }

  long[] longs(DeviceMemory memory) {
    long[] values = new long[(int) memory.bytes() / 8];
    read(memory.pointer(), 8 * values.length).asLongBuffer().get(values);
    return values;
  }

  float[] floats(DeviceMemory memory) {
    float[] values = new float[(int) memory.bytes() / 4];
    read(memory.pointer(), 4 * values.length).asFloatBuffer().get(values);
    return values;
  }

  static KernelArguments arguments() {
    return new KernelArguments();
  }

  @Override
  public void close() {
    driver.close();
  }
}
