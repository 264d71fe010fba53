// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench;

import io.lowbit.backend.cuda.DeviceMatrix;
import io.lowbit.backend.cuda.DevicePointer;
import io.lowbit.backend.cuda.Kernels;
import io.lowbit.backend.cuda.PackedWeight;
import io.lowbit.bench.ConformanceCase.Outcome;
import io.lowbit.bench.PackedGemmData.Kind;
import io.lowbit.quant.GroupedInteger;
import io.lowbit.quant.IntegerGrid.Symmetry;
import io.lowbit.tensor.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** What the cases of products with packed weights of either width share. */
final class PackedGemmCases {
  /** A launcher's method, on a launcher for a device of so many multiprocessors. */
  @FunctionalInterface
  interface Product {
    void run(
        Kernels kernels,
        int multiprocessors,
        DeviceMatrix x,
        PackedWeight weight,
        DevicePointer bias,
        DeviceMatrix out);
  }

  /**
   * A case.
   *
   * @param group columns that share a scale, 0 = the whole row
   */
  private record Shape(
      int tokens,
      int outputs,
      int inputs,
      int bits,
      int group,
      Symmetry symmetry,
      DType scaleType,
      Kind kind,
      boolean bias) {
    String describe(DType type) {
      return "%s [%d, %d] x [%d, %d], %d bits, group %s, %s, %s scales, %s%s"
          .formatted(
              type,
              tokens,
              inputs,
              outputs,
              inputs,
              bits,
              group == 0 ? "row" : group,
              symmetry,
              scaleType,
              kind,
              bias ? ", bias" : "");
    }
  }

  private static final Symmetry SYMMETRIC = Symmetry.SYMMETRIC_FULL;
  private static final Symmetry ASYMMETRIC = Symmetry.ASYMMETRIC;
  private static final int[] TOKENS = {1, 3, 7, 8, 9, 17, 33, 64, 100};

  private static final int ALL_SEGMENTS_IN_A_BLOCK = 0;
  private static final int A_BLOCK_FOR_EACH_SEGMENT = 1 << 20;

  private PackedGemmCases() {}

  /**
   * All cases of a family.
   *
   * @param most bits of the family's widest codes
   * @param few bits of narrower codes in the same container
   */
  static Stream<ConformanceCase> cases(String kernel, int most, int few, Product product) {
    List<ConformanceCase> cases = new ArrayList<>();
    for (DType type : List.of(DType.F16, DType.BF16)) {
      for (Shape shape : samples(most, few)) {
        cases.add(make(kernel, shape, type, true, product));
      }
      for (Shape shape : others(most, few)) {
        cases.add(make(kernel, shape, type, false, product));
      }
    }
    return cases.stream();
  }

  /**
   * Every tile, with groups that end with steps and within, with both types of scales, with fewer
   * steps than the pipeline has stages and with more, with two segments that cut a group, at ragged
   * edges; then all kinds of data.
   */
  private static List<Shape> samples(int most, int few) {
    DType f16 = DType.F16;
    DType f32 = DType.F32;
    List<Shape> shapes = new ArrayList<>();
    for (int tokens : new int[] {5, 13, 27, 70}) {
      boolean bias = tokens % 2 == 0;
      shapes.add(new Shape(tokens, 131, 640, most, 128, ASYMMETRIC, f16, Kind.NORMAL, bias));
      shapes.add(new Shape(tokens, 71, 68, most, 0, ASYMMETRIC, f32, Kind.NAN_ROW, !bias));
      shapes.add(new Shape(tokens, 24, 420, most, 0, SYMMETRIC, f16, Kind.NORMAL, false));
      shapes.add(new Shape(tokens, 68, 208, most, 16, ASYMMETRIC, f16, Kind.NAN_ROW, !bias));
      shapes.add(new Shape(tokens, 129, 560, most, 112, ASYMMETRIC, f32, Kind.NORMAL, bias));
    }
    shapes.add(new Shape(1, 72, 640, few, 128, SYMMETRIC, f16, Kind.NORMAL, false));
    shapes.add(new Shape(33, 130, 460, most, 0, ASYMMETRIC, f32, Kind.NORMAL, false));
    shapes.add(new Shape(3, 66, 100, few, 0, SYMMETRIC, f16, Kind.NAN_ROW, false));
    shapes.add(new Shape(64, 40, 416, most, 32, ASYMMETRIC, f16, Kind.LARGE_SCALES, false));
    shapes.add(new Shape(8, 64, 512, most, 128, ASYMMETRIC, f16, Kind.LARGEST, false));
    shapes.add(new Shape(3, 24, 480, most, 48, ASYMMETRIC, f32, Kind.DENORMALS, false));
    shapes.add(new Shape(1, 9, 24, most, 0, ASYMMETRIC, f16, Kind.ZEROS, true));
    // Three, five and seven segments, summed in fours of features and off them; the last step has
    // 16 columns in some.
    shapes.add(new Shape(2, 65, 784, most, 0, SYMMETRIC, f16, Kind.NORMAL, true));
    shapes.add(new Shape(3, 66, 784, most, 112, ASYMMETRIC, f32, Kind.NORMAL, true));
    shapes.add(new Shape(1, 24, 1280, most, 64, ASYMMETRIC, f16, Kind.NORMAL, true));
    shapes.add(new Shape(2, 11, 1792, few, 128, ASYMMETRIC, f16, Kind.NORMAL, true));
    return shapes;
  }

