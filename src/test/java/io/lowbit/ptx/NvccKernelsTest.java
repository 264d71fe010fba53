// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import io.lowbit.backend.cuda.DeviceMemory;
import io.lowbit.backend.cuda.Dim3;
import io.lowbit.backend.cuda.LaunchShape;
import java.nio.ByteBuffer;
import java.util.Random;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** What nvcc 13 makes of kernels.cu, against plain Java loops. */
public final class NvccKernelsTest {
  private static final String PTX = Rig.resource("kernels.ptx");

  private static float[] normal(int count, long seed) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  @DataProvider
  Object[][] columns() {
    return new Object[][] {{1}, {31}, {128}, {129}, {1000}};
  }

  @Test(dataProvider = "columns")
  public void softmax(int columns) {
    int rows = 3;
    float[] x = normal(rows * columns, 1);
    try (Rig rig = new Rig()) {
      DeviceMemory in = rig.floats(x);
      DeviceMemory out = rig.driver.allocate(4L * rows * columns);
      rig.run(
          rig.kernel(PTX, "softmax_rows"),
          LaunchShape.of(rows, 128),
          Rig.arguments().pointer(in.pointer()).pointer(out.pointer()).int32(columns));
      float[] y = rig.floats(out);
      for (int row = 0; row < rows; row++) {
        double sum = 0;
        for (int i = 0; i < columns; i++) {
          sum += Math.exp(x[row * columns + i]);
        }
        for (int i = 0; i < columns; i++) {
          double expected = Math.exp(x[row * columns + i]) / sum;
          assertEquals(y[row * columns + i], expected, 1e-6 * expected + 1e-12);
        }
      }
    }
  }

  @DataProvider
  Object[][] gemms() {
    return new Object[][] {{32, 32, 32}, {32, 64, 96}, {5, 32, 64}, {33, 32, 160}};
  }

  @Test(dataProvider = "gemms")
  public void tensorCoreGemm(int m, int n, int k) {
    float[] a = normal(m * k, 2);
    float[] b = normal(k * n, 3);
    try (Rig rig = new Rig()) {
      DeviceMemory c = rig.driver.allocate(4L * m * n);
      Counters counters =
          rig.run(
              rig.kernel(PTX, "gemm_f16"),
              new LaunchShape(Dim3.of(n / 32, (m + 31) / 32), Dim3.of(128), 0),
              Rig.arguments()
                  .pointer(rig.halves(a).pointer())
                  .pointer(rig.halves(b).pointer())
                  .pointer(c.pointer())
                  .int32(m)
                  .int32(n)
                  .int32(k));
      float[] result = rig.floats(c);
      for (int row = 0; row < m; row++) {
        for (int column = 0; column < n; column++) {
          double sum = 0;
          for (int i = 0; i < k; i++) {
            sum += half(a[row * k + i]) * half(b[i * n + column]);
          }
          assertEquals(result[row * n + column], sum, 1e-4);
        }
      }
      long blocks = (long) n / 32 * ((m + 31) / 32);
      assertEquals(counters.matrixInstructions(), blocks * 4 * (k / 32) * 4);
      assertEquals(counters.bankConflicts(), 0, "rows padded to 80 bytes have no conflicts");
    }
  }

  private static double half(float value) {
    return Float.float16ToFloat(Float.floatToFloat16(value));
  }

  @DataProvider
  Object[][] splits() {
    return new Object[][] {{1, 1}, {2, 7}, {4, 3}};
  }

  @Test(dataProvider = "splits")
  public void splitIntegerGemm(int splits, long seed) {
    int n = 24;
    int k = 128;
    Random random = new Random(seed);
    byte[] a = new byte[16 * k];
    byte[] b = new byte[n * k];
    random.nextBytes(a);
    random.nextBytes(b);
    try (Rig rig = new Rig(InterpreterOptions.DEFAULT.withSeed(seed))) {
      DeviceMemory c = rig.driver.allocate(4L * 16 * n);
      DeviceMemory partial = rig.driver.allocate(4L * 128 * splits * n / 8);
      rig.run(
          rig.kernel(PTX, "gemm_s8_split"),
          new LaunchShape(Dim3.of(n / 8, splits), Dim3.of(32), 0),
          Rig.arguments()
              .pointer(rig.bytes(a).pointer())
              .pointer(rig.bytes(b).pointer())
              .pointer(c.pointer())
              .pointer(partial.pointer())
              .pointer(rig.ints(new int[n / 8]).pointer())
              .int32(n)
              .int32(k));
      int[] result = rig.ints(c);
      for (int row = 0; row < 16; row++) {
        for (int column = 0; column < n; column++) {
          int sum = 0;
          for (int i = 0; i < k; i++) {
            sum += a[row * k + i] * b[column * k + i];
          }
          assertEquals(result[row * n + column], sum);
        }
      }
    }
  }

