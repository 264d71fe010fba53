// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench;

import io.lowbit.backend.cuda.DeviceMatrix;
import io.lowbit.backend.cuda.DevicePointer;
import io.lowbit.backend.cuda.GemmW8A8;
import io.lowbit.backend.cuda.IntegerWeight;
import io.lowbit.backend.cuda.Kernels;
import io.lowbit.backend.cuda.QuantizedRows;
import io.lowbit.bench.ConformanceCase.Outcome;
import io.lowbit.bench.IntegerCaseData.Differences;
import io.lowbit.quant.GroupedInteger;
import io.lowbit.quant.IntegerGrid.Symmetry;
import io.lowbit.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Products of quantized rows and weights. Sums of integers are exact and the few fp32 operations
 * have a fixed order, so every output must be the reference's, bit for bit.
 */
final class GemmW8A8Cases {
  /** Bytes of the rows. */
  private enum Rows {
    /** All bytes, zero points and scales around 2^-8. */
    RANDOM,
    /** All bytes -128 with the zero point 127: the largest sums. */
    LARGEST,
    /** All equal to their zero point. */
    ZEROS,
    /** Random, the scale of row 0 NaN. */
    NAN_ROW
  }

  private record Shape(int rows, int features, int columns, int group) {
    int effectiveGroup() {
      return group == 0 ? columns : group;
    }
  }

  private record Setting(
      DType type, int bits, Symmetry symmetry, DType scales, boolean bias, Rows rows) {}

  // Those of one group per row and more than 1,000 columns are split along K on large devices.
  private static final Shape[] SHAPES = {
    new Shape(1, 64, 64, 0),
    new Shape(3, 33, 96, 32),
    new Shape(7, 100, 172, 0),
    new Shape(8, 70, 128, 64),
    new Shape(9, 64, 448, 64),
    new Shape(17, 130, 640, 128),
    new Shape(33, 66, 352, 32),
    new Shape(64, 64, 96, 96),
    new Shape(100, 72, 320, 0),
    new Shape(100, 61, 192, 96),
  };
  // One of each token tile, with too few tokens for it; below, the columns are many enough to fill
  // the
  // pipeline again, and so many that the last step lies where the output is staged.
  private static final int[] TOKENS = {5, 13, 27, 45};

  private GemmW8A8Cases() {}

  static Stream<ConformanceCase> cases() {
    Stream.Builder<ConformanceCase> cases = Stream.builder();
    int[] bits = {8, 4, 8, 3, 2, 1, 7};
    for (DType type : new DType[] {DType.F16, DType.BF16}) {
      for (int i = 0; i < SHAPES.length; i++) {
        boolean even = i % 2 == 0 == (type == DType.F16);
        Symmetry symmetry =
            IntegerCaseData.SYMMETRIES.get(bits[i % 7] == 1 || even ? 0 : 1 + i % 2);
        DType scales = i % 3 == (type == DType.F16 ? 0 : 1) ? DType.F32 : DType.F16;
        Setting setting = new Setting(type, bits[i % 7], symmetry, scales, even, Rows.RANDOM);
        cases.add(of(SHAPES[i], setting, SHAPES[i].rows < 10));
      }
      for (int tokens : TOKENS) {
        addTile(cases, type, tokens);
      }
      for (Rows rows : Rows.values()) {
        for (Shape shape : new Shape[] {new Shape(10, 40, 128, 32), new Shape(5, 70, 1024, 0)}) {
          cases.add(
              of(shape, new Setting(type, 8, Symmetry.ASYMMETRIC, DType.F16, false, rows), true));
        }
      }
      // Segments of more features than a block adds up, in fours and off them.
      for (int features : new int[] {576, 577}) {
        DType scales = features == 576 ? DType.F32 : DType.F16;
        Setting setting = new Setting(type, 8, Symmetry.ASYMMETRIC, scales, true, Rows.RANDOM);
        cases.add(of(new Shape(features == 576 ? 1 : 2, features, 1030, 0), setting, true));
      }
      Setting plain = new Setting(type, 8, Symmetry.ASYMMETRIC, DType.F16, false, Rows.RANDOM);
      cases.add(of(new Shape(70, 5, 1030, 0), plain, true));
      // Corrected sums do not fit 32 bits; in the longest group those of products reach 2^31.
      for (int columns : new int[] {40_000, 1 << 17}) {
        cases.add(
            of(
                new Shape(2, 5, columns, 0),
                new Setting(type, 8, Symmetry.ASYMMETRIC, DType.F32, true, Rows.LARGEST),
                columns == 40_000));
      }
    }
    return cases.build();
  }

