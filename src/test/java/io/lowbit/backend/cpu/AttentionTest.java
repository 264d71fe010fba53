// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import io.lowbit.backend.Buffer;
import io.lowbit.backend.CacheLayout;
import io.lowbit.backend.KvCache;
import io.lowbit.backend.Span;
import io.lowbit.quant.Arithmetic;
import io.lowbit.quant.CacheScheme;
import io.lowbit.quant.IntegerGrid;
import io.lowbit.quant.RowQuantizer;
import io.lowbit.tensor.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

public class AttentionTest {
  private static CacheScheme scheme(int keyBits, int valueBits, int group) {
    return new CacheScheme(keyBits, valueBits, group, Arithmetic.EXACT);
  }

  @DataProvider
  static Object[][] cases() {
    List<Object[]> cases = new ArrayList<>();
    int[][] shapes = {{9, 3, 64}, {4, 4, 8}, {4, 1, 80}, {2, 2, 33}, {7, 1, 128}, {2, 1, 300}};
    for (int[] s : shapes) {
      for (int tokens : new int[] {1, 17, 64, 65, 150}) {
        cases.add(new Object[] {s[0], s[1], s[2], tokens, 0, Optional.empty()});
      }
      cases.add(new Object[] {s[0], s[1], s[2], 150, 70, Optional.empty()});
      cases.add(new Object[] {s[0], s[1], s[2], 150, 1, Optional.empty()});
    }
    for (int bits = 1; bits <= 8; bits++) {
      cases.add(new Object[] {6, 2, 64, 100, 0, Optional.of(scheme(bits, bits, 0))});
    }
    cases.add(new Object[] {6, 2, 64, 100, 0, Optional.of(scheme(4, 16, 32))});
    cases.add(new Object[] {6, 2, 64, 100, 0, Optional.of(scheme(16, 2, 16))});
    cases.add(new Object[] {2, 1, 80, 100, 50, Optional.of(scheme(3, 5, 20))});
    cases.add(
        new Object[] {
          2,
          2,
          8,
          70,
          0,
          Optional.of(
              new CacheScheme(
                  CacheScheme.Format.INTEGER, 4, 4, 4, 0, false, DType.F32, Arithmetic.EXACT))
        });
    cases.add(
        new Object[] {6, 2, 64, 100, 0, Optional.of(new CacheScheme(2, 2, 0, Arithmetic.COMPAT))});
    return cases.toArray(Object[][]::new);
  }

  @Test(dataProvider = "cases")
  public void attentionAgreesWithPlainLoopsOverStoredKeysAndValues(
      int heads, int keyHeads, int dim, int tokens, int window, Optional<CacheScheme> scheme) {
    AttentionSequence sequence = AttentionSequence.random(heads, keyHeads, dim, tokens);
    for (DType base : new DType[] {DType.F32, DType.F16, DType.BF16}) {
      try (CpuBackend backend = new CpuBackend(base, 2);
          KvCache cache = backend.newCache(sequence.layout(scheme))) {
        float[] actual = sequence.pass(backend, cache, window, 0, tokens);
        float[] q = Fixtures.values(sequence.rows(backend, 0, 0, tokens));
        float[] k = Fixtures.values(sequence.rows(backend, 1, 0, tokens));
        float[] v = Fixtures.values(sequence.rows(backend, 2, 0, tokens));
        if (scheme.isPresent() && scheme.get().keyBits() != 16) {
          quantize(k, dim, scheme.get().keyGrid(base));
        }
        if (scheme.isPresent() && scheme.get().valueBits() != 16) {
          quantize(v, dim, scheme.get().valueGrid(base));
        }
        double[] expected = sequence.plain(window, q, token -> k, token -> v);
        double step = base == DType.F32 ? 0 : base == DType.F16 ? 0x1p-11 : 0x1p-8;
        for (int i = 0; i < actual.length; i++) {
          double tolerance = 5e-6 + step * Math.abs(expected[i]);
          assertEquals(actual[i], expected[i], tolerance, base + " " + i);
        }
      }
    }
  }

  private static void quantize(float[] x, int dim, IntegerGrid grid) {
    byte[] codes = new byte[dim];
    float[] scales = new float[dim];
    int[] zeros = new int[dim];
    for (int at = 0; at < x.length; at += dim) {
      RowQuantizer.quantize(x, at, dim, grid, codes, 0, scales, zeros, 0);
      RowQuantizer.dequantize(codes, 0, dim, grid, scales, zeros, 0, x, at);
    }
  }

  @DataProvider
  static Object[][] schemes() {
    return new Object[][] {{Optional.empty()}, {Optional.of(scheme(4, 3, 32))}};
  }