  @Test
  public void rmsNorm() {
    int pairs = 83;
    int rows = 2;
    float[] x = normal(rows * pairs * 2, 4);
    float[] weight = normal(pairs * 2, 5);
    try (Rig rig = new Rig()) {
      DeviceMemory y = rig.driver.allocate(2L * x.length);
      rig.run(
          rig.kernel(PTX, "rms_norm"),
          LaunchShape.of(rows, 96).withShared(12),
          Rig.arguments()
              .pointer(rig.halves(x).pointer())
              .pointer(rig.halves(weight).pointer())
              .pointer(y.pointer())
              .int32(pairs)
              .float32(1e-5f));
      ByteBuffer result = rig.read(y.pointer(), 2 * x.length);
      for (int row = 0; row < rows; row++) {
        double squares = 0;
        for (int i = 0; i < 2 * pairs; i++) {
          squares += Math.pow(half(x[row * 2 * pairs + i]), 2);
        }
        double scale = 1 / Math.sqrt(squares / (2 * pairs) + 1e-5);
        for (int i = 0; i < 2 * pairs; i++) {
          int at = row * 2 * pairs + i;
          double expected = half(x[at]) * scale * half(weight[i]);
          float actual = Float.intBitsToFloat(result.getShort(2 * at) << 16);
          assertEquals(actual, expected, Math.abs(expected) * 0x1p-8 + 1e-9);
        }
      }
    }
  }

  @Test
  public void mathFunctions() {
    int n = 100;
    float[] x = normal(n, 6);
    try (Rig rig = new Rig()) {
      DeviceMemory y = rig.driver.allocate(4L * 15 * n);
      rig.run(
          rig.kernel(PTX, "math_functions"),
          LaunchShape.of(15, 128),
          Rig.arguments().pointer(rig.floats(x).pointer()).pointer(y.pointer()).int32(n));
      float[] result = rig.floats(y);
      for (int i = 0; i < n; i++) {
        for (int function = 0; function < 15; function++) {
          double expected = expected(function, x[i]);
          double tolerance = Math.abs(expected) * 4e-7 + (function == 3 ? 2e-7 : 1e-9);
          assertEquals(result[function * n + i], expected, tolerance, "function " + function);
        }
      }
    }
  }

  private static double expected(int function, float v) {
    return switch (function) {
      case 0 -> Math.exp(v);
      case 1 -> Math.log(Math.abs(v) + 0.25f);
      case 2 -> Math.sin(v);
      case 3 -> Math.cos(v * 1.0e5f);
      case 4 -> Math.tanh(v);
      case 5 -> Math.pow(Math.abs(v), 1.7f);
      case 6 -> org.apache.commons.math3.special.Erf.erf(v);
      case 7 -> Math.sqrt(Math.abs(v));
      case 8 -> 1.0f / v;
      case 9 -> Math.rint(v * 3.0f);
      case 10 -> (float) (v * 1.0000001);
      case 11 -> -v;
      case 12 -> Math.pow(2, v);
      case 13 -> v % 0.37f;
      default -> v;
    };
  }

  @Test
  public void lanesThatLeaveALoopAtDifferentTimes() {
    int n = 77;
    int[] start = new int[n];
    for (int i = 0; i < n; i++) {
      start[i] = i + 1;
    }
    try (Rig rig = new Rig()) {
      DeviceMemory steps = rig.driver.allocate(4L * n);
      rig.run(
          rig.kernel(PTX, "collatz"),
          LaunchShape.of(2, 64),
          Rig.arguments().pointer(rig.ints(start).pointer()).pointer(steps.pointer()).int32(n));
      int[] result = rig.ints(steps);
      for (int i = 0; i < n; i++) {
        int count = 0;
        for (long v = start[i]; v != 1; v = v % 2 == 1 ? 3 * v + 1 : v / 2) {
          count++;
        }
        assertEquals(result[i], count);
      }
      // Known length of the sequence from 27.
      assertEquals(result[26], 111);
    }
  }

