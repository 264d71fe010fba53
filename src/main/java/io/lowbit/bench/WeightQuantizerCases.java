// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench;

import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import io.lowbit.backend.cuda.DeviceMatrix;
import io.lowbit.backend.cuda.DevicePointer;
import io.lowbit.backend.cuda.Kernels;
import io.lowbit.backend.cuda.WeightQuantizer;
import io.lowbit.backend.cuda.WeightSource;
import io.lowbit.bench.ConformanceCase.Outcome;
import io.lowbit.bench.IntegerCaseData.Differences;
import io.lowbit.bench.IntegerCaseData.Kind;
import io.lowbit.quant.Arithmetic;
import io.lowbit.quant.GroupedInteger;
import io.lowbit.quant.IntegerGrid;
import io.lowbit.quant.IntegerGrid.Symmetry;
import io.lowbit.quant.RoundToNearest;
import io.lowbit.tensor.BFloat16;
import io.lowbit.tensor.DType;
import io.lowbit.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.stream.Stream;

/**
 * Weights rounded to nearest, and back: codes, scales, zero points and values as the reference has
 * them, at their places in the packed layouts, and zeros everywhere else.
 */
final class WeightQuantizerCases {
  /**
   * A matrix.
   *
   * @param gap values between rows
   */
  private record Shape(int rows, int columns, int group, int gap) {}

  private static final Shape[] SHAPES = {
    new Shape(16, 64, 64, 0),
    new Shape(3, 128, 32, 8),
    new Shape(33, 256, 128, 0),
    new Shape(17, 100, 0, 0),
    new Shape(7, 172, 0, 3),
    new Shape(64, 96, 16, 0),
    new Shape(70, 320, 80, 4),
    new Shape(9, 1072, 0, 8),
    new Shape(1, 8320, 16, 0),
    new Shape(100, 64, 32, 1),
    new Shape(8, 576, 192, 64),
    new Shape(2, 8320, 16, 1),
    new Shape(4, 1000, 0, 8),
  };

  private WeightQuantizerCases() {}

  static Stream<ConformanceCase> cases() {
    Stream.Builder<ConformanceCase> cases = Stream.builder();
    DType[] types = {DType.F16, DType.BF16, DType.F32};
    int[] bits = {4, 8, 3, 2, 5, 1, 7, 6};
    int count = 0;
    for (DType type : types) {
      for (Shape shape : SHAPES) {
        int b = bits[count % bits.length];
        Symmetry symmetry = IntegerCaseData.SYMMETRIES.get(b == 1 ? 0 : count % 3);
        DType scales = count / 2 % 2 == 0 ? DType.F16 : DType.F32;
        cases.add(of(type, shape, b, symmetry, scales, Kind.NORMAL, true));
        count++;
      }
      // Rows that end off 16 bytes, and start there or anywhere.
      for (int tail = 1; tail < 8; tail++) {
        for (int gap : new int[] {8 - tail, 0}) {
          Shape ragged = new Shape(2, 136 + tail, 0, gap);
          cases.add(of(type, ragged, 4, Symmetry.ASYMMETRIC, DType.F16, Kind.ENDS, true));
          cases.add(of(type, ragged, 8, Symmetry.SYMMETRIC_FULL, DType.F32, Kind.ENDS, true));
        }
      }
      // The extremes in one warp after another.
      for (int gap = 0; gap < 2; gap++) {
        Shape wide = new Shape(9, 1280, 0, gap);
        cases.add(of(type, wide, 4, Symmetry.ASYMMETRIC, DType.F16, Kind.SPIKES, true));
        cases.add(of(type, wide, 8, Symmetry.ASYMMETRIC, DType.F32, Kind.SPIKES, true));
      }
      for (Kind kind : Kind.values()) {
        // What is not finite, or has no fp16 scale, is an error: see below.
        if (kind != Kind.NOT_FINITE) {
          for (Symmetry symmetry : IntegerCaseData.SYMMETRIES) {
            int b = bits[count % 5];
            cases.add(of(type, new Shape(5, 96, 32, 0), b, symmetry, DType.F32, kind, true));
            if (kind != Kind.LARGE && kind != Kind.LARGEST) {
              cases.add(
                  of(type, new Shape(5, 96, 48, 0), b, symmetry, DType.F16, kind, count % 2 == 0));
            }
            count++;
          }
        }
      }
      for (int gap = 0; gap < 2; gap++) {
        Bad earlier = new Bad(3, 70, Float.NaN);
        Bad[] values = {new Bad(5, 0, Float.NaN), new Bad(3, 79, Float.NaN), earlier};
        cases.add(refused(type, gap, 4, "row 3, column 70", values));
        cases.add(refused(type, gap, 8, "row 1, column 5", new Bad(1, 5, Float.NEGATIVE_INFINITY)));
        // Between the largest numbers of fp16 of both signs lies one step of one bit.
        Bad[] scales = {new Bad(2, 64, 65504), new Bad(2, 65, -65504), new Bad(2, 80, 65504)};
        cases.add(refused(type, gap, 1, "row 2, group 4", scales));
      }
    }
    return cases.build();
  }

