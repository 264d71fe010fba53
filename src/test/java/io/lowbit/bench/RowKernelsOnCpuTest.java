// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import io.lowbit.backend.Activation;
import io.lowbit.backend.Buffer;
import io.lowbit.backend.CacheLayout;
import io.lowbit.backend.KvCache;
import io.lowbit.backend.Norm;
import io.lowbit.backend.Rotary;
import io.lowbit.backend.Span;
import io.lowbit.backend.cpu.CpuBackend;
import io.lowbit.backend.cuda.Activations;
import io.lowbit.backend.cuda.Addition;
import io.lowbit.backend.cuda.DeviceMatrix;
import io.lowbit.backend.cuda.DevicePointer;
import io.lowbit.backend.cuda.Embedding;
import io.lowbit.backend.cuda.Kernels;
import io.lowbit.backend.cuda.RotaryEmbedding;
import io.lowbit.backend.cuda.RowNorm;
import io.lowbit.ptx.InterpretedDriver;
import io.lowbit.tensor.DType;
import io.lowbit.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** The same operations of the two back-ends: equal bits, or neighbours where functions differ. */
public final class RowKernelsOnCpuTest {
  private static final int ROWS = 9;
  private static final int COLUMNS = 120;
  private static final int HEAD = 40;

  /** Both back-ends with one base type. */
  private static final class Pair implements AutoCloseable {
    final DType type;
    final CpuBackend cpu;
    final InterpretedDriver driver = new InterpretedDriver();
    final Kernels kernels = new Kernels(driver);
    final CaseMemory memory = new CaseMemory(driver);

    Pair(DType type) {
      this.type = type;
      this.cpu = new CpuBackend(type, 1);
    }

    float[] values(int rows, long seed) {
      return RowData.of(RowData.Kind.NORMAL, rows, COLUMNS, type, seed);
    }

    DeviceMatrix device(float[] values) {
      return memory.matrix(values, values.length / COLUMNS, COLUMNS, type);
    }

    Buffer host(float[] values) {
      Buffer buffer = cpu.allocate(values.length / COLUMNS, COLUMNS);
      for (int row = 0; row < buffer.rows(); row++) {
        buffer.write(row, values, row * COLUMNS);
      }
      return buffer;
    }

    static float[] read(Buffer buffer) {
      float[] values = new float[buffer.rows() * COLUMNS];
      for (int row = 0; row < buffer.rows(); row++) {
        buffer.read(row, values, row * COLUMNS);
      }
      return values;
    }

    /** Equal, or neighbours in the type, or both too small for the CPU's exponential. */
    void assertNeighbours(DeviceMatrix device, Buffer host) {
      float[] actual = memory.read(device);
      float[] expected = read(host);
      for (int i = 0; i < actual.length; i++) {
        double ulp = 2 * RowData.halfUlp(expected[i], type);
        assertEquals(actual[i], expected[i], Math.max(ulp, 0x1p-120), "value " + i);
      }
    }

    @Override
    public void close() {
      memory.close();
      kernels.close();
      driver.close();
      cpu.close();
    }
  }

  @DataProvider
  Object[][] types() {
    return new Object[][] {{DType.F16}, {DType.BF16}};
  }

  @Test(dataProvider = "types")
  public void looksUpTheSameBits(DType type) {
    try (Pair pair = new Pair(type)) {
      float[] table = pair.values(13, 1);
      int[] ids = {12, 0, 5, 5, 1, 7, 12, 3, 0};
      Buffer host = pair.cpu.allocate(ROWS, COLUMNS);
      pair.cpu.embed(pair.cpu.upload(Tensor.of(table, 13, COLUMNS)), ids, host);
      DeviceMatrix out = pair.memory.poisonedMatrix(ROWS, COLUMNS, type);
      new Embedding(pair.kernels).run(pair.device(table), pair.memory.ints(ids), out);
      assertEquals(pair.memory.read(out), Pair.read(host));
    }
  }

  @Test(dataProvider = "types")
  public void addsToTheSameBits(DType type) {
    try (Pair pair = new Pair(type)) {
      DeviceMatrix x = pair.device(pair.values(ROWS, 2));
      new Addition(pair.kernels).run(x, pair.device(pair.values(ROWS, 3)));
      Buffer host = pair.host(pair.values(ROWS, 2));
      pair.cpu.add(host, pair.host(pair.values(ROWS, 3)));
      assertEquals(pair.memory.read(x), Pair.read(host));
    }
  }

