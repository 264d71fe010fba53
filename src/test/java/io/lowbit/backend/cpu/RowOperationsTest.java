// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertThrows;

import io.lowbit.backend.Buffer;
import io.lowbit.backend.CacheLayout;
import io.lowbit.backend.KvCache;
import io.lowbit.backend.Norm;
import io.lowbit.backend.Rotary;
import io.lowbit.backend.Span;
import io.lowbit.backend.Weight;
import io.lowbit.quant.GroupedInteger;
import io.lowbit.tensor.DType;
import io.lowbit.tensor.Tensor;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.testng.annotations.Test;

public class RowOperationsTest {
  private static final int[] WIDTHS = {1, 15, 16, 17, 31, 33, 127, 576, 4097};

  @Test
  public void normsAgreeWithTheirFormulas() {
    Random random = new Random(1);
    try (CpuBackend backend = new CpuBackend(DType.F32, 2)) {
      for (int width : WIDTHS) {
        float[] x = Fixtures.gaussian(random, 3 * width, 2);
        float[] weight = Fixtures.gaussian(random, width, 1);
        float[] bias = Fixtures.gaussian(random, width, 1);
        for (Norm.Kind kind : Norm.Kind.values()) {
          boolean layer = kind == Norm.Kind.LAYER;
          Norm norm =
              new Norm(
                  kind,
                  1e-5f,
                  Fixtures.buffer(backend, 1, width, weight),
                  layer ? Optional.of(Fixtures.buffer(backend, 1, width, bias)) : Optional.empty());
          Buffer in = Fixtures.buffer(backend, 3, width, x);
          backend.norm(in, norm, in);
          float[] actual = Fixtures.values(in);
          for (int row = 0; row < 3; row++) {
            double mean = 0;
            for (int i = 0; layer && i < width; i++) {
              mean += x[row * width + i] / (double) width;
            }
            double square = 0;
            for (int i = 0; i < width; i++) {
              square += Math.pow(x[row * width + i] - mean, 2) / width;
            }
            for (int i = 0; i < width; i++) {
              double factor = kind == Norm.Kind.RMS_PLUS_ONE ? 1.0 + weight[i] : weight[i];
              double expected =
                  (x[row * width + i] - mean) / Math.sqrt(square + 1e-5) * factor
                      + (layer ? bias[i] : 0);
              double tolerance = width == 1 && layer ? 1e-3 : 5e-6;
              assertEquals(actual[row * width + i], expected, tolerance, kind + " " + width);
            }
          }
        }
      }
    }
  }

  @Test
  public void rotationTurnsEachPairByItsAngle() {
    Random random = new Random(2);
    int headDim = 10;
    float[] frequencies = {1f, 0.1f, 0.01f};
    float[] x = Fixtures.gaussian(random, 4 * 2 * headDim, 1);
    try (CpuBackend backend = new CpuBackend(DType.F32, 1);
        KvCache cache = backend.newCache(new CacheLayout(1, 1, headDim, Optional.empty()))) {
      for (boolean interleaved : new boolean[] {false, true}) {
        Buffer buffer = Fixtures.buffer(backend, 4, 2 * headDim, x);
        Rotary rotary = new Rotary(frequencies, interleaved, 1.5f);
        List<Span> spans = List.of(new Span(cache, 100, 1, 2), new Span(cache, 7, 3, 1));
        backend.rotate(buffer, headDim, rotary, spans);
        float[] actual = Fixtures.values(buffer);
        int[] positions = {-1, 100, 101, 7};
        for (int row = 0; row < 4; row++) {
          for (int head = 0; head < 2; head++) {
            int at = (row * 2 + head) * headDim;
            float[] expected = java.util.Arrays.copyOfRange(x, at, at + headDim);
            for (int i = 0; positions[row] >= 0 && i < 3; i++) {
              int a = interleaved ? 2 * i : i;
              int b = interleaved ? 2 * i + 1 : i + 3;
              double angle = positions[row] * frequencies[i];
              expected[a] =
                  (float) (1.5 * (x[at + a] * Math.cos(angle) - x[at + b] * Math.sin(angle)));
              expected[b] =
                  (float) (1.5 * (x[at + b] * Math.cos(angle) + x[at + a] * Math.sin(angle)));
            }
            for (int i = 0; i < headDim; i++) {
              assertEquals(actual[at + i], expected[i], 1e-5, row + " " + i);
            }
          }
        }
      }
    }
  }

  @Test
  public void sumsAreRoundedToTheBaseType() {
    for (DType base : new DType[] {DType.F32, DType.F16, DType.BF16}) {
      try (CpuBackend backend = new CpuBackend(base, 1)) {
        Buffer x = Fixtures.buffer(backend, 1, 2, new float[] {1f, 2f});
        Buffer y = Fixtures.buffer(backend, 1, 2, new float[] {0x1p-12f, 0x1p-7f});
        backend.add(x, y);
        float[] expected =
            switch (base) {
              case F16 -> new float[] {1f, 2f + 0x1p-7f};
              case BF16 -> new float[] {1f, 2f};
              default -> new float[] {1f + 0x1p-12f, 2f + 0x1p-7f};
            };
        assertEquals(Fixtures.values(x), expected);
      }
    }
  }

  @Test
  public void embeddingTakesRowsOfDenseAndPackedTables() {
    Random random = new Random(3);
    int columns = 288;
    float[] values = Fixtures.gaussian(random, 50 * columns, 1);
    GroupedInteger packed = Fixtures.integers(random, 50, columns, 3, 96, true, DType.F16);
    int[] ids = {49, 0, 31, 32, 31};
    try (CpuBackend backend = new CpuBackend(DType.F32, 2);
        Weight dense = backend.upload(Tensor.of(values, 50, columns));
        Weight codes = backend.upload(packed)) {
      Buffer out = backend.allocate(5, columns);
      float[] row = new float[columns];
      float[] expected = new float[columns];
      backend.embed(dense, ids, out);
      for (int i = 0; i < ids.length; i++) {
        out.read(i, row, 0);
        System.arraycopy(values, ids[i] * columns, expected, 0, columns);
        assertEquals(row, expected);
      }
      backend.embed(codes, ids, out);
      for (int i = 0; i < ids.length; i++) {
        out.read(i, row, 0);
        packed.dequantize(ids[i], 0, columns, expected, 0);
        assertEquals(row, expected);
      }
      assertThrows(
          IllegalArgumentException.class,
          () -> backend.embed(dense, new int[] {50}, backend.allocate(1, columns)));
    }
  }
}