  private static ConformanceCase of(
      DType type,
      Shape shape,
      int bits,
      Symmetry symmetry,
      DType scales,
      Kind kind,
      boolean sample) {
    String description =
        "%s N %d K %d gap %d, w%dg%d %s %s scales, %s"
            .formatted(
                type,
                shape.rows,
                shape.columns,
                shape.gap,
                bits,
                shape.group,
                symmetry,
                scales,
                kind);
    IntegerGrid grid = new IntegerGrid(bits, shape.group, symmetry, scales, Arithmetic.EXACT);
    return new ConformanceCase(
        "quantize_weights", description, sample, kernels -> run(kernels, type, shape, grid, kind));
  }

  /** A value that makes a weight impossible to quantize. */
  private record Bad(int row, int column, float value) {}

  /** The error must name the first of what is wrong. */
  private static ConformanceCase refused(DType type, int gap, int bits, String where, Bad... bad) {
    Shape shape = new Shape(6, 96, 16, gap);
    float[] values = IntegerCaseData.matrix(Kind.NORMAL, type, shape.rows, shape.columns, 17);
    for (Bad b : bad) {
      values[b.row * shape.columns + b.column] = b.value;
    }
    IntegerGrid grid =
        new IntegerGrid(bits, shape.group, Symmetry.ASYMMETRIC, DType.F16, Arithmetic.EXACT);
    return new ConformanceCase(
        "quantize_weights",
        "%s gap %d, w%dg%d, refused at %s".formatted(type, gap, bits, shape.group, where),
        true,
        kernels -> {
          try (CaseMemory memory = new CaseMemory(kernels.driver())) {
            WeightSource source =
                source(memory, "case", type, shape.rows, shape.columns, gap, values);
            DevicePointer codes =
                memory.poisoned(WeightQuantizer.codeBytes(shape.rows, shape.columns, bits));
            DevicePointer grids =
                memory.poisoned(WeightQuantizer.gridBytes(shape.rows, shape.columns, grid));
            new WeightQuantizer(kernels).quantize(source, grid, codes, grids);
            return new Outcome(Double.POSITIVE_INFINITY, 1, "not refused");
          } catch (IllegalArgumentException refusal) {
            boolean right =
                refusal.getMessage().contains(where + (where.contains("group") ? ":" : ";"));
            return new Outcome(right ? 0 : Double.POSITIVE_INFINITY, 1, refusal.getMessage());
          }
        });
  }

