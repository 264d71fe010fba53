// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertThrows;
import static org.testng.Assert.assertTrue;

import io.lowbit.backend.Buffer;
import io.lowbit.backend.Linear;
import io.lowbit.backend.Weight;
import io.lowbit.backend.cpu.CpuBackend;
import io.lowbit.backend.cuda.DeviceAttributes;
import io.lowbit.backend.cuda.DeviceMatrix;
import io.lowbit.backend.cuda.DevicePointer;
import io.lowbit.backend.cuda.GemmW8A8;
import io.lowbit.backend.cuda.GpuDriver;
import io.lowbit.backend.cuda.IntegerWeight;
import io.lowbit.backend.cuda.Kernels;
import io.lowbit.backend.cuda.QuantizedRows;
import io.lowbit.backend.cuda.TokenQuantizer;
import io.lowbit.bench.IntegerCaseData.Kind;
import io.lowbit.ptx.Counters;
import io.lowbit.ptx.InstructionClass;
import io.lowbit.ptx.InterpretedDriver;
import io.lowbit.quant.ActivationScheme;
import io.lowbit.quant.Arithmetic;
import io.lowbit.quant.GroupedInteger;
import io.lowbit.quant.IntegerGrid.Symmetry;
import io.lowbit.tensor.DType;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Optional;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** The integer product, on the interpreter. */
public final class GemmW8A8Test {
  private InterpretedDriver driver;
  private Kernels kernels;

  @BeforeClass
  void open() {
    driver = new InterpretedDriver();
    kernels = new Kernels(driver);
  }

  @AfterClass
  void close() {
    kernels.close();
    driver.close();
  }

  @DataProvider
  Iterator<ConformanceCase> samples() {
    return GemmW8A8Cases.cases().filter(ConformanceCase::sample).iterator();
  }

  @Test(dataProvider = "samples")
  public void agreesWithTheReference(ConformanceCase sample) {
    ConformanceCase.Outcome outcome = sample.run(kernels);
    assertTrue(outcome.passed(), outcome.error() + " " + outcome.detail());
  }

  @DataProvider
  Object[][] layers() {
    return new Object[][] {
      {DType.F16, 19, 70, 1088, 4, 64, false},
      {DType.BF16, 5, 90, 1172, 8, 0, false},
      {DType.BF16, 40, 50, 288, 8, 32, true},
      {DType.F16, 3, 66, 700, 3, 0, true},
    };
  }

  /** Quantizes and multiplies; a device of one multiprocessor never splits K. */
  private static float[] linear(
      Kernels on,
      float[] x,
      int rows,
      GroupedInteger matrix,
      float[] bias,
      DType type,
      boolean symmetric) {
    int columns = (int) matrix.columns();
    int group = matrix.grid().effectiveGroup(columns);
    try (CaseMemory memory = new CaseMemory(on.driver());
        IntegerWeight weight = IntegerWeight.upload(on.driver(), matrix)) {
      QuantizedRows quantized =
          new TokenQuantizer(on)
              .run(
                  memory.matrix(x, rows, columns, type),
                  new ActivationScheme(8, symmetric, Arithmetic.EXACT).grid(type),
                  group,
                  memory.poisoned(QuantizedRows.bytes(rows, columns, group)));
      DeviceMatrix out = memory.poisonedMatrix(rows, weight.rows(), type);
      DevicePointer summands = memory.matrix(bias, 1, weight.rows(), type).data();
      new GemmW8A8(on).run(quantized, weight, summands, out);
      return memory.read(out);
    }
  }

