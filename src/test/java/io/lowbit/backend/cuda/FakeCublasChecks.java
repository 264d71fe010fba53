// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import io.lowbit.backend.Buffer;
import io.lowbit.backend.Linear;
import io.lowbit.backend.Weight;
import io.lowbit.quant.Arithmetic;
import io.lowbit.quant.IntegerGrid;
import io.lowbit.quant.RoundToNearest;
import io.lowbit.tensor.BFloat16;
import io.lowbit.tensor.DType;
import io.lowbit.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntUnaryOperator;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * Run by {@link FakeCublasTest} in a process whose driver and cuBLAS keep a log. The driver's
 * kernels do nothing, and its cuBLAS computes.
 */
public final class FakeCublasChecks {
  /** The environment's variable for the version of cuBLAS that the process finds. */
  static final String VERSION = "FAKE_CUBLAS_VERSION";

  private static final short UNTOUCHED = 0x4242;
  private static final int TOKENS = 3;
  private static final int OUTPUTS = 5;
  private static final int INPUTS = 9;
  private static final int INPUT_STRIDE = 16;
  private static final int WEIGHT_STRIDE = 24;
  private static final int OUTPUT_STRIDE = 8;

  private JCudaDriver driver;
  private Kernels kernels;
  private Gemm16 own;
  private FastProducts products;

  private static String version() {
    return System.getenv(VERSION) + ".6.4";
  }

  @BeforeMethod
  public void open() {
    driver = JCudaDriver.open();
    kernels = Kernels.gathering(driver);
    own = new Gemm16(kernels);
    products = FastProducts.open(kernels, own);
    FakeCuda.take();
  }

  @AfterMethod(alwaysRun = true)
  public void close() {
    FakeCuda.fail("", 0);
    products.close();
    own.close();
    kernels.close();
    driver.close();
    FakeCuda.take();
  }

  @DataProvider
  Object[][] types() {
    return new Object[][] {{DType.F16, 2}, {DType.BF16, 14}};
  }

  /** Small whole numbers, whose products and sums are exact in both types. */
  private static int x(int token, int k) {
    return (7 * token + 3 * k) % 5 - 2;
  }

  private static int w(int output, int k) {
    return (5 * output + 2 * k) % 7 - 3;
  }

  private static int expected(int token, int output) {
    int sum = 0;
    for (int k = 0; k < INPUTS; k++) {
      sum += x(token, k) * w(output, k);
    }
    return sum;
  }

  private static short bits(DType type, int value) {
    return type == DType.F16 ? Float.floatToFloat16(value) : BFloat16.fromFloat(value);
  }

  /** A matrix whose values follow from their place in memory, row by row. */
  private DeviceMatrix matrix(DType type, int rows, int columns, int stride, IntUnaryOperator at) {
    short[] values = new short[rows * stride];
    for (int i = 0; i < values.length; i++) {
      values[i] = i % stride < columns ? bits(type, at.applyAsInt(i)) : UNTOUCHED;
    }
    DevicePointer memory = driver.allocate(2L * values.length).pointer();
    driver.copyToDevice(memory, MemorySegment.ofArray(values));
    return new DeviceMatrix(memory, rows, columns, stride, type);
  }

  private DeviceMatrix input(DType type) {
    return matrix(type, TOKENS, INPUTS, INPUT_STRIDE, i -> x(i / INPUT_STRIDE, i % INPUT_STRIDE));
  }

  private DeviceMatrix weight(DType type) {
    return matrix(
        type, OUTPUTS, INPUTS, WEIGHT_STRIDE, i -> w(i / WEIGHT_STRIDE, i % WEIGHT_STRIDE));
  }

  /** Holds what the output is against the sums plus a number for each output. */
  private void check(DeviceMatrix out, IntUnaryOperator added) {
    short[] values = new short[TOKENS * OUTPUT_STRIDE];
    driver.copyToHost(MemorySegment.ofArray(values), out.data());
    for (int i = 0; i < values.length; i++) {
      int token = i / OUTPUT_STRIDE;
      int output = i % OUTPUT_STRIDE;
      short expected =
          output < OUTPUTS
              ? bits(out.type(), expected(token, output) + added.applyAsInt(output))
              : UNTOUCHED;
      assertEquals(values[i], expected, "token %d, output %d".formatted(token, output));
    }
  }

  private static List<String> cublas(List<String> calls) {
    return calls.stream().filter(call -> call.startsWith("cublas")).toList();
  }