  /** Values in device memory, with NaN between the rows. */
  static WeightSource source(
      CaseMemory memory, String name, DType type, int rows, int columns, int gap, float[] values) {
    int stride = columns + gap;
    // After the last value of the last row there is nothing.
    int count = (rows - 1) * stride + columns;
    ByteBuffer bytes = ByteBuffer.allocate(count * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    Arrays.fill(bytes.array(), (byte) -1);
    for (int row = 0; row < rows; row++) {
      bytes.position(row * stride * type.bytes());
      for (int k = 0; k < columns; k++) {
        put(bytes, type, values[row * columns + k]);
      }
    }
    return new WeightSource(name, memory.bytes(bytes.array()), type, rows, columns, stride);
  }

  private static void put(ByteBuffer bytes, DType type, float value) {
    switch (type) {
      case F16 -> bytes.putShort(Float.floatToFloat16(value));
      case BF16 -> bytes.putShort(BFloat16.fromFloat(value));
      default -> bytes.putFloat(value);
    }
  }

  /** The same values for the reference. */
  static Tensor tensor(DType type, int rows, int columns, float[] values) {
    float[] rounded = values.clone();
    for (int i = 0; i < values.length && type != DType.F32; i++) {
      rounded[i] = CaseMemory.round(values[i], type);
    }
    return Tensor.of(rounded, rows, columns);
  }

  private static Outcome run(
      Kernels kernels, DType type, Shape shape, IntegerGrid grid, Kind kind) {
    float[] values = IntegerCaseData.matrix(kind, type, shape.rows, shape.columns, 13);
    Tensor matrix = tensor(type, shape.rows, shape.columns, values);
    GroupedInteger expected = RoundToNearest.quantize("case", matrix, grid);
    try (CaseMemory memory = new CaseMemory(kernels.driver())) {
      WeightSource source =
          source(memory, "case", type, shape.rows, shape.columns, shape.gap, values);
      int codeBytes = (int) WeightQuantizer.codeBytes(shape.rows, shape.columns, grid.bits());
      int gridBytes = (int) WeightQuantizer.gridBytes(shape.rows, shape.columns, grid);
      DevicePointer codes = memory.poisoned(codeBytes);
      DevicePointer grids = memory.poisoned(gridBytes);
      WeightQuantizer quantizer = new WeightQuantizer(kernels);
      quantizer.quantize(source, grid, codes, grids);
      Differences differences = new Differences();
      compareCodes(memory.readBytes(codes, codeBytes), expected, differences);
      compareGrids(memory.readBytes(grids, gridBytes), expected, differences);
      for (DType out : new DType[] {DType.F16, DType.BF16}) {
        DeviceMatrix back = memory.poisonedMatrix(shape.rows, shape.columns, out);
        quantizer.dequantize(codes, grids, shape.rows, shape.columns, grid, back);
        compareValues(memory, back, expected, differences);
      }
      return differences.outcome();
    }
  }

  /** Walks through the packed bytes and asks for each which code should be there. */
  private static void compareCodes(
      byte[] packed, GroupedInteger expected, Differences differences) {
    boolean nibbles = expected.grid().bits() <= 4;
    int columnTiles = Math.ceilDiv((int) expected.columns(), 64);
    int perWord = nibbles ? 8 : 4;
    int width = 32 / perWord;
    for (int i = 0; i < packed.length * 8 / width; i++) {
      int actual = packed[i * width / 8] >>> (i * width % 8) & (1 << width) - 1;
      int word = i / perWord;
      int inWord = i % perWord;
      int lane = word / 4 % 32;
      // 128 words are all of a strip's 64 columns in nibbles, and half of them in bytes.
      int piece = word / 128;
      int part = nibbles ? 0 : piece % 2;
      int strip = (nibbles ? piece : piece / 2) % 4;
      int tile = (nibbles ? piece : piece / 2) / 4;
      // One 16-k step is a word of nibbles, and two words of bytes.
      int step = nibbles ? word % 4 : 2 * part + word % 4 / 2;
      int register = nibbles ? inWord % 4 : word % 2 * 2 + inWord / 2;
      int higher = nibbles ? inWord / 4 : inWord % 2;
      int row = tile / columnTiles * 64 + strip * 16 + lane / 4 + register % 2 * 8;
      int k = tile % columnTiles * 64 + step * 16 + lane % 4 * 2 + register / 2 * 8 + higher;
      boolean inside = row < expected.rows() && k < expected.columns();
      differences.compare(actual, inside ? expected.code(row, k) : 0, "code", row, k);
    }
  }

  private static void compareGrids(
      byte[] packed, GroupedInteger expected, Differences differences) {
    MemorySegment bytes = MemorySegment.ofArray(packed);
    int size = 2 * expected.grid().scaleType().bytes();
    for (int pair = 0; pair < packed.length / size; pair++) {
      int group = pair / 16 % expected.groups();
      int row = pair / 16 / expected.groups() * 16 + pair % 16;
      boolean inside = row < expected.rows();
      float scale = number(bytes, (long) pair * size, size / 2);
      differences.compare(scale, inside ? expected.scale(row, group) : 0, "scale", row, group);
      float zero = number(bytes, (long) pair * size + size / 2, size / 2);
      differences.compare(zero, inside ? expected.zero(row, group) : 0, "zero", row, group);
    }
  }

  private static float number(MemorySegment bytes, long at, int size) {
    int low = bytes.get(JAVA_SHORT_UNALIGNED, at) & 0xFFFF;
    return size == 2
        ? Float.float16ToFloat((short) low)
        : Float.intBitsToFloat(low | bytes.get(JAVA_SHORT_UNALIGNED, at + 2) << 16);
  }

  private static void compareValues(
      CaseMemory memory, DeviceMatrix actual, GroupedInteger expected, Differences differences) {
    float[] values = memory.read(actual);
    float[] row = new float[actual.columns()];
    byte[] bytes = memory.readBytes(actual.data(), 2 * actual.rows() * actual.stride());
    for (int i = 0; i < actual.rows(); i++) {
      expected.dequantize(i, 0, row.length, row, 0);
      for (int k = 0; k < row.length; k++) {
        float rounded = CaseMemory.round(row[k], actual.type());
        differences.compare(values[i * row.length + k], rounded, actual.type() + " value", i, k);
      }
      for (int k = 2 * row.length; k < 2 * actual.stride(); k++) {
        differences.compare(bytes[2 * i * actual.stride() + k], -1, "padding", i, k);
      }
    }
  }
}
