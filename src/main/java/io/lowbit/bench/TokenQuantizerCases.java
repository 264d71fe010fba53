// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench;

import io.lowbit.backend.cuda.DeviceMatrix;
import io.lowbit.backend.cuda.Kernels;
import io.lowbit.backend.cuda.QuantizedRows;
import io.lowbit.backend.cuda.TokenQuantizer;
import io.lowbit.bench.ConformanceCase.Outcome;
import io.lowbit.bench.IntegerCaseData.Differences;
import io.lowbit.bench.IntegerCaseData.Kind;
import io.lowbit.quant.ActivationScheme;
import io.lowbit.quant.Arithmetic;
import io.lowbit.quant.IntegerGrid;
import io.lowbit.quant.RowQuantizer;
import io.lowbit.tensor.DType;
import java.util.stream.Stream;

/** Activations quantized per token: every byte, scale, zero point and sum as the reference's. */
final class TokenQuantizerCases {
  private record Shape(int rows, int columns, int group) {}

  // Widths below, at and off a warp's and a block's share; 9,000 is more than is kept in registers.
  private static final Shape[] SHAPES = {
    new Shape(1, 64, 64),
    new Shape(3, 1, 1),
    new Shape(2, 7, 7),
    new Shape(7, 172, 172),
    new Shape(8, 256, 32),
    new Shape(9, 96, 32),
    new Shape(17, 320, 64),
    new Shape(33, 130, 130),
    new Shape(64, 192, 192),
    new Shape(100, 640, 128),
    new Shape(2, 2080, 416),
    new Shape(2, 9000, 9000),
    new Shape(1, 8320, 32),
    new Shape(2, 8320, 8320),
    new Shape(2, 10272, 96),
  };

  private TokenQuantizerCases() {}

  static Stream<ConformanceCase> cases() {
    Stream.Builder<ConformanceCase> cases = Stream.builder();
    for (DType type : new DType[] {DType.F16, DType.BF16}) {
      for (int i = 0; i < SHAPES.length; i++) {
        boolean symmetric = i % 2 == 0 == (type == DType.F16);
        boolean sample = SHAPES[i].rows < 10 || SHAPES[i].columns > 500;
        cases.add(of(type, SHAPES[i], 8, symmetric, Kind.NORMAL, sample));
      }
      // The row ends inside each of the chunks that a thread keeps.
      for (int columns : new int[] {1000, 3000, 5000, 7000}) {
        cases.add(of(type, new Shape(2, columns, columns), 8, false, Kind.NORMAL, true));
        cases.add(of(type, new Shape(2, columns / 32 * 32, 32), 8, true, Kind.NORMAL, true));
      }
      // The extremes in one warp after another.
      cases.add(of(type, new Shape(8, 2048, 2048), 8, false, Kind.SPIKES, true));
      cases.add(of(type, new Shape(2, 2048, 2048), 8, false, Kind.NOT_FINITE, true));
      for (int group : new int[] {96, 10272}) {
        cases.add(of(type, new Shape(1, 10272, group), 4, false, Kind.CLAMPED, true));
      }
      for (Kind kind : Kind.values()) {
        cases.add(of(type, new Shape(3, 136, 136), 8, false, kind, true));
        cases.add(of(type, new Shape(3, 160, 32), 8, true, kind, true));
      }
      for (int bits = 2; bits < 8; bits++) {
        cases.add(of(type, new Shape(2, 100, 100), bits, bits % 2 == 0, Kind.TIES, true));
        cases.add(of(type, new Shape(2, 128, 64), bits, bits % 2 == 1, Kind.NORMAL, true));
      }
    }
    return cases.build();
  }

  private static ConformanceCase of(
      DType type, Shape shape, int bits, boolean symmetric, Kind kind, boolean sample) {
    String description =
        "%s M %d K %d, sums of %d, %d bits%s, %s"
            .formatted(
                type, shape.rows, shape.columns, shape.group, bits, symmetric ? " sym" : "", kind);
    IntegerGrid grid = new ActivationScheme(bits, symmetric, Arithmetic.EXACT).grid(type);
    return new ConformanceCase(
        "quantize_tokens", description, sample, kernels -> run(kernels, type, shape, grid, kind));
  }

  private static Outcome run(
      Kernels kernels, DType type, Shape shape, IntegerGrid grid, Kind kind) {
    float[] values = IntegerCaseData.matrix(kind, type, shape.rows, shape.columns, 11);
    try (CaseMemory memory = new CaseMemory(kernels.driver())) {
      DeviceMatrix x = memory.matrix(values, shape.rows, shape.columns, type);
      QuantizedRows rows =
          new TokenQuantizer(kernels)
              .run(
                  x,
                  grid,
                  shape.group,
                  memory.poisoned(QuantizedRows.bytes(shape.rows, shape.columns, shape.group)));
      Differences differences = new Differences();
      for (int row = 0; row < shape.rows; row++) {
        float[] rounded = new float[shape.columns];
        for (int k = 0; k < shape.columns; k++) {
          rounded[k] = CaseMemory.round(values[row * shape.columns + k], type);
        }
        compareRow(memory, rows, row, rounded, grid, differences);
      }
      return differences.outcome();
    }
  }

  private static void compareRow(
      CaseMemory memory,
      QuantizedRows rows,
      int row,
      float[] x,
      IntegerGrid grid,
      Differences differences) {
    byte[] codes = new byte[x.length];
    float[] scale = new float[1];
    int[] zero = new int[1];
    RowQuantizer.quantize(x, 0, x.length, grid, codes, 0, scale, zero, 0);
    int centre = 1 << (grid.bits() - 1);
    byte[] actual = memory.readBytes(rows.codes().plus((long) row * rows.stride()), rows.stride());
    int[] sums = new int[rows.groups()];
    for (int k = 0; k < rows.stride(); k++) {
      int expected = k < x.length ? (codes[k] & 0xFF) - centre : 0;
      differences.compare(actual[k], expected, "byte", row, k);
      if (k < x.length) {
        sums[k / rows.group()] += expected;
      }
    }
    int[] actualSums = memory.readInts(rows.sums().plus(4L * row * rows.groups()), rows.groups());
    for (int g = 0; g < sums.length; g++) {
      differences.compare(actualSums[g], sums[g], "sum", row, g);
    }
    float actualScale = memory.readFloats(rows.scales().plus(4L * row), 1)[0];
    differences.compare(actualScale, scale[0], "scale", row);
    int actualZero = memory.readInts(rows.zeros().plus(4L * row), 1)[0];
    differences.compare(actualZero, zero[0] - centre, "zero", row);
  }
}
