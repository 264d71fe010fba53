// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import io.lowbit.tensor.DType;
import io.lowbit.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A weight of F32, F16 or BF16 values; 16-bit values are widened when used. */
final class DensePanels extends PanelWeight {
  private final Arena arena = Arena.ofShared();
  private final Plane values;

  private DensePanels(long rows, long columns, DType type) {
    super(rows, columns);
    values = Plane.allocate(arena, type, panels(), columns());
  }

  /** Repacks a row-major matrix; see {@link io.lowbit.backend.Backend#upload(Tensor)}. */
  static DensePanels of(Tensor matrix, DType base) {
    DType type = storedType(matrix.type(), base);
    DensePanels weight = new DensePanels(matrix.shape().rows(), matrix.shape().columns(), type);
    int columns = weight.columns();
    float[] row = new float[columns];
    float[] panel = new float[Math.multiplyExact(columns, Lanes.WIDTH)];
    for (int p = 0; p < weight.panels(); p++) {
      for (int lane = 0; lane < Lanes.WIDTH; lane++) {
        int index = p * Lanes.WIDTH + lane;
        if (index < weight.rows()) {
          matrix.read((long) index * columns, row, 0, columns);
        }
        for (int k = 0; k < columns; k++) {
          panel[k * Lanes.WIDTH + lane] = index < weight.rows() ? row[k] : 0;
        }
      }
      Rounding.round(type, panel, 0, panel.length);
      weight.store(p, panel);
    }
    return weight;
  }

  private static DType storedType(DType own, DType base) {
    boolean half = own == DType.F16 || own == DType.BF16;
    return base == DType.F32 && half ? own : base;
  }

  private void store(int panel, float[] from) {
    long bytes = (long) from.length * values.type().bytes();
    MemorySegment target = values.data().asSlice(panel * bytes, bytes);
    if (values.type() == DType.F32) {
      target.copyFrom(MemorySegment.ofArray(from));
      return;
    }
    short[] halves = new short[from.length];
    for (int i = 0; i < halves.length; i++) {
      halves[i] = Rounding.narrow(values.type(), from[i]);
    }
    target.copyFrom(MemorySegment.ofArray(halves));
  }

  @Override
  boolean isPacked() {
    return false;
  }

  @Override
  void tile(int panel, int from, int count, Scratch scratch) {
    values.read(panel, from, count, scratch.tile, 0, scratch);
  }

  @Override
  public long bytes() {
    return values.bytes();
  }

  @Override
  public void close() {
    arena.close();
  }
}
