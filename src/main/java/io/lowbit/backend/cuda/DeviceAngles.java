// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import io.lowbit.backend.Rotary;
import io.lowbit.backend.RotaryAngles;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** Cosines and sines of a rotary embedding on the device, {@code float2 [positions][pairs]}. */
final class DeviceAngles implements AutoCloseable {
  // So that a decode loop does not grow the table, and so move it, at every step.
  private static final int FEWEST_POSITIONS = 1024;

  private final Kernels kernels;
  private final Rotary rotary;
  private final int pairs;
  private Optional<DeviceMemory> memory = Optional.empty();
  private int positions;

  DeviceAngles(Kernels kernels, Rotary rotary) {
    this.kernels = kernels;
    this.rotary = rotary;
    this.pairs = rotary.inverseFrequencies().length;
  }

  /** Makes the table hold positions 0 to {@code count - 1}. */
  void extend(int count) {
    if (count <= positions || pairs == 0) {
      return;
    }
    int size = Math.max(FEWEST_POSITIONS, Math.max(count, 2 * positions));
    float[] cosines = new float[Math.multiplyExact(size, pairs)];
    float[] sines = new float[size * pairs];
    RotaryAngles.fill(rotary, 0, size, cosines, sines);
    float[] both = new float[2 * cosines.length];
    for (int i = 0; i < cosines.length; i++) {
      both[2 * i] = cosines[i];
      both[2 * i + 1] = sines[i];
    }
    close();
    DeviceMemory table = DeviceHeap.allocate(kernels, 4L * both.length, "rotary angles");
    memory = Optional.of(table);
    kernels.driver().copyToDevice(table.pointer(), MemorySegment.ofArray(both));
    positions = size;
  }

  DevicePointer pointer() {
    return memory.map(DeviceMemory::pointer).orElse(DevicePointer.NULL);
  }

  @Override
  public void close() {
    if (memory.isPresent()) {
      memory.get().close();
      memory = Optional.empty();
      positions = 0;
    }
  }
}