  @Test(dataProvider = "types")
  public void aProductIsThatOfRows(DType type, int number) {
    assertEquals(products.name(), "cublas-" + version());
    // What the output holds before must not matter.
    DeviceMatrix out = matrix(type, TOKENS, OUTPUTS, OUTPUT_STRIDE, _ -> 77);
    products.run(input(type), weight(type), DevicePointer.NULL, out);
    check(out, _ -> 0);
    assertEquals(
        cublas(FakeCuda.take()).getLast(),
        ("cublasGemmEx 0xb1a5 operations 1 0, m 5 n 3 k 9, alpha 1 beta 0, A device type %1$d every 24, B"
                + " device type %1$d every 16, C device type %1$d every 8, compute 68 algorithm -1")
            .formatted(number));
  }

  @Test(dataProvider = "types")
  public void aBiasStandsInEveryRowBeforeTheProductIsAdded(DType type, int number) {
    DeviceMatrix bias = matrix(type, 1, OUTPUTS, OUTPUT_STRIDE, i -> 10 * i - 20);
    // The kernel that would repeat the bias does nothing here.
    DeviceMatrix out =
        matrix(type, TOKENS, OUTPUTS, OUTPUT_STRIDE, i -> 10 * (i % OUTPUT_STRIDE) - 20);
    products.run(input(type), weight(type), bias.data(), out);
    check(out, output -> 10 * output - 20);
    List<String> calls = FakeCuda.take();
    int kernel = indexOf(calls, "cuLaunchKernel");
    assertTrue(kernel > indexOf(calls, "cuMemsetD8Async device 0 12"), calls.toString());
    String arguments = calls.get(kernel + 1);
    assertTrue(arguments.contains(inMemory(bias.data())), arguments);
    assertTrue(arguments.contains(inMemory(out.data())), arguments);
    int product = indexOf(calls, "cublasGemmEx");
    assertTrue(kernel < product, calls.toString());
    assertTrue(calls.get(product).contains(" beta 1, "), calls.get(product));
    assertTrue(calls.stream().anyMatch(c -> c.endsWith(" rows_embed")), calls.toString());
  }

  private static String inMemory(DevicePointer pointer) {
    StringBuilder bytes = new StringBuilder();
    for (int i = 0; i < Long.BYTES; i++) {
      bytes.append(" %02x".formatted((pointer.address() >>> (8 * i)) & 0xFF));
    }
    return bytes.toString();
  }

  private static int indexOf(List<String> calls, String start) {
    for (int i = 0; i < calls.size(); i++) {
      if (calls.get(i).startsWith(start)) {
        return i;
      }
    }
    throw new AssertionError("no " + start + " in " + calls);
  }

  private void product() {
    DeviceMatrix out = matrix(DType.F16, TOKENS, OUTPUTS, OUTPUT_STRIDE, _ -> 0);
    products.run(input(DType.F16), weight(DType.F16), DevicePointer.NULL, out);
  }

  @Test
  public void theLibraryStartsWithTheFirstProductOnTheKernelsStream() {
    kernels.stream().synchronize();
    String stream = FakeCuda.take().getLast().replace("cuStreamSynchronize ", "");
    product();
    List<String> calls = cublas(FakeCuda.take());
    assertEquals(
        calls.subList(0, 3),
        List.of(
            "cublasCreate_v2",
            "cublasSetStream_v2 0xb1a5 stream " + stream,
            "cublasSetMathMode 0xb1a5 16"));
    assertEquals(calls.size(), 4);
    product();
    assertEquals(cublas(FakeCuda.take()).size(), 1);
    products.close();
    assertEquals(cublas(FakeCuda.take()), List.of("cublasDestroy_v2 0xb1a5"));
    products.close();
    assertEquals(cublas(FakeCuda.take()), List.of());
  }

  @Test
  public void aProductOfAnotherThreadFindsTheDeviceCurrent() throws InterruptedException {
    DeviceMatrix x = input(DType.F16);
    DeviceMatrix weight = weight(DType.F16);
    DeviceMatrix out = matrix(DType.F16, TOKENS, OUTPUTS, OUTPUT_STRIDE, _ -> 0);
    FakeCuda.take();
    Thread other = new Thread(() -> products.run(x, weight, DevicePointer.NULL, out));
    other.start();
    other.join();
    assertEquals(
        FakeCuda.take().subList(0, 2), List.of("cuCtxSetCurrent 0xc0117", "cublasCreate_v2"));
  }

