// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import io.lowbit.backend.Buffer;
import io.lowbit.backend.Linear;
import io.lowbit.backend.Weight;
import io.lowbit.quant.ActivationScheme;
import io.lowbit.quant.Arithmetic;
import io.lowbit.quant.GgufType;
import io.lowbit.tensor.DType;
import io.lowbit.tensor.Tensor;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A linear layer of 1024 inputs and outputs, dense and packed. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
public class GemmBench {
  static final int SIZE = 1024;

  @Param({"fp32", "fp16", "int8", "int4g32", "int3g32", "q4_1", "q6_k", "w8a8", "w4g32a8"})
  String weight;

  @Param({"1", "256", "1024"})
  int rows;

  @Param("2")
  int threads;

  private CpuBackend backend;
  private Linear linear;
  private Buffer x;
  private Buffer out;

  @Setup
  public void setUp() {
    backend = new CpuBackend(DType.F32, threads);
    Random random = new Random(1);
    linear = linear(backend, weight, random);
    float[] values = Fixtures.gaussian(random, rows * SIZE, 1);
    x = Fixtures.buffer(backend, rows, SIZE, values);
    out = backend.allocate(rows, SIZE);
  }

  static Linear linear(CpuBackend backend, String kind, Random random) {
    Optional<ActivationScheme> activations =
        kind.endsWith("a8")
            ? Optional.of(new ActivationScheme(8, false, Arithmetic.EXACT))
            : Optional.empty();
    return new Linear(weight(backend, kind, random), Optional.empty(), activations);
  }

  private static Weight weight(CpuBackend backend, String kind, Random random) {
    return switch (kind) {
      case "fp32", "fp16" -> {
        DType type = kind.equals("fp32") ? DType.F32 : DType.F16;
        float[] values = Fixtures.gaussian(random, SIZE * SIZE, 0.05);
        Tensor matrix = Fixtures.tensor(type, SIZE, SIZE, values);
        yield backend.upload(matrix);
      }
      case "q4_1" -> backend.upload(Fixtures.blocks(random, GgufType.Q4_1, SIZE, SIZE));
      case "q6_k" -> backend.upload(Fixtures.blocks(random, GgufType.Q6_K, SIZE, SIZE));
      case "int8", "w8a8" -> integers(backend, random, 8, 0);
      case "int4g32", "w4g32a8" -> integers(backend, random, 4, 32);
      case "int3g32" -> integers(backend, random, 3, 32);
      default -> throw new IllegalArgumentException(kind);
    };
  }

  private static Weight integers(CpuBackend backend, Random random, int bits, int group) {
    return backend.upload(Fixtures.integers(random, SIZE, SIZE, bits, group, true, DType.F16));
  }

  @Benchmark
  public Buffer linear() {
    backend.linear(x, linear, out);
    return out;
  }

  @TearDown
  public void tearDown() {
    linear.weight().close();
    backend.close();
  }
}
