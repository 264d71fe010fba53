// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import io.lowbit.quant.ActivationScheme;
import io.lowbit.quant.Arithmetic;
import java.util.Optional;

/** {@code y = x W^T + b} over all cores: tasks are panels of the weight times chunks of rows. */
final class LinearLayers {
  // 44 panels of six rows: their sums are 33 KiB and stay in the second-level cache, and a tile is
  // dequantized once per 264 rows, about a hundredth of the multiply-adds.
  private static final int MAX_CHUNK = 44;

  private final Workers workers;
  private float[] packed = new float[0];
  private float[] rowScales = new float[0];

  LinearLayers(Workers workers) {
    this.workers = workers;
  }

  void linear(
      CpuBuffer x,
      PanelWeight weight,
      Optional<float[]> bias,
      Optional<ActivationScheme> activations,
      CpuBuffer out) {
    boolean integers =
        activations.isPresent()
            && activations.get().arithmetic() == Arithmetic.EXACT
            && weight.hasIntegers();
    PackedRows a = pack(x, activations, integers);
    int chunks = chunks(a.panels(), weight.panels());
    int chunk = (a.panels() + chunks - 1) / chunks;
    workers.run(
        chunks * weight.panels(),
        (task, scratch) -> {
          int first = task % chunks * chunk;
          int panels = Math.min(chunk, a.panels() - first);
          if (panels <= 0) {
            return;
          }
          int panel = task / chunks;
          float[] c = scratch.array(Scratch.PRODUCTS, panels * a.panelRows() * Lanes.WIDTH);
          if (integers && weight instanceof IntegerPanels codes) {
            MatrixProduct.computeIntegers(a, first, panels, codes, panel, c, scratch);
          } else {
            MatrixProduct.compute(a, first, panels, weight, panel, c, scratch);
          }
          int from = first * a.panelRows();
          int to = Math.min(a.rows(), from + panels * a.panelRows());
          for (int row = from; row < to; row++) {
            if (integers) {
              scale(c, (row - from) * Lanes.WIDTH, rowScales[row]);
            }
            store(c, (row - from) * Lanes.WIDTH, panel, bias, out, row);
          }
        });
  }

  private int chunks(int panels, int weightPanels) {
    int chunks = (panels + MAX_CHUNK - 1) / MAX_CHUNK;
    int wanted = (4 * workers.count() + weightPanels - 1) / weightPanels;
    return Math.min(panels, Math.max(chunks, wanted));
  }

  private static void scale(float[] c, int at, float factor) {
    for (int i = at; i < at + Lanes.WIDTH; i++) {
      c[i] *= factor;
    }
  }

  private static void store(
      float[] c, int at, int panel, Optional<float[]> bias, CpuBuffer out, int row) {
    int first = panel * Lanes.WIDTH;
    int count = Math.min(Lanes.WIDTH, out.columns() - first);
    if (bias.isPresent()) {
      float[] summands = bias.get();
      for (int i = 0; i < count; i++) {
        c[at + i] += summands[first + i];
      }
    }
    int target = row * out.columns() + first;
    System.arraycopy(c, at, out.values(), target, count);
    Rounding.round(out.type(), out.values(), target, count);
  }

  private PackedRows pack(CpuBuffer x, Optional<ActivationScheme> scheme, boolean integers) {
    PackedRows a = reserve(x.rows(), x.columns());
    if (integers && rowScales.length < x.rows()) {
      rowScales = new float[x.rows()];
    }
    workers.run(
        a.panels(),
        (panel, scratch) -> {
          Optional<TokenQuantizer> quantizer =
              scheme.map(s -> new TokenQuantizer(s.grid(x.type()), x.columns()));
          int end = Math.min(a.rows(), (panel + 1) * a.panelRows());
          for (int row = panel * a.panelRows(); row < end; row++) {
            if (quantizer.isEmpty()) {
              a.set(row, x.values(), row * x.columns());
              continue;
            }
            float[] values = scratch.array(Scratch.QUERIES, x.columns());
            if (integers) {
              rowScales[row] = quantizer.get().integers(x.values(), row * x.columns(), values);
            } else {
              quantizer.get().values(x.values(), row * x.columns(), values);
            }
            a.set(row, values, 0);
          }
        });
    return a;
  }

  /** Room for packed rows; valid until the next call. */
  PackedRows reserve(int rows, int depth) {
    int size = PackedRows.size(rows, depth);
    if (packed.length < size) {
      packed = new float[size];
    }
    PackedRows a = new PackedRows(packed, rows, PackedRows.panelRows(rows), depth);
    a.clearPadding();
    return a;
  }
}