  private static void addTile(Stream.Builder<ConformanceCase> cases, DType type, int tokens) {
    Setting narrow = new Setting(type, 8, Symmetry.ASYMMETRIC, DType.F16, true, Rows.RANDOM);
    Setting wide = new Setting(type, 6, Symmetry.ASYMMETRIC, DType.F32, true, Rows.RANDOM);
    Setting centred =
        new Setting(type, 8, Symmetry.SYMMETRIC_RESTRICTED, DType.F32, false, Rows.RANDOM);
    cases.add(of(new Shape(tokens, 77, 480, 32), narrow, true));
    cases.add(of(new Shape(tokens, 70, 576, 96), wide, true));
    cases.add(of(new Shape(tokens, 70, 700, 0), centred, true));
    // 17 steps in 2 segments, and 25 in 3.
    cases.add(of(new Shape(tokens, 67, 1030, 0), wide, true));
    cases.add(of(new Shape(tokens, 66, 1600, 0), narrow, tokens < 30));
    cases.add(of(new Shape(tokens, 3, 1030, 0), centred, true));
    // 65 steps in 8 segments, of 2 steps the last.
    cases.add(of(new Shape(tokens, 3, 4110, 0), centred, true));
  }

  private static ConformanceCase of(Shape shape, Setting setting, boolean sample) {
    String description =
        "%s M %d N %d K %d, w%dg%d %s %s scales%s, rows %s"
            .formatted(
                setting.type,
                shape.rows,
                shape.features,
                shape.columns,
                setting.bits,
                shape.group,
                setting.symmetry,
                setting.scales,
                setting.bias ? ", bias" : "",
                setting.rows);
    return new ConformanceCase(
        "gemm_w8a8", description, sample, kernels -> run(kernels, shape, setting));
  }

  /** Rows as the host has them. */
  private record HostRows(byte[][] codes, float[] scales, int[] zeros) {
    static HostRows of(Rows kind, Shape shape) {
      Random random = new Random(5);
      byte[][] codes = new byte[shape.rows][shape.columns];
      float[] scales = new float[shape.rows];
      int[] zeros = new int[shape.rows];
      for (int row = 0; row < shape.rows; row++) {
        scales[row] = (1 + random.nextFloat()) / 256;
        zeros[row] = kind == Rows.LARGEST ? 127 : random.nextInt(256) - 128;
        switch (kind) {
          case LARGEST -> Arrays.fill(codes[row], (byte) -128);
          case ZEROS -> Arrays.fill(codes[row], (byte) zeros[row]);
          default -> random.nextBytes(codes[row]);
        }
      }
      if (kind == Rows.NAN_ROW) {
        scales[0] = Float.NaN;
      }
      return new HostRows(codes, scales, zeros);
    }

    QuantizedRows upload(CaseMemory memory, Kernels kernels, Shape shape) {
      int group = shape.effectiveGroup();
      // Each part in memory of its own, so that a read beside it shows.
      int stride = Math.ceilDiv(shape.columns, 64) * 64;
      QuantizedRows rows =
          new QuantizedRows(
              memory.poisoned((long) shape.rows * stride),
              memory.floats(scales),
              memory.ints(zeros),
              memory.poisoned(4L * shape.rows * (shape.columns / group)),
              shape.rows,
              shape.columns,
              group);
      for (int row = 0; row < shape.rows; row++) {
        byte[] padded = Arrays.copyOf(codes[row], rows.stride());
        int[] sums = new int[rows.groups()];
        for (int k = 0; k < shape.columns; k++) {
          sums[k / group] += padded[k];
        }
        kernels
            .driver()
            .copyToDevice(
                rows.codes().plus((long) row * rows.stride()), MemorySegment.ofArray(padded));
        kernels
            .driver()
            .copyToDevice(rows.sums().plus(4L * row * rows.groups()), MemorySegment.ofArray(sums));
      }
      return rows;
    }
  }