  @DataProvider
  Object[][] rotations() {
    return new Object[][] {
      {DType.F16, 20, false},
      {DType.F16, 16, false},
      {DType.F16, 16, true},
      {DType.F16, 7, true},
      {DType.BF16, 16, false},
      {DType.BF16, 20, true},
    };
  }

  @Test(dataProvider = "rotations")
  public void rotatesToTheSameBits(DType type, int pairs, boolean interleaved) {
    float[] frequencies = new float[pairs];
    for (int i = 0; i < pairs; i++) {
      frequencies[i] = (float) Math.pow(1000, -i / (double) pairs);
    }
    Rotary rotary = new Rotary(frequencies, interleaved, 1.25f);
    // Rows 5 and 8 belong to no sequence.
    int[] positions = {3, 4, 5, 6, 7, -1, 0, 1, -1};
    float[] angles = new float[8 * pairs * 2];
    for (int i = 0; i < 8 * pairs; i++) {
      int position = i / pairs;
      float angle = position * frequencies[i % pairs];
      angles[2 * i] = (float) Math.cos(angle) * rotary.magnitude();
      angles[2 * i + 1] = (float) Math.sin(angle) * rotary.magnitude();
    }
    try (Pair pair = new Pair(type);
        KvCache cache = pair.cpu.newCache(new CacheLayout(1, 1, HEAD, Optional.empty()))) {
      DeviceMatrix x = pair.device(pair.values(ROWS, 4));
      new RotaryEmbedding(pair.kernels)
          .run(
              x, HEAD, pair.memory.floats(angles), pairs, interleaved, pair.memory.ints(positions));
      Buffer host = pair.host(pair.values(ROWS, 4));
      pair.cpu.rotate(
          host, HEAD, rotary, List.of(new Span(cache, 3, 0, 5), new Span(cache, 0, 6, 2)));
      assertEquals(pair.memory.read(x), Pair.read(host));
    }
  }

  @DataProvider
  Object[][] norms() {
    return new Object[][] {
      {DType.F16, Norm.Kind.LAYER},
      {DType.F16, Norm.Kind.RMS},
      {DType.F16, Norm.Kind.RMS_PLUS_ONE},
      {DType.BF16, Norm.Kind.LAYER},
      {DType.BF16, Norm.Kind.RMS},
      {DType.BF16, Norm.Kind.RMS_PLUS_ONE},
    };
  }

  @Test(dataProvider = "norms")
  public void normalisesToNeighbours(DType type, Norm.Kind kind) {
    try (Pair pair = new Pair(type)) {
      boolean layer = kind == Norm.Kind.LAYER;
      float[] weight = pair.values(1, 5);
      float[] bias = pair.values(1, 6);
      DeviceMatrix x = pair.device(pair.values(ROWS, 7));
      new RowNorm(pair.kernels)
          .run(
              x,
              kind,
              1e-5f,
              pair.device(weight).data(),
              layer ? pair.device(bias).data() : DevicePointer.NULL,
              x);
      Buffer host = pair.host(pair.values(ROWS, 7));
      Optional<Buffer> summands = layer ? Optional.of(pair.host(bias)) : Optional.empty();
      pair.cpu.norm(host, new Norm(kind, 1e-5f, pair.host(weight), summands), host);
      pair.assertNeighbours(x, host);
    }
  }

  @DataProvider
  Object[][] activations() {
    return Arrays.stream(Activation.values())
        .flatMap(a -> RowData.TYPES.stream().map(type -> new Object[] {type, a}))
        .toArray(Object[][]::new);
  }

  @Test(dataProvider = "activations")
  public void activatesToNeighbours(DType type, Activation activation) {
    try (Pair pair = new Pair(type)) {
      // From -16.2 to 16.2.
      float[] gate = new float[ROWS * COLUMNS];
      for (int i = 0; i < gate.length; i++) {
        gate[i] = CaseMemory.round((i - gate.length / 2) * 0.03f, type);
      }
      float[] up = pair.values(ROWS, 8);
      DeviceMatrix x = pair.device(gate);
      new Activations(pair.kernels).gated(activation, x, pair.device(up), x);
      Buffer host = pair.host(gate);
      pair.cpu.gatedActivation(activation, host, pair.host(up), host);
      pair.assertNeighbours(x, host);
      assertTrue(pair.memory.read(x)[gate.length - 1] != 0, "the last value was written");
    }
  }
}