  @Test
  public void callsLocalArraysAndVariables() {
    int[] weights = {3, -1, 4, 1, -5, 9, 2, 6};
    int count = 64;
    int window = 7;
    int[] x = new Random(8).ints(count + window, -1000, 1000).toArray();
    try (Rig rig = new Rig()) {
      DeviceMemory y = rig.driver.allocate(4L * count);
      rig.run(
          rig.kernel(PTX, "medians"),
          LaunchShape.of(2, 32),
          Rig.arguments().pointer(rig.ints(x).pointer()).pointer(y.pointer()).int32(window));
      int[] result = rig.ints(y);
      for (int i = 0; i < count; i++) {
        int[] v = new int[window];
        for (int k = 0; k < window; k++) {
          v[k] = x[i + k] * weights[(i + k) & 7];
        }
        java.util.Arrays.sort(v);
        assertEquals(result[i], v[window / 2] + 100);
      }
    }
  }

  @Test
  public void histogramByAtomics() {
    byte[] x = new byte[5000];
    new Random(9).nextBytes(x);
    int[] expected = new int[256];
    for (byte b : x) {
      expected[b & 0xFF]++;
    }
    try (Rig rig = new Rig(InterpreterOptions.DEFAULT.withThreads(2))) {
      DeviceMemory counts = rig.ints(new int[256]);
      rig.run(
          rig.kernel(PTX, "histogram"),
          LaunchShape.of(3, 96),
          Rig.arguments()
              .pointer(rig.bytes(x).pointer())
              .pointer(counts.pointer())
              .int32(x.length));
      assertEquals(rig.ints(counts), expected);
    }
  }

  @Test
  public void wideIntegers() {
    long[] x = new Random(10).longs(64).toArray();
    long divisor = -12345677L;
    try (Rig rig = new Rig()) {
      DeviceMemory y = rig.driver.allocate(8L * 4 * x.length);
      rig.run(
          rig.kernel(PTX, "wide_integers"),
          LaunchShape.of(1, 64),
          Rig.arguments().pointer(rig.longs(x).pointer()).pointer(y.pointer()).int64(divisor));
      long[] result = rig.longs(y);
      for (int i = 0; i < x.length; i++) {
        long v = x[i];
        assertEquals(
            result[4 * i], Long.divideUnsigned(v, 1000003) + Long.remainderUnsigned(v, 97));
        assertEquals(result[4 * i + 1], (v / divisor) ^ (v % divisor));
        assertEquals(
            result[4 * i + 2],
            Math.unsignedMultiplyHigh(v, 0x9E3779B97F4A7C15L) + (v << i) + (v >> i));
        assertEquals(
            result[4 * i + 3],
            Long.bitCount(v)
                + 100L * Long.numberOfLeadingZeros(v)
                + 10000L * (Long.numberOfTrailingZeros(v) + 1)
                + Long.reverse(v));
      }
    }
  }

  @Test
  public void blocksOnSeveralThreadsGiveTheSameBytesAndCounts() {
    float[] x = normal(64 * 100, 11);
    float[][] results = new float[2][];
    long[] issued = new long[2];
    for (int i = 0; i < 2; i++) {
      try (Rig rig = new Rig(InterpreterOptions.DEFAULT.withThreads(1 + i))) {
        DeviceMemory out = rig.driver.allocate(4L * x.length);
        Counters counters =
            rig.run(
                rig.kernel(PTX, "softmax_rows"),
                LaunchShape.of(64, 128),
                Rig.arguments().pointer(rig.floats(x).pointer()).pointer(out.pointer()).int32(100));
        results[i] = rig.floats(out);
        issued[i] = counters.warpInstructions();
      }
    }
    assertEquals(results[1], results[0]);
    assertEquals(issued[1], issued[0]);
    assertTrue(issued[0] > 0);
  }
}
