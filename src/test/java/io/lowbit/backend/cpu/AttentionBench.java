// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import io.lowbit.backend.AttentionShape;
import io.lowbit.backend.Buffer;
import io.lowbit.backend.CacheLayout;
import io.lowbit.backend.KvCache;
import io.lowbit.backend.Span;
import io.lowbit.quant.Arithmetic;
import io.lowbit.quant.CacheScheme;
import io.lowbit.tensor.DType;
import java.util.List;
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

/** Attention of the last tokens of a sequence of 512, with the heads of SmolLM2-135M. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
public class AttentionBench {
  private static final int LENGTH = 512;
  private static final int HEADS = 9;
  private static final int KEY_HEADS = 3;
  private static final int DIM = 64;

  @Param({"16", "8", "4"})
  int cacheBits;

  @Param({"1", "512"})
  int tokens;

  @Param("2")
  int threads;

  private CpuBackend backend;
  private KvCache cache;
  private Buffer q;
  private Buffer out;
  private List<Span> last;

  @Setup
  public void setUp() {
    backend = new CpuBackend(DType.F32, threads);
    Random random = new Random(1);
    Optional<CacheScheme> scheme =
        Optional.of(cacheBits)
            .filter(bits -> bits < 16)
            .map(bits -> new CacheScheme(bits, bits, 0, Arithmetic.EXACT));
    cache = backend.newCache(new CacheLayout(1, KEY_HEADS, DIM, scheme));
    int width = KEY_HEADS * DIM;
    float[] keys = Fixtures.gaussian(random, LENGTH * width, 1);
    Buffer k = Fixtures.buffer(backend, LENGTH, width, keys);
    backend.append(0, k, k, List.of(new Span(cache, 0, 0, LENGTH)));
    float[] queries = Fixtures.gaussian(random, tokens * HEADS * DIM, 1);
    q = Fixtures.buffer(backend, tokens, HEADS * DIM, queries);
    out = backend.allocate(tokens, HEADS * DIM);
    last = List.of(new Span(cache, LENGTH - tokens, 0, tokens));
  }

  @Benchmark
  public Buffer attention() {
    backend.attention(0, q, new AttentionShape(HEADS, KEY_HEADS, DIM, 0.125f, 0), last, out);
    return out;
  }

  @TearDown
  public void tearDown() {
    cache.close();
    backend.close();
  }
}