  private static List<Shape> others(int most, int few) {
    List<Shape> shapes = new ArrayList<>();
    int[][] rows = {{16, 80}, {32, 96}, {48, 144}, {64, 192}, {128, 384}, {0, 172}, {0, 100}};
    int i = 0;
    for (int tokens : TOKENS) {
      for (int[] row : rows) {
        // Every second shape, each time the others.
        if (i++ % 2 == 0) {
          continue;
        }
        Symmetry symmetry = i % 4 == 0 ? SYMMETRIC : ASYMMETRIC;
        DType scaleType = i % 3 == 0 ? DType.F32 : DType.F16;
        int bits = i % 5 == 0 ? few : most;
        int outputs = new int[] {64, 72, 100, 130, 1}[i % 5];
        shapes.add(
            new Shape(
                tokens,
                outputs,
                row[1],
                bits,
                row[0],
                symmetry,
                scaleType,
                Kind.NORMAL,
                i % 7 == 0));
      }
    }
    for (Kind kind : Kind.values()) {
      shapes.add(new Shape(33, 72, 640, most, 128, ASYMMETRIC, DType.F32, kind, false));
      shapes.add(new Shape(5, 72, 640, most, 32, SYMMETRIC, DType.F16, kind, false));
    }
    // Many segments, and two tiles of tokens with segments.
    shapes.add(new Shape(2, 72, 2048, most, 128, ASYMMETRIC, DType.F16, Kind.NORMAL, true));
    shapes.add(new Shape(100, 72, 1024, most, 64, ASYMMETRIC, DType.F16, Kind.NORMAL, true));
    return shapes;
  }

  private static ConformanceCase make(
      String kernel, Shape shape, DType type, boolean sample, Product product) {
    return new ConformanceCase(
        kernel, shape.describe(type), sample, kernels -> run(kernels, shape, type, product));
  }

  private static Outcome run(Kernels kernels, Shape shape, DType type, Product product) {
    PackedGemmData data = new PackedGemmData(shape.hashCode());
    GroupedInteger weight =
        data.weight(
            shape.outputs,
            shape.inputs,
            shape.bits,
            shape.group,
            shape.symmetry,
            shape.scaleType,
            shape.kind);
    float[] x = data.activations(shape.tokens, shape.inputs, type, shape.kind);
    float[] bias = shape.bias ? data.bias(shape.outputs, type) : null;
    try (CaseMemory memory = new CaseMemory(kernels.driver());
        PackedWeight packed = PackedWeight.upload(kernels.driver(), weight)) {
      DevicePointer biasPointer = bias == null ? DevicePointer.NULL : memory.vector(bias, type);
      DeviceMatrix input = memory.matrix(x, shape.tokens, shape.inputs, type);
      DeviceMatrix whole = memory.poisonedMatrix(shape.tokens, shape.outputs, type);
      product.run(kernels, ALL_SEGMENTS_IN_A_BLOCK, input, packed, biasPointer, whole);
      DeviceMatrix parts = memory.poisonedMatrix(shape.tokens, shape.outputs, type);
      product.run(kernels, A_BLOCK_FOR_EACH_SEGMENT, input, packed, biasPointer, parts);
      int bytes = 2 * whole.rows() * whole.stride();
      int differs =
          Arrays.mismatch(
              memory.readBytes(whole.data(), bytes), memory.readBytes(parts.data(), bytes));
      if (differs >= 0) {
        return new Outcome(
            Double.POSITIVE_INFINITY,
            1,
            "byte %d depends on how segments are spread over blocks".formatted(differs));
      }
      return new PackedGemmReference(weight, type).compare(x, bias, memory.read(whole));
    }
  }
}