  @DataProvider
  Object[][] failures() {
    return new Object[][] {
      {"cublasCreate_v2", 1, "starting it: CUBLAS_STATUS_NOT_INITIALIZED (1); the driver is older"},
      {"cublasCreate_v2", 3, "starting it: CUBLAS_STATUS_ALLOC_FAILED (3); the GPU's memory is"},
      {"cublasSetStream_v2", 7, "giving it a stream: CUBLAS_STATUS_INVALID_VALUE (7); without"},
      {"cublasSetMathMode", 14, "asking for sums in fp32: CUBLAS_STATUS_INTERNAL_ERROR (14); "},
      {
        "cublasGemmEx",
        13,
        "[3, 9] x [5, 9]^T in F16: CUBLAS_STATUS_EXECUTION_FAILED (13); a kernel failed, perhaps"
      },
      {"cublasGemmEx", 15, "[3, 9] x [5, 9]^T in F16: CUBLAS_STATUS_NOT_SUPPORTED (15); this"},
      {"cublasGemmEx", 16, "[3, 9] x [5, 9]^T in F16: CUBLAS_STATUS_LICENSE_ERROR (16); without"},
      {"cublasGemmEx", 99, "[3, 9] x [5, 9]^T in F16: a status that JCublas does not know (99); "},
    };
  }

  @Test(dataProvider = "failures")
  public void aStatusIsNamedWithWhatWasAskedFor(String function, int status, String start) {
    FakeCuda.fail(function, status);
    String message = expectThrows(IllegalStateException.class, this::product).getMessage();
    assertTrue(message.startsWith("cuBLAS: " + start), message);
    assertTrue(message.endsWith("without --fast Lowbit's own kernels serve"), message);
  }

  @Test
  public void shapesAreCheckedBeforeTheLibraryIsCalled() {
    DeviceMatrix x = input(DType.F16);
    DeviceMatrix wrong = matrix(DType.F16, TOKENS, OUTPUTS - 1, OUTPUT_STRIDE, _ -> 0);
    FakeCuda.take();
    assertEquals(
        expectThrows(
                IllegalArgumentException.class,
                () -> products.run(x, weight(DType.F16), DevicePointer.NULL, wrong))
            .getMessage(),
        "the output of a product is [3, 4], expected [3, 5]");
    assertEquals(cublas(FakeCuda.take()), List.of());
  }

  @Test
  public void aFailureFoundWhileWaitingNamesTheProduct() {
    product();
    FakeCuda.fail("cuCtxSynchronize", GpuException.ILLEGAL_ADDRESS);
    String message = expectThrows(GpuException.class, driver::synchronize).getMessage();
    assertTrue(
        message.startsWith(
            "waiting for the device, last queued a product of cuBLAS, [3, 9] x [5, 9]^T in F16: "),
        message);
  }

  /** The calls of one linear layer of a back-end. */
  private static List<String> linear(CudaBackend backend, Weight weight, int tokens) {
    try (Buffer x = backend.allocate(tokens, weight.columns());
        Buffer out = backend.allocate(tokens, weight.rows())) {
      FakeCuda.take();
      backend.linear(x, new Linear(weight, Optional.empty(), Optional.empty()), out);
      out.read(0, new float[weight.rows()], 0);
      return FakeCuda.take();
    }
  }

  @Test
  public void aBackendTakesItForManyRowsOnly() {
    IntegerGrid grid =
        new IntegerGrid(4, 16, IntegerGrid.Symmetry.ASYMMETRIC, DType.F16, Arithmetic.EXACT);
    Tensor matrix = Tensor.allocate(DType.F32, 24, 32);
    try (CudaBackend backend = CudaBackend.open(JCudaDriver.open(), DType.F16, true);
        Weight dense = backend.upload(matrix);
        Weight packed = backend.upload(RoundToNearest.quantize("w", matrix, grid))) {
      assertEquals(backend.numerics(), "cuda-1-sm_90-F16-fast-cublas-" + version());
      assertTrue(backend.description().contains(", F16, fast: products by cuBLAS " + version()));
      assertEquals(cublas(linear(backend, dense, FastLayers.LEAST_ROWS - 1)), List.of());
      assertTrue(
          cublas(linear(backend, dense, FastLayers.LEAST_ROWS))
              .getLast()
              .contains(" m 24 n 128 k 32,"));
      assertEquals(
          cublas(linear(backend, packed, FastLayers.LEAST_ROWS_DEQUANTIZED - 1)), List.of());
      List<String> calls = linear(backend, packed, FastLayers.LEAST_ROWS_DEQUANTIZED);
      int dequantized = indexOf(calls, "cuLaunchKernel");
      int product = indexOf(calls, "cublasGemmEx");
      assertTrue(dequantized < product, calls.toString());
      assertTrue(
          calls.stream().anyMatch(c -> c.endsWith(" quantize_weights_f16_values_w4f")),
          calls.toString());
      assertTrue(calls.get(product).contains(" m 24 n 512 k 32,"), calls.get(product));
      assertFalse(Arrays.asList(calls.get(product).split(" ", -1)).contains("NOT"));
    }
  }
}