  @Test(dataProvider = "layers")
  public void givesTheBitsOfTheCpu(
      DType type, int rows, int features, int columns, int bits, int group, boolean symmetric) {
    float[] x = IntegerCaseData.matrix(Kind.NORMAL, type, rows, columns, 1);
    float[] bias = IntegerCaseData.matrix(Kind.NORMAL, type, 1, features, 2);
    Symmetry weights = symmetric ? Symmetry.SYMMETRIC_RESTRICTED : Symmetry.ASYMMETRIC;
    GroupedInteger matrix =
        IntegerCaseData.weight(features, columns, bits, group, weights, DType.F16, 3);
    float[] actual = linear(kernels, x, rows, matrix, bias, type, symmetric);

    try (CpuBackend cpu = new CpuBackend(type, 1);
        Weight weight = cpu.upload(matrix);
        Buffer in = cpu.allocate(rows, columns);
        Buffer summands = cpu.allocate(1, features);
        Buffer out = cpu.allocate(rows, features)) {
      summands.write(0, bias, 0);
      for (int row = 0; row < rows; row++) {
        in.write(row, x, row * columns);
      }
      ActivationScheme scheme = new ActivationScheme(8, symmetric, Arithmetic.EXACT);
      cpu.linear(in, new Linear(weight, Optional.of(summands), Optional.of(scheme)), out);
      float[] expected = new float[features];
      for (int row = 0; row < rows; row++) {
        out.read(row, expected, 0);
        assertEquals(Arrays.copyOfRange(actual, row * features, (row + 1) * features), expected);
      }
    }
  }

  @Test(dataProvider = "layers")
  public void neighboursAndSplitsDoNotMatter(
      DType type, int ignored, int features, int columns, int bits, int group, boolean symmetric) {
    int rows = 33;
    float[] x = IntegerCaseData.matrix(Kind.NORMAL, type, rows, columns, 4);
    Arrays.fill(x, columns, 2 * columns, Float.NaN);
    float[] bias = IntegerCaseData.matrix(Kind.NORMAL, type, 1, features, 2);
    GroupedInteger matrix =
        IntegerCaseData.weight(features, columns, bits, group, Symmetry.ASYMMETRIC, DType.F32, 3);
    float[] batch = linear(kernels, x, rows, matrix, bias, type, symmetric);
    for (int row : new int[] {0, 2, 32}) {
      float[] one = Arrays.copyOfRange(x, row * columns, (row + 1) * columns);
      assertEquals(
          linear(kernels, one, 1, matrix, bias, type, symmetric),
          Arrays.copyOfRange(batch, row * features, (row + 1) * features));
    }
    driver.forgetLaunches();
    try (Kernels small = new Kernels(withOneMultiprocessor(driver))) {
      assertEquals(linear(small, x, rows, matrix, bias, type, symmetric), batch);
    }
    assertFalse(driver.launches().stream().anyMatch(launch -> launch.kernel().contains("partial")));
    for (int i = features; i < 2 * features; i++) {
      assertTrue(Float.isNaN(batch[i]));
      assertFalse(Float.isNaN(batch[i - features]) || Float.isNaN(batch[i + features]));
    }
  }

