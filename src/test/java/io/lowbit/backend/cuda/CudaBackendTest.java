// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import io.lowbit.backend.Backend;
import io.lowbit.backend.Buffer;
import io.lowbit.backend.CacheLayout;
import io.lowbit.backend.KvCache;
import io.lowbit.backend.Linear;
import io.lowbit.backend.Norm;
import io.lowbit.backend.Span;
import io.lowbit.backend.Weight;
import io.lowbit.backend.cpu.CpuBackend;
import io.lowbit.ptx.InterpretedDriver;
import io.lowbit.ptx.InterpreterOptions;
import io.lowbit.quant.ActivationScheme;
import io.lowbit.quant.Arithmetic;
import io.lowbit.quant.CacheScheme;
import io.lowbit.quant.GroupedInteger;
import io.lowbit.quant.IntegerGrid;
import io.lowbit.quant.IntegerGrid.Symmetry;
import io.lowbit.quant.RoundToNearest;
import io.lowbit.tensor.BFloat16;
import io.lowbit.tensor.DType;
import io.lowbit.tensor.Tensor;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/** Which kernel runs a weight, what is refused, and what happens when memory is short. */
public class CudaBackendTest {
  private static final ActivationScheme EIGHT_BITS =
      new ActivationScheme(8, false, Arithmetic.EXACT);

  private Backend backend;

  @BeforeMethod
  void open() {
    backend = CudaBackend.open(new InterpretedDriver(), DType.F16);
  }

  @AfterMethod
  void close() {
    backend.close();
  }