  private static Outcome run(Kernels kernels, Shape shape, Setting setting) {
    GroupedInteger matrix = weight(shape, setting);
    HostRows host = HostRows.of(setting.rows, shape);
    float[] bias =
        IntegerCaseData.matrix(IntegerCaseData.Kind.NORMAL, setting.type, 1, shape.features, 9);
    try (CaseMemory memory = new CaseMemory(kernels.driver());
        IntegerWeight weight = IntegerWeight.upload(kernels.driver(), matrix)) {
      DeviceMatrix out = memory.poisonedMatrix(shape.rows, shape.features, setting.type);
      DevicePointer summands =
          setting.bias ? memory.vector(bias, setting.type) : DevicePointer.NULL;
      QuantizedRows rows = host.upload(memory, kernels, shape);
      new GemmW8A8(kernels).run(rows, weight, summands, out);
      Differences differences = new Differences();
      float[] actual = memory.read(out);
      for (int row = 0; row < shape.rows; row++) {
        for (int feature = 0; feature < shape.features; feature++) {
          float expected = product(host, row, matrix, feature);
          if (setting.bias) {
            expected += CaseMemory.round(bias[feature], setting.type);
          }
          differences.compare(
              actual[row * shape.features + feature],
              CaseMemory.round(expected, setting.type),
              "output",
              row,
              feature);
        }
      }
      comparePadding(memory, out, differences);
      return differences.outcome();
    }
  }

  private static GroupedInteger weight(Shape shape, Setting setting) {
    GroupedInteger random =
        IntegerCaseData.weight(
            shape.features,
            shape.columns,
            setting.bits,
            shape.group,
            setting.symmetry,
            setting.scales,
            7);
    if (setting.rows == Rows.LARGEST) {
      // Codes 0 with the zero point 255 in even rows of packed bytes, codes 255 with 0 in odd ones.
      fill(random.codes(), shape.features, 0);
      fill(random.zeros(), shape.features, 1);
    }
    return random;
  }

  private static void fill(MemorySegment bytes, int rows, int odd) {
    long rowBytes = bytes.byteSize() / rows;
    for (int row = 0; row < rows; row++) {
      bytes.asSlice(row * rowBytes, rowBytes).fill((byte) (row % 2 == odd ? 0 : 255));
    }
  }

  /** One output before the bias, in plain loops. */
  private static float product(HostRows rows, int row, GroupedInteger weight, int feature) {
    int columns = (int) weight.columns();
    int group = weight.grid().effectiveGroup(columns);
    int centre = 1 << (weight.grid().bits() - 1);
    float total = 0;
    for (int g = 0; g < weight.groups(); g++) {
      int zero = weight.zero(feature, g) - centre;
      long sum = 0;
      for (int k = g * group; k < (g + 1) * group; k++) {
        int w = weight.code(feature, k) - centre - zero;
        sum += (long) (rows.codes[row][k] - rows.zeros[row]) * w;
      }
      total = Math.fma((float) sum, weight.scale(feature, g), total);
    }
    return total * rows.scales[row];
  }

  /** Nothing may be written beside the columns of a matrix. */
  private static void comparePadding(CaseMemory memory, DeviceMatrix out, Differences differences) {
    byte[] bytes = memory.readBytes(out.data(), 2 * out.rows() * out.stride());
    for (int row = 0; row < out.rows(); row++) {
      for (int i = 2 * out.columns(); i < 2 * out.stride(); i++) {
        differences.compare(bytes[2 * row * out.stride() + i], -1, "padding", row, i);
      }
    }
  }
}