  @Test(dataProvider = "schemes")
  public void aTokenHasTheSameBitsInPrefillAndDecodeOnAnyNumberOfThreads(
      Optional<CacheScheme> scheme) {
    AttentionSequence sequence = AttentionSequence.random(6, 2, 64, 140);
    int width = 6 * 64;
    for (int window : new int[] {0, 70}) {
      float[] reference = null;
      for (int threads = 1; threads <= 3; threads++) {
        try (CpuBackend backend = new CpuBackend(DType.F32, threads);
            KvCache whole = backend.newCache(sequence.layout(scheme));
            KvCache stepwise = backend.newCache(sequence.layout(scheme))) {
          float[] all = sequence.pass(backend, whole, window, 0, 140);
          reference = reference == null ? all : reference;
          assertEquals(all, reference);
          for (int from = 0, step = 1; from < 140; from += step, step = step % 9 + 1) {
            int to = Math.min(140, from + step);
            float[] some = sequence.pass(backend, stepwise, window, from, to);
            assertEquals(some, Arrays.copyOfRange(reference, from * width, to * width));
          }
        }
      }
    }
  }

  @Test(dataProvider = "schemes")
  public void aForkContinuesOnItsOwn(Optional<CacheScheme> scheme) {
    AttentionSequence sequence = AttentionSequence.random(6, 2, 64, 140);
    AttentionSequence other = AttentionSequence.random(6, 2, 64, 141);
    try (CpuBackend backend = new CpuBackend(DType.F32, 2);
        KvCache reference = backend.newCache(sequence.layout(scheme));
        KvCache parent = backend.newCache(sequence.layout(scheme))) {
      sequence.pass(backend, reference, 0, 0, 100);
      float[] expected = sequence.pass(backend, reference, 0, 100, 140);
      sequence.pass(backend, parent, 0, 0, 100);
      try (KvCache fork = parent.fork();
          KvCache stranger = parent.fork()) {
        assertEquals(fork.length(), 100);
        other.pass(backend, stranger, 0, 100, 140);
        assertEquals(sequence.pass(backend, fork, 0, 100, 140), expected);
        assertEquals(sequence.pass(backend, parent, 0, 100, 140), expected);
      }
    }
  }

  @Test
  public void neighboursInARaggedBatchChangeNothing() {
    AttentionSequence a = AttentionSequence.random(6, 2, 64, 90);
    AttentionSequence b = AttentionSequence.random(6, 2, 64, 50);
    try (CpuBackend backend = new CpuBackend(DType.F32, 2);
        KvCache alone = backend.newCache(a.layout(Optional.empty()));
        KvCache first = backend.newCache(a.layout(Optional.empty()));
        KvCache second = backend.newCache(a.layout(Optional.empty()))) {
      float[] expected = a.pass(backend, alone, 0, 0, 90);
      List<Span> spans = List.of(new Span(second, 0, 0, 50), new Span(first, 0, 50, 90));
      Buffer[] joined = new Buffer[3];
      for (int i = 0; i < 3; i++) {
        float[] rows = Arrays.copyOf(b.qkv()[i], b.qkv()[i].length + a.qkv()[i].length);
        System.arraycopy(a.qkv()[i], 0, rows, b.qkv()[i].length, a.qkv()[i].length);
        joined[i] = Fixtures.buffer(backend, 140, rows.length / 140, rows);
      }
      backend.append(0, joined[1], joined[2], spans);
      Buffer out = backend.allocate(140, 6 * 64);
      backend.attention(0, joined[0], a.shape(0), spans, out);
      float[] actual = Fixtures.values(out);
      assertEquals(Arrays.copyOfRange(actual, 50 * 6 * 64, 140 * 6 * 64), expected);
    }
  }

  @Test
  public void quantizedPagesAreReallyPacked() {
    try (CpuBackend backend = new CpuBackend(DType.F32, 1);
        KvCache plain = backend.newCache(new CacheLayout(1, 2, 64, Optional.empty()));
        KvCache packed =
            backend.newCache(new CacheLayout(1, 2, 64, Optional.of(scheme(4, 2, 0))))) {
      AttentionSequence sequence = AttentionSequence.random(6, 2, 64, 64);
      sequence.pass(backend, plain, 0, 0, 64);
      sequence.pass(backend, packed, 0, 0, 64);
      assertEquals(plain.bytes(), 2 * 64 * 2 * 64 * 4);
      int codes = 64 * 2 * 64 * (4 + 2) / 8;
      int grids = 2 * 64 * 2 * (2 + 1);
      assertEquals(packed.bytes(), codes + grids);
    }
  }

  @Test
  public void headsThatDoNotSplitIntoGroupsAreRefused() {
    try (CpuBackend backend = new CpuBackend(DType.F32, 1)) {
      CacheLayout layout = new CacheLayout(1, 2, 80, Optional.of(scheme(4, 4, 64)));
      IllegalArgumentException error =
          expectThrows(IllegalArgumentException.class, () -> backend.newCache(layout));
      assertTrue(error.getMessage().contains("heads of 80"), error.getMessage());
    }
  }

  @Test
  public void gapsAndForeignShapesAreRefused() {
    AttentionSequence sequence = AttentionSequence.random(6, 2, 64, 10);
    try (CpuBackend backend = new CpuBackend(DType.F32, 1);
        KvCache cache = backend.newCache(sequence.layout(Optional.empty()))) {
      expectThrows(IllegalArgumentException.class, () -> sequence.pass(backend, cache, 0, 5, 10));
      AttentionSequence wider = AttentionSequence.random(6, 3, 64, 10);
      expectThrows(IllegalArgumentException.class, () -> wider.pass(backend, cache, 0, 0, 10));
    }
  }
}