  private static float[] gaussian(int count) {
    Random random = new Random(count);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static GroupedInteger quantized(int bits, int group, Arithmetic arithmetic) {
    Tensor matrix = Tensor.of(gaussian(24 * 96), 24, 96);
    IntegerGrid grid = new IntegerGrid(bits, group, Symmetry.ASYMMETRIC, DType.F16, arithmetic);
    return RoundToNearest.quantize("w", matrix, grid);
  }

  private static Buffer row(Backend backend, float[] values) {
    Buffer buffer = backend.allocate(1, values.length);
    buffer.write(0, values, 0);
    return buffer;
  }

  private static float[] product(
      Backend backend, Weight weight, Optional<ActivationScheme> activations) {
    Buffer out = backend.allocate(1, weight.rows());
    Linear linear = new Linear(weight, Optional.empty(), activations);
    backend.linear(row(backend, gaussian(weight.columns())), linear, out);
    float[] values = new float[weight.rows()];
    out.read(0, values, 0);
    return values;
  }

  @Test
  public void everyWeightGoesToTheKernelOfItsForm() {
    Optional<ActivationScheme> none = Optional.empty();
    for (int bits = 1; bits <= 8; bits++) {
      assertRuns(
          quantized(bits, 32, Arithmetic.EXACT), none, bits <= 4 ? "gemm_w4a16" : "gemm_w8a16");
      assertRuns(quantized(bits, 0, Arithmetic.EXACT), Optional.of(EIGHT_BITS), "gemm_w8a8");
    }
    assertRuns(quantized(4, 12, Arithmetic.EXACT), none, "");
    assertRuns(quantized(4, 32, Arithmetic.COMPAT), none, "");
  }

  private void assertRuns(
      GroupedInteger matrix, Optional<ActivationScheme> activations, String kernel) {
    try (Weight weight = backend.upload(matrix, activations);
        Backend cpu = new CpuBackend(DType.F16, 1);
        Weight reference = cpu.upload(matrix, activations)) {
      assertEquals(weight.kernel().orElse(""), kernel);
      float[] expected = product(cpu, reference, activations);
      float[] actual = product(backend, weight, activations);
      for (int i = 0; i < expected.length; i++) {
        // Integers agree in every bit, exact codes up to two roundings of the result; dequantized
        // weights are rounded too, each by 2^-11 of products that add up to about 60.
        double rounding = kernel.isEmpty() ? 0x1p-6 : 0x1p-9 * (1 + Math.abs(expected[i]));
        double tolerance = activations.isPresent() ? 0 : rounding;
        assertEquals(actual[i], expected[i], tolerance, matrix.grid() + " at " + i);
      }
    }
  }

  private static Tensor tensor(float[] values, DType type) {
    if (type == DType.F32) {
      return Tensor.of(values, 24, 96);
    }
    Tensor tensor = Tensor.allocate(type, 24, 96);
    for (int i = 0; i < values.length; i++) {
      short bits =
          type == DType.F16 ? Float.floatToFloat16(values[i]) : BFloat16.fromFloat(values[i]);
      tensor.data().set(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * i, bits);
    }
    return tensor;
  }

  @Test
  public void roundingOnTheDeviceGivesTheSameWeight() {
    for (DType type : new DType[] {DType.F32, DType.F16, DType.BF16}) {
      Tensor matrix = tensor(gaussian(24 * 96), type);
      IntegerGrid grid = new IntegerGrid(4, 32, Symmetry.ASYMMETRIC, DType.F16, Arithmetic.EXACT);
      GroupedInteger reference = RoundToNearest.quantize("w", matrix, grid);
      try (Weight onDevice = backend.quantize("w", matrix, grid, Optional.empty());
          Weight uploaded = backend.upload(reference)) {
        assertEquals(onDevice.kernel(), uploaded.kernel());
        assertEquals(
            product(backend, onDevice, Optional.empty()),
            product(backend, uploaded, Optional.empty()));
      }
    }
    float[] values = gaussian(24 * 96);
    values[100] = Float.NaN;
    IntegerGrid grid = new IntegerGrid(4, 0, Symmetry.ASYMMETRIC, DType.F16, Arithmetic.EXACT);
    assertRefused(
        "tensor 'w' has the value NaN at row 1, column 4",
        () -> backend.quantize("w", Tensor.of(values, 24, 96), grid, Optional.empty()));
  }

  @Test
  public void whatTheGpuCannotDoIsRefusedInWords() {
    assertRefused("fp16 or bf16", () -> CudaBackend.open(new InterpretedDriver(), DType.F32));
    ActivationScheme compat = new ActivationScheme(8, false, Arithmetic.COMPAT);
    assertRefused(
        "--backend cpu",
        () -> backend.upload(quantized(8, 0, Arithmetic.COMPAT), Optional.of(compat)));
    assertRefused(
        "multiple of 32",
        () -> backend.upload(quantized(8, 16, Arithmetic.EXACT), Optional.of(EIGHT_BITS)));
    Weight weight = backend.upload(quantized(4, 32, Arithmetic.EXACT));
    assertRefused("quantized inputs", () -> product(backend, weight, Optional.of(EIGHT_BITS)));
    assertRefused("packed", () -> backend.embed(weight, new int[] {1}, backend.allocate(1, 96)));
    assertRefused(
        "too large for F16", () -> backend.upload(Tensor.of(new float[] {1e5f, 1}, 1, 2)));
    CacheScheme cache = new CacheScheme(4, 4, 0, Arithmetic.COMPAT);
    assertRefused("compat", () -> backend.newCache(new CacheLayout(1, 1, 64, Optional.of(cache))));
    assertRefused(
        "heads of 12", () -> backend.newCache(new CacheLayout(1, 1, 12, Optional.empty())));
  }

  @Test
  public void buffersAreChecked() {
    Buffer x = row(backend, gaussian(8));
    Weight table = backend.upload(Tensor.of(gaussian(4 * 8), 4, 8));
    assertRefused("token id 4", () -> backend.embed(table, new int[] {4}, x));
    assertRefused("expected [2, 8]", () -> backend.embed(table, new int[] {1, 2}, x));
    Norm norm = new Norm(Norm.Kind.RMS, 1e-5f, row(backend, gaussian(7)), Optional.empty());
    assertRefused("norm weight", () -> backend.norm(x, norm, x));
    try (Backend cpu = new CpuBackend(DType.F16, 1)) {
      Buffer foreign = row(cpu, gaussian(8));
      assertRefused("was not made by the CUDA back-end", () -> backend.add(x, foreign));
    }
    try (KvCache cache = backend.newCache(new CacheLayout(1, 1, 8, Optional.empty()))) {
      assertRefused(
          "does not fit 1 rows", () -> backend.append(0, x, x, List.of(new Span(cache, 0, 0, 2))));
    }
  }

  @Test
  public void lackOfMemoryNamesWhatWasNeededAndWhatWasFree() {
    InterpreterOptions small = new InterpreterOptions(1, 1, 50_000_000, true, true, 4 << 20, false);
    try (Backend tight = CudaBackend.open(new InterpretedDriver(small), DType.F16)) {
      Buffer kept = tight.allocate(1000, 1000);
      GpuException failure = expectThrows(GpuException.class, () -> tight.allocate(1500, 1000));
      assertEquals(failure.code(), GpuException.OUT_OF_MEMORY);
      assertContains(failure, "3 MiB for 1,500 x 1,000 activations are not free");
      assertContains(failure, "fewer bits");
      GpuException weight =
          expectThrows(
              GpuException.class, () -> tight.upload(Tensor.allocate(DType.F16, 2000, 1000)));
      assertContains(weight, "a 2,000 x 1,000 weight in F16");
      // What was given back is found again, also in pieces of another size.
      kept.close();
      tight.allocate(1500, 1000).close();
    }
  }

  private static void assertRefused(String why, org.testng.Assert.ThrowingRunnable action) {
    assertContains(expectThrows(IllegalArgumentException.class, action), why);
  }

  private static void assertContains(Exception failure, String text) {
    assertTrue(failure.getMessage().contains(text), failure.getMessage());
  }
}
