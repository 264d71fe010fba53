// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import io.lowbit.backend.Activation;
import io.lowbit.backend.Norm;
import io.lowbit.backend.cuda.Activations;
import io.lowbit.backend.cuda.Addition;
import io.lowbit.backend.cuda.DeviceMatrix;
import io.lowbit.backend.cuda.DevicePointer;
import io.lowbit.backend.cuda.Embedding;
import io.lowbit.backend.cuda.Kernels;
import io.lowbit.backend.cuda.RotaryEmbedding;
import io.lowbit.backend.cuda.RowNorm;
import io.lowbit.ptx.Counters;
import io.lowbit.ptx.InstructionClass;
import io.lowbit.ptx.InterpretedDriver;
import io.lowbit.tensor.DType;
import java.util.Arrays;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.testng.annotations.AfterClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Operations on rows and activation functions, on the interpreter. */
public final class RowKernelsTest {
  private static final int HEAD = 32;
  private static final int COLUMNS = 3 * HEAD;
  private static final float EPSILON = 1e-5f;

  private final InterpretedDriver driver = new InterpretedDriver();
  private final Kernels kernels = new Kernels(driver);

  @AfterClass
  public void close() {
    kernels.close();
    driver.close();
  }

  private static Object[][] cases(boolean sample) {
    return Stream.concat(RowCases.cases(), ActivationCases.cases())
        .filter(c -> c.sample() == sample)
        .map(c -> new Object[] {c})
        .toArray(Object[][]::new);
  }

  @DataProvider
  Object[][] samples() {
    return cases(true);
  }

  @DataProvider
  Object[][] others() {
    return cases(false);
  }

  @Test(dataProvider = "samples")
  public void isWithinItsBounds(ConformanceCase sample) {
    ConformanceCase.Outcome outcome = sample.run(kernels);
    assertTrue(outcome.passed(), outcome.toString());
  }

  @Test(dataProvider = "others", groups = "long")
  public void isWithinItsBoundsAtLargerShapes(ConformanceCase other) {
    isWithinItsBounds(other);
  }

  /** An operation on x, [rows, COLUMNS]; gives the matrix that holds the result. */
  record Operation(String name, BiFunction<CaseMemory, DeviceMatrix, DeviceMatrix> run) {
    @Override
    public String toString() {
      return name;
    }
  }

  private Operation inPlace(String name, BiConsumer<CaseMemory, DeviceMatrix> run) {
    return new Operation(
        name,
        (memory, x) -> {
          run.accept(memory, x);
          return x;
        });
  }

  private Operation norm(Norm.Kind kind) {
    return inPlace(
        "norm " + kind,
        (memory, x) ->
            new RowNorm(kernels).run(x, kind, EPSILON, row(memory, x), DevicePointer.NULL, x));
  }

  private static DevicePointer row(CaseMemory memory, DeviceMatrix x) {
    float[] values = RowData.of(RowData.Kind.NORMAL, 1, x.columns(), x.type(), 21);
    return memory.matrix(values, 1, x.columns(), x.type()).data();
  }

  private Operation rotation(int pairs, boolean interleaved) {
    return inPlace(
        "rotate %d pairs%s".formatted(pairs, interleaved ? " interleaved" : ""),
        (memory, x) -> {
          float[] angles = new float[2 * pairs];
          for (int i = 0; i < angles.length; i++) {
            angles[i] = (i + 1) / 64f;
          }
          new RotaryEmbedding(kernels)
              .run(
                  x,
                  HEAD,
                  memory.floats(angles),
                  pairs,
                  interleaved,
                  memory.ints(new int[Math.max(1, x.rows())]));
        });
  }

  @DataProvider
  Object[][] operations() {
    Operation embedding =
        new Operation(
            "embed",
            (memory, x) -> {
              int[] ids = new int[Math.max(1, x.rows())];
              Arrays.setAll(ids, i -> i);
              DeviceMatrix out = memory.poisonedMatrix(x.rows(), x.columns(), x.type());
              new Embedding(kernels).run(x, memory.ints(ids), out);
              return out;
            });
    Activations activations = new Activations(kernels);
    return Stream.of(
            embedding,
            inPlace("add", (memory, x) -> new Addition(kernels).run(x, x)),
            norm(Norm.Kind.LAYER),
            norm(Norm.Kind.RMS),
            norm(Norm.Kind.RMS_PLUS_ONE),
            rotation(HEAD / 2, false),
            rotation(HEAD / 2, true),
            rotation(HEAD / 2 - 1, false),
            inPlace("plain", (memory, x) -> activations.plain(Activation.GELU, x, x)),
            inPlace("gated", (memory, x) -> activations.gated(Activation.SILU, x, x, x)))
        .map(operation -> new Object[] {operation})
        .toArray(Object[][]::new);
  }

