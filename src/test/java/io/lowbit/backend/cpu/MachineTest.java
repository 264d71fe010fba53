// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import io.lowbit.backend.Activation;
import io.lowbit.backend.AttentionShape;
import io.lowbit.backend.Buffer;
import io.lowbit.backend.CacheLayout;
import io.lowbit.backend.KvCache;
import io.lowbit.backend.Linear;
import io.lowbit.backend.Norm;
import io.lowbit.backend.Rotary;
import io.lowbit.backend.Span;
import io.lowbit.backend.Weight;
import io.lowbit.quant.ActivationScheme;
import io.lowbit.quant.Arithmetic;
import io.lowbit.quant.CacheScheme;
import io.lowbit.quant.GroupedInteger;
import io.lowbit.tensor.DType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** What must not depend on the machine, and what a large one must be able to hold. */
public class MachineTest {
  @DataProvider
  static Object[][] virtualMachines() {
    return new Object[][] {{"-XX:MaxVectorSize=16"}, {"-XX:MaxVectorSize=32"}};
  }

  @Test(groups = "long", dataProvider = "virtualMachines")
  public void resultsHaveTheSameBitsAtAnyVectorWidth(String option)
      throws IOException, InterruptedException {
    Process other =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector",
                option,
                "-cp",
                System.getProperty("java.class.path"),
                MachineTest.class.getName())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String printed = new String(other.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(other.waitFor(), 0);
    assertEquals(printed.lines().toList(), digests());
  }

  public static void main(String[] arguments) {
    digests().forEach(System.out::println);
  }

  /** Hashes of the bits of every operation's results. */
  private static List<String> digests() {
    return List.of(digest(DType.F32), digest(DType.F16), digest(DType.BF16));
  }

  private static String digest(DType base) {
    Random random = new Random(1);
    int tokens = 75;
    int width = 608;
    StringBuilder digest = new StringBuilder(base.name());
    try (CpuBackend backend = new CpuBackend(base, 2)) {
      float[] values = Fixtures.gaussian(random, tokens * width, 1);
      Buffer x = Fixtures.buffer(backend, tokens, width, values);
      Buffer out = backend.allocate(tokens, width);
      for (Activation activation : Activation.values()) {
        backend.gatedActivation(activation, x, x, out);
        append(digest, out);
      }
      for (Norm.Kind kind : Norm.Kind.values()) {
        backend.norm(x, new Norm(kind, 1e-5f, x(backend, random, width), Optional.empty()), out);
        append(digest, out);
      }
      ActivationScheme eightBits = new ActivationScheme(8, false, Arithmetic.EXACT);
      for (int bits = 2; bits <= 8; bits++) {
        GroupedInteger matrix = Fixtures.integers(random, 100, width, bits, 19, true, DType.F16);
        try (Weight weight = backend.upload(matrix)) {
          Buffer narrow = backend.allocate(tokens, 100);
          backend.linear(x, new Linear(weight, Optional.empty(), Optional.empty()), narrow);
          append(digest, narrow);
          backend.linear(x, new Linear(weight, Optional.empty(), Optional.of(eightBits)), narrow);
          append(digest, narrow);
        }
      }
      attend(backend, random, x, out);
      append(digest, out);
      int[] ids = new int[tokens];
      Arrays.setAll(ids, i -> 13 * i);
      int[] rows = new int[tokens];
      Arrays.setAll(rows, i -> i);
      GroupedInteger head = Fixtures.integers(random, 1200, width, 4, 32, true, DType.F16);
      try (Weight weight = backend.upload(head)) {
        double[] scores = backend.logProbs(x, weight, rows, ids).logProbability();
        digest.append(' ').append(Arrays.hashCode(scores));
      }
    }
    return digest.toString();
  }

  private static void attend(CpuBackend backend, Random random, Buffer x, Buffer out) {
    CacheScheme scheme = new CacheScheme(4, 3, 0, Arithmetic.EXACT);
    float[] frequencies = Fixtures.gaussian(random, 20, 1);
    try (KvCache cache = backend.newCache(new CacheLayout(1, 2, 76, Optional.of(scheme)))) {
      List<Span> spans = List.of(new Span(cache, 0, 0, x.rows()));
      float[] keys = Fixtures.gaussian(random, x.rows() * 152, 1);
      Buffer k = Fixtures.buffer(backend, x.rows(), 152, keys);
      backend.rotate(x, 76, new Rotary(frequencies, false, 1f), spans);
      backend.append(0, k, k, spans);
      backend.attention(0, x, new AttentionShape(8, 2, 76, 0.1f, 0), spans, out);
    }
  }

  private static Buffer x(CpuBackend backend, Random random, int width) {
    return Fixtures.buffer(backend, 1, width, Fixtures.gaussian(random, width, 1));
  }

  private static void append(StringBuilder digest, Buffer buffer) {
    digest.append(' ').append(Arrays.hashCode(Fixtures.values(buffer)));
  }

  /** The head of BLOOM-176B, [250880, 14336], has 3.6e9 codes. */
  @Test(groups = "long")
  public void aWeightMayHaveMoreThanTwoToThe31Codes() {
    GroupedInteger matrix =
        Fixtures.integers(new Random(2), 250_880, 14_336, 1, 0, true, DType.F16);
    try (CpuBackend backend = new CpuBackend(DType.F32, 2);
        Weight weight = backend.upload(matrix)) {
      Buffer out = backend.allocate(2, 14_336);
      backend.embed(weight, new int[] {250_879, 160_000}, out);
      float[] expected = new float[14_336];
      float[] actual = new float[14_336];
      matrix.dequantize(250_879, 0, 14_336, expected, 0);
      out.read(0, actual, 0);
      assertEquals(actual, expected);
      matrix.dequantize(160_000, 0, 14_336, expected, 0);
      out.read(1, actual, 0);
      assertEquals(actual, expected);
      assertTrue(weight.bytes() <= 1.05 * matrix.bytes());
    }
  }
}
