// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench;

import io.lowbit.backend.cuda.RotaryEmbedding;
import io.lowbit.bench.RowData.Kind;
import io.lowbit.tensor.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Rotation by position in {@code kernels/rows.cu}. */
final class RotationCases {
  // The other positions of the table are what a wrong address reads.
  private static final int POSITIONS = 13;
  private static final double FP32_HALF_ULP = 0x1p-24;
  private static final double FP32_SMALLEST = 0x1p-149;

  /**
   * Heads of a rotation.
   *
   * @param heads per row
   * @param dim values per head
   * @param pairs rotated per head
   */
  private record HeadShape(int rows, int heads, int dim, int pairs, boolean sample) {
    int columns() {
      return heads * dim;
    }

    @Override
    public String toString() {
      return "[%d, %d x %d] %d pairs".formatted(rows, heads, dim, pairs);
    }
  }

  // Pairs in eights, in fours and neither; parts of a head; more pieces than a block has threads.
  private static final List<HeadShape> HEADS =
      List.of(
          new HeadShape(1, 2, 64, 32, true),
          new HeadShape(3, 1, 8, 4, true),
          new HeadShape(7, 3, 48, 8, true),
          new HeadShape(9, 2, 20, 10, true),
          new HeadShape(2, 19, 16, 7, true),
          new HeadShape(17, 5, 6, 3, false),
          new HeadShape(33, 4, 80, 20, false),
          new HeadShape(64, 1, 24, 12, false),
          new HeadShape(3, 33, 128, 64, true),
          new HeadShape(100, 2, 64, 16, false));

  private RotationCases() {}

  static Stream<ConformanceCase> cases() {
    List<ConformanceCase> cases = new ArrayList<>();
    for (DType type : RowData.TYPES) {
      for (HeadShape shape : HEADS) {
        for (Kind kind : List.of(Kind.NORMAL, Kind.LARGEST)) {
          cases.add(rotation(type, shape, false, kind));
          cases.add(rotation(type, shape, true, kind));
        }
      }
    }
    return cases.stream();
  }

  private static ConformanceCase rotation(
      DType type, HeadShape shape, boolean interleaved, Kind kind) {
    return RowData.run(
        "rows",
        "%s rotate %s %s %s".formatted(type, shape, interleaved ? "interleaved" : "halves", kind),
        shape.sample(),
        (kernels, memory) ->
            rotate(new RotaryEmbedding(kernels), memory, type, shape, interleaved, kind));
  }

  private static ConformanceCase.Outcome rotate(
      RotaryEmbedding rotary,
      CaseMemory memory,
      DType type,
      HeadShape shape,
      boolean interleaved,
      Kind kind) {
    float[] x = RowData.of(kind, shape.rows(), shape.columns(), type, 7);
    if (kind == Kind.LARGEST) {
      // The length of a pair stays, so neither may be longer than the largest number.
      for (int i = 0; i < x.length; i++) {
        x[i] = CaseMemory.round(0.7f * x[i], type);
      }
    }
    float[] angles = angles(shape.pairs());
    int[] positions = new int[shape.rows()];
    for (int row = 0; row < positions.length; row++) {
      positions[row] = row % 4 == 2 ? -1 : (row * 5 + 3) % POSITIONS;
    }
    RowMatrix rotated = RowMatrix.of(memory, x, shape.rows(), shape.columns(), type);
    rotary.run(
        rotated.matrix(),
        shape.dim(),
        memory.floats(angles),
        shape.pairs(),
        interleaved,
        memory.ints(positions));
    return compare(rotated, x, angles, positions, shape, interleaved);
  }

  private static float[] angles(int pairs) {
    float[] angles = new float[2 * POSITIONS * pairs];
    for (int i = 0; i < angles.length; i += 2) {
      int position = i / 2 / pairs;
      double angle = position * Math.pow(100, -(i / 2 % pairs) / (double) pairs);
      angles[i] = (float) Math.cos(angle);
      angles[i + 1] = (float) Math.sin(angle);
    }
    return angles;
  }

  private static ConformanceCase.Outcome compare(
      RowMatrix rotated,
      float[] x,
      float[] angles,
      int[] positions,
      HeadShape shape,
      boolean interleaved) {
    DType type = rotated.matrix().type();
    double[] expected = new double[x.length];
    double[] bounds = new double[x.length];
    Arrays.setAll(expected, i -> x[i]);
    for (int head = 0; head < shape.rows() * shape.heads(); head++) {
      int position = positions[head / shape.heads()];
      for (int pair = 0; position >= 0 && pair < shape.pairs(); pair++) {
        int first = head * shape.dim() + (interleaved ? 2 * pair : pair);
        int second = first + (interleaved ? 1 : shape.pairs());
        double cosine = angles[2 * (position * shape.pairs() + pair)];
        double sine = angles[2 * (position * shape.pairs() + pair) + 1];
        expected[first] = x[first] * cosine - x[second] * sine;
        expected[second] = x[second] * cosine + x[first] * sine;
        // One rounding of each product, one of the sum, one to the type.
        double a = Math.abs(x[first]);
        double b = Math.abs(x[second]);
        double firstTerms = a * Math.abs(cosine) + b * Math.abs(sine);
        double secondTerms = b * Math.abs(cosine) + a * Math.abs(sine);
        bounds[first] =
            RowData.halfUlp(expected[first], type) + 2 * FP32_HALF_ULP * firstTerms + FP32_SMALLEST;
        bounds[second] =
            RowData.halfUlp(expected[second], type)
                + 2 * FP32_HALF_ULP * secondTerms
                + FP32_SMALLEST;
      }
    }
    return RowData.compare(rotated.values(), expected, bounds, shape.columns());
  }
}