  @Test(dataProvider = "operations")
  public void aRowDoesNotSeeItsNeighbours(Operation operation) {
    int rows = 33;
    for (DType type : RowData.TYPES) {
      float[] x = RowData.of(RowData.Kind.NAN, rows, COLUMNS, type, 22);
      float[] together = result(operation, x, rows, type);
      for (int row : new int[] {0, 15, 32}) {
        float[] one = Arrays.copyOfRange(x, row * COLUMNS, (row + 1) * COLUMNS);
        float[] alone = result(operation, one, 1, type);
        assertEquals(
            alone,
            Arrays.copyOfRange(together, row * COLUMNS, (row + 1) * COLUMNS),
            type + " " + row);
      }
    }
  }

  private float[] result(Operation operation, float[] x, int rows, DType type) {
    try (CaseMemory memory = new CaseMemory(driver)) {
      return memory.read(operation.run().apply(memory, memory.matrix(x, rows, COLUMNS, type)));
    }
  }

  @Test(dataProvider = "operations")
  public void noRowsLaunchNothing(Operation operation) {
    int launches = driver.launches().size();
    assertEquals(result(operation, new float[0], 0, DType.F16).length, 0);
    assertEquals(driver.launches().size(), launches);
  }

  @Test(dataProvider = "operations")
  public void matricesMoveInWholeSectors(Operation operation) {
    int rows = 4;
    result(
        operation, RowData.of(RowData.Kind.NORMAL, rows, COLUMNS, DType.F16, 23), rows, DType.F16);
    Counters counters = driver.lastCounters();
    assertEquals(counters.bankConflicts(), 0);
    // The pairs of a head of any width are the exception: 2-byte accesses.
    boolean narrow = operation.name().contains("15 pairs");
    for (Counters.Line line : counters.lines()) {
      boolean matrix = line.text().contains("global") && line.text().contains("v4.u32");
      assertTrue(!matrix || line.sectors() == line.idealSectors(), line.toString());
      assertTrue(narrow || !line.text().contains("global.u16"), line.toString());
    }
    assertEquals(
        counters.bytes(InstructionClass.GLOBAL_STORE),
        narrow ? 2L * rows * 3 * 2 * 15 : 2L * rows * COLUMNS);
  }

  @Test
  public void refusesWhatDoesNotFit() {
    try (CaseMemory memory = new CaseMemory(driver)) {
      DeviceMatrix x = memory.poisonedMatrix(3, COLUMNS, DType.F16);
      DeviceMatrix wider = memory.poisonedMatrix(3, COLUMNS + 1, DType.F16);
      DeviceMatrix longer = memory.poisonedMatrix(4, COLUMNS, DType.F16);
      DeviceMatrix other = memory.poisonedMatrix(3, COLUMNS, DType.BF16);
      DevicePointer some = x.data();
      Embedding embedding = new Embedding(kernels);
      refused("\\[3, 97\\], expected \\[3, 96\\]", () -> embedding.run(x, some, wider));
      refused("mixes the types \\[F16, BF16\\]", () -> embedding.run(x, some, other));
      refused("no rows", () -> embedding.run(x.rows(0, 0), some, x));
      Addition addition = new Addition(kernels);
      refused("summand is \\[4, 96\\], expected \\[3, 96\\]", () -> addition.run(x, longer));
      refused("mixes the types", () -> addition.run(x, other));
      RowNorm norm = new RowNorm(kernels);
      refused("RMS has no bias", () -> norm.run(x, Norm.Kind.RMS, EPSILON, some, some, x));
      refused(
          "norm output is",
          () -> norm.run(x, Norm.Kind.RMS, EPSILON, some, DevicePointer.NULL, wider));
      RotaryEmbedding rotary = new RotaryEmbedding(kernels);
      refused("17 pairs .* heads of 32", () -> rotary.run(x, HEAD, some, 17, true, some));
      refused("heads of 20 values in rows of 96", () -> rotary.run(x, 20, some, 4, true, some));
      Activations activations = new Activations(kernels);
      refused("activation output", () -> activations.plain(Activation.RELU, x, longer));
      refused("activation input", () -> activations.gated(Activation.RELU, x, wider, x));
      refused("mixes the types", () -> activations.gated(Activation.RELU, x, other, x));
    }
  }

  private static void refused(String message, Runnable call) {
    IllegalArgumentException refusal = expectThrows(IllegalArgumentException.class, call::run);
    assertTrue(refusal.getMessage().matches(".*" + message + ".*"), refusal.getMessage());
  }
}
