// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench.speed;

import io.lowbit.backend.cuda.DeviceMatrix;
import io.lowbit.backend.cuda.GpuDriver;
import java.lang.foreign.MemorySegment;

/** {@code ||actual - expected|| / ||expected||} over the numbers that are added. */
final class RelativeError {
  private double difference;
  private double norm;

  void add(double actual, double expected) {
    difference += (actual - expected) * (actual - expected);
    norm += expected * expected;
  }

  /** NaN if a number is. */
  double value() {
    return Math.sqrt(difference / norm);
  }

  /** Reads {@code count} values of a row, once all queued work is done. */
  static float[] read(GpuDriver driver, DeviceMatrix matrix, int row, int column, int count) {
    driver.synchronize();
    short[] bits = new short[count];
    driver.copyToHost(MemorySegment.ofArray(bits), matrix.rows(row, 1).data().plus(2L * column));
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = Normals.value(bits[i], matrix.type());
    }
    return values;
  }
}