  private static GpuDriver withOneMultiprocessor(GpuDriver driver) {
    DeviceAttributes d = driver.device();
    DeviceAttributes small =
        new DeviceAttributes(
            d.name(),
            d.major(),
            d.minor(),
            d.driverVersion(),
            1,
            d.maxThreadsPerBlock(),
            d.maxSharedBytesPerBlock(),
            d.maxSharedBytesPerBlockOptIn(),
            d.sharedBytesPerMultiprocessor(),
            d.registersPerMultiprocessor(),
            d.l2Bytes(),
            d.clockKilohertz(),
            d.memoryClockKilohertz(),
            d.memoryBusBits());
    return (GpuDriver)
        Proxy.newProxyInstance(
            GemmW8A8Test.class.getClassLoader(),
            new Class<?>[] {GpuDriver.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("device")) {
                return small;
              }
              try {
                return method.invoke(driver, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  @DataProvider
  Object[][] tiles() {
    return new Object[][] {{8}, {16}, {32}, {64}};
  }

  /** Full tiles of a grouped weight: conflicts, sectors, and instructions per byte of weight. */
  @Test(dataProvider = "tiles")
  public void movesOnlyWhatItMust(int tokens) {
    int features = 64;
    int columns = 1024;
    GroupedInteger matrix =
        IntegerCaseData.weight(
            features, columns, 8, 128, Symmetry.SYMMETRIC_RESTRICTED, DType.F16, 3);
    float[] x = IntegerCaseData.matrix(Kind.NORMAL, DType.F16, tokens, columns, 4);
    linear(kernels, x, tokens, matrix, new float[features], DType.F16, true);
    Counters counters = driver.lastCounters();
    assertEquals(counters.bankConflicts(), 0);
    assertEquals(
        counters.sectors(InstructionClass.ASYNC_COPY), (long) columns * (features + tokens) / 32);
    assertEquals(counters.sectors(InstructionClass.GLOBAL_STORE), 2L * tokens * features / 32);
    assertEquals(
        counters.matrixInstructions(), (long) features / 16 * (tokens / 8) * (columns / 32));
    // A weight of one byte may cost seven before instructions, not bytes, bound a large GPU.
    double instructionsPerWeight = counters.laneInstructions() / ((double) features * columns);
    assertTrue(tokens > 8 || instructionsPerWeight < 3, instructionsPerWeight + " per weight");
  }

  @Test
  public void writesOnlyItsColumnsOfAWiderMatrix() {
    int rows = 9;
    GroupedInteger matrix =
        IntegerCaseData.weight(13, 64, 8, 32, Symmetry.ASYMMETRIC, DType.F16, 3);
    float[] x = IntegerCaseData.matrix(Kind.NORMAL, DType.F16, rows, 64, 4);
    float[] alone = linear(kernels, x, rows, matrix, new float[13], DType.F16, false);
    try (CaseMemory memory = new CaseMemory(driver);
        IntegerWeight weight = IntegerWeight.upload(driver, matrix)) {
      QuantizedRows quantized =
          new TokenQuantizer(kernels)
              .run(
                  memory.matrix(x, rows, 64, DType.F16),
                  new ActivationScheme(8, false, Arithmetic.EXACT).grid(DType.F16),
                  32,
                  memory.poisoned(QuantizedRows.bytes(rows, 64, 32)));
      DeviceMatrix wide = memory.poisonedMatrix(rows, 40, DType.F16);
      DeviceMatrix slice = new DeviceMatrix(wide.data().plus(16), rows, 13, 40, DType.F16);
      new GemmW8A8(kernels).run(quantized, weight, DevicePointer.NULL, slice);
      float[] all = memory.read(wide);
      for (int row = 0; row < rows; row++) {
        for (int column = 0; column < 40; column++) {
          float actual = all[row * 40 + column];
          boolean inside = column >= 8 && column < 21;
          assertEquals(actual, inside ? alone[row * 13 + column - 8] : Float.NaN);
        }
      }
    }
  }

  @Test
  public void refusesWhatDoesNotFit() {
    GroupedInteger matrix = IntegerCaseData.weight(8, 96, 8, 32, Symmetry.ASYMMETRIC, DType.F16, 3);
    GroupedInteger odd = IntegerCaseData.weight(8, 96, 8, 48, Symmetry.ASYMMETRIC, DType.F16, 3);
    GroupedInteger tooLong =
        IntegerCaseData.weight(1, (1 << 17) + 1, 8, 0, Symmetry.ASYMMETRIC, DType.F16, 3);
    assertFalse(IntegerWeight.supports(odd));
    assertThrows(IllegalArgumentException.class, () -> IntegerWeight.upload(driver, odd));
    assertThrows(IllegalArgumentException.class, () -> IntegerWeight.upload(driver, tooLong));
    try (CaseMemory memory = new CaseMemory(driver);
        IntegerWeight weight = IntegerWeight.upload(driver, matrix)) {
      DevicePointer data = memory.poisoned(QuantizedRows.bytes(2, 96, 32));
      GemmW8A8 product = new GemmW8A8(kernels);
      DeviceMatrix out = memory.poisonedMatrix(2, 8, DType.F16);
      QuantizedRows otherGroup = QuantizedRows.in(data, 2, 96, 96);
      QuantizedRows otherRows = QuantizedRows.in(data, 1, 96, 32);
      assertThrows(
          IllegalArgumentException.class,
          () -> product.run(otherGroup, weight, DevicePointer.NULL, out));
      assertThrows(
          IllegalArgumentException.class,
          () -> product.run(otherRows, weight, DevicePointer.NULL, out));
      int before = driver.launches().size();
      product.run(
          QuantizedRows.in(data, 0, 96, 32),
          weight,
          DevicePointer.NULL,
          memory.poisonedMatrix(0, 8, DType.F16));
      assertEquals(driver.launches().size(), before);
    }
  }
}
