// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench;

import io.lowbit.backend.cuda.Addition;
import io.lowbit.backend.cuda.Embedding;
import io.lowbit.bench.RowData.Kind;
import io.lowbit.bench.RowData.Shape;
import io.lowbit.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** {@code kernels/rows.cu}: table look-up, sum, normalisation, rotation by position. */
final class RowCases {
  private static final String KERNEL = "rows";

  private RowCases() {}

  static Stream<ConformanceCase> cases() {
    return Stream.of(embeddings(), additions(), NormCases.cases(), RotationCases.cases())
        .flatMap(family -> family);
  }

  private static Stream<ConformanceCase> embeddings() {
    return RowData.SHAPES.stream()
        .map(shape ->
            RowData.run(
                KERNEL,
                "embed " + shape,
                shape.sample(),
                (kernels, memory) -> embed(new Embedding(kernels), memory, shape)));
  }

  private static ConformanceCase.Outcome embed(
      Embedding embedding, CaseMemory memory, Shape shape) {
    int vocabulary = 11;
    int columns = shape.columns();
    short[] table = new short[vocabulary * columns];
    Random random = new Random(1);
    for (int i = 0; i < table.length; i++) {
      table[i] = (short) random.nextInt();
    }
    int[] ids = new int[shape.rows()];
    short[] expected = new short[shape.rows() * columns];
    for (int row = 0; row < ids.length; row++) {
      ids[row] = (row * 7 + 10) % vocabulary;
      System.arraycopy(table, ids[row] * columns, expected, row * columns, columns);
    }
    RowMatrix out = RowMatrix.poisoned(memory, shape.rows(), columns, DType.BF16);
    embedding.run(
        RowMatrix.of(memory, table, vocabulary, columns, DType.BF16).matrix(),
        memory.ints(ids),
        out.matrix());
    return RowData.compareBits(out.bits(), expected, columns);
  }

  private static Stream<ConformanceCase> additions() {
    List<ConformanceCase> cases = new ArrayList<>();
    for (DType type : RowData.TYPES) {
      for (Shape shape : RowData.SHAPES) {
        for (Kind kind : RowData.kinds(shape)) {
          cases.add(
              RowData.run(
                  KERNEL,
                  "%s add %s %s".formatted(type, shape, kind),
                  shape.sample(),
                  (kernels, memory) -> add(new Addition(kernels), memory, type, shape, kind)));
        }
      }
    }
    return cases.stream();
  }

  private static ConformanceCase.Outcome add(
      Addition addition, CaseMemory memory, DType type, Shape shape, Kind kind) {
    float[] x = RowData.of(kind, shape.rows(), shape.columns(), type, 2);
    float[] y = RowData.of(kind, shape.rows(), shape.columns(), type, 3);
    double[] expected = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      // The sum is exact in double. Rounding it to fp32 first changes nothing: 24 bits are twice
      // the 11 of the wider type and two more.
      expected[i] = CaseMemory.round((float) ((double) x[i] + y[i]), type);
    }
    RowMatrix sum = RowMatrix.of(memory, x, shape.rows(), shape.columns(), type);
    addition.run(
        sum.matrix(), RowMatrix.of(memory, y, shape.rows(), shape.columns(), type).matrix());
    return RowData.compare(sum.values(), expected, new double[x.length], shape.columns());
  }
}
