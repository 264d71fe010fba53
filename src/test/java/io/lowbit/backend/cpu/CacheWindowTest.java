// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import io.lowbit.backend.Buffer;
import io.lowbit.backend.CacheLayout;
import io.lowbit.backend.KvCache;
import io.lowbit.backend.Span;
import io.lowbit.quant.CacheScheme;
import io.lowbit.quant.Scheme;
import io.lowbit.tensor.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Caches whose latest tokens are not quantized, and keys per channel. */
public class CacheWindowTest {
  private static final int TOKENS = 150;
  private static final int WIDTH = 6 * 64;

  private static CacheScheme scheme(String text) {
    return Scheme.parse(text).cache().orElseThrow();
  }

  private static Optional<CacheScheme> optional(String text) {
    return Optional.of(scheme(text));
  }

  @DataProvider
  static Object[][] schemes() {
    return new Object[][] {
      {"kv4r1"},
      {"kv3r5"},
      {"kv2r64"},
      {"k4v2g16r100"},
      {"k16v4r20"},
      {"k4v16r33"},
      {"kv2-kivi"},
      {"kv2r100-kivi"},
      {"kv3g16r40-kivi"},
      {"kv2g64-kivi-s32"},
      {"k2v16r7-kivi"},
      {"k16v2r7-kivi"},
      {"kv1g64r130-kivi"}
    };
  }

  @Test(dataProvider = "schemes")
  public void eachPositionReadsWhatADecoderHadStored(String text) {
    CacheScheme scheme = scheme(text);
    int dim = scheme.groupSize() == 64 ? 64 : 48;
    AttentionSequence sequence = AttentionSequence.random(6, 2, dim, TOKENS);
    for (DType base : new DType[] {DType.F32, DType.F16, DType.BF16}) {
      try (CpuBackend backend = new CpuBackend(base, 2);
          KvCache cache = backend.newCache(sequence.layout(Optional.of(scheme)))) {
        for (int window : new int[] {0, 70}) {
          float[] actual = sequence.pass(backend, cache, window, 0, TOKENS);
          float[] q = Fixtures.values(sequence.rows(backend, 0, 0, TOKENS));
          float[] k = Fixtures.values(sequence.rows(backend, 1, 0, TOKENS));
          float[] v = Fixtures.values(sequence.rows(backend, 2, 0, TOKENS));
          List<float[]> keys = SimulatedCache.keys(k, dim, 2 * dim, scheme);
          List<float[]> values = SimulatedCache.values(v, dim, 2 * dim, scheme);
          double[] expected = sequence.plain(window, q, keys::get, values::get);
          double step = base == DType.F32 ? 0 : base == DType.F16 ? 0x1p-11 : 0x1p-8;
          for (int i = 0; i < actual.length; i++) {
            double tolerance = 5e-6 + step * Math.abs(expected[i]);
            assertEquals(actual[i], expected[i], tolerance, base + " " + window + " " + i);
          }
        }
      }
    }
  }

  @Test(dataProvider = "schemes")
  public void onePassGivesTheBytesOfSingleSteps(String text) {
    AttentionSequence sequence = AttentionSequence.random(6, 2, 64, TOKENS);
    for (int window : new int[] {0, 70}) {
      try (CpuBackend backend = new CpuBackend(DType.F32, 2);
          KvCache whole = backend.newCache(sequence.layout(optional(text)));
          KvCache single = backend.newCache(sequence.layout(optional(text)));
          KvCache pieces = backend.newCache(sequence.layout(optional(text)))) {
        float[] all = sequence.pass(backend, whole, window, 0, TOKENS);
        for (int from = 0; from < TOKENS; from++) {
          float[] one = sequence.pass(backend, single, window, from, from + 1);
          assertBytes(one, slice(all, from, from + 1), "position " + from);
        }
        for (int from = 0, step = 1; from < TOKENS; from += step, step = 3 * step % 37) {
          int to = Math.min(TOKENS, from + step);
          float[] some = sequence.pass(backend, pieces, window, from, to);
          assertBytes(some, slice(all, from, to), "from position " + from);
        }
      }
    }
  }

  @Test(dataProvider = "schemes")
  public void forksReadWhatTheirParentHasQuantizedSince(String text) {
    AttentionSequence sequence = AttentionSequence.random(6, 2, 64, TOKENS);
    AttentionSequence other = AttentionSequence.random(6, 2, 64, TOKENS + 1);
    try (CpuBackend backend = new CpuBackend(DType.F32, 2);
        KvCache whole = backend.newCache(sequence.layout(optional(text)));
        KvCache parent = backend.newCache(sequence.layout(optional(text)))) {
      float[] all = sequence.pass(backend, whole, 0, 0, TOKENS);
      int[] lengths = {1, 31, 32, 63, 64, 70, 96, 110, 128};
      List<KvCache> forks = new ArrayList<>();
      for (int i = 0; i < lengths.length; i++) {
        sequence.pass(backend, parent, 0, i == 0 ? 0 : lengths[i - 1], lengths[i]);
        forks.add(parent.fork());
      }
      other.pass(backend, parent, 0, 128, TOKENS);
      for (int i = 0; i < lengths.length; i++) {
        try (KvCache fork = forks.get(i);
            KvCache again = fork.fork()) {
          other.pass(backend, again, 0, lengths[i], TOKENS);
          float[] rest = sequence.pass(backend, fork, 0, lengths[i], TOKENS);
          assertBytes(rest, slice(all, lengths[i], TOKENS), "fork at " + lengths[i]);
        }
      }
    }
  }

  @Test(dataProvider = "schemes")
  public void neighboursInARaggedBatchChangeNothing(String text) {
    AttentionSequence a = AttentionSequence.random(6, 2, 64, TOKENS);
    AttentionSequence b = AttentionSequence.random(6, 2, 64, 77);
    try (CpuBackend backend = new CpuBackend(DType.F32, 2);
        KvCache alone = backend.newCache(a.layout(optional(text)));
        KvCache first = backend.newCache(a.layout(optional(text)));
        KvCache second = backend.newCache(a.layout(optional(text)))) {
      float[] expected = slice(a.pass(backend, alone, 0, 0, TOKENS), 40, TOKENS);
      a.pass(backend, first, 0, 0, 40);
      List<Span> spans = List.of(new Span(second, 0, 0, 77), new Span(first, 40, 77, TOKENS - 40));
      Buffer[] joined = new Buffer[3];
      for (int i = 0; i < 3; i++) {
        int width = a.qkv()[i].length / TOKENS;
        float[] rows = Arrays.copyOf(b.qkv()[i], (77 + TOKENS - 40) * width);
        System.arraycopy(a.qkv()[i], 40 * width, rows, 77 * width, (TOKENS - 40) * width);
        joined[i] = Fixtures.buffer(backend, 77 + TOKENS - 40, width, rows);
      }
      backend.append(0, joined[1], joined[2], spans);
      Buffer out = backend.allocate(77 + TOKENS - 40, WIDTH);
      backend.attention(0, joined[0], a.shape(0), spans, out);
      assertBytes(slice(Fixtures.values(out), 77, 77 + TOKENS - 40), expected, text);
    }
  }

  @DataProvider
  static Object[][] wideWindows() {
    return new Object[][] {{"kv1r150"}, {"kv2r99999999"}, {"kv2r151-kivi"}, {"k16v2r200"}};
  }

  @Test(dataProvider = "wideWindows")
  public void aWindowAsLongAsTheSequenceIsNoQuantizationAtAll(String text) {
    AttentionSequence sequence = AttentionSequence.random(6, 2, 64, TOKENS);
    for (DType base : new DType[] {DType.F32, DType.F16}) {
      try (CpuBackend backend = new CpuBackend(base, 2);
          KvCache plain = backend.newCache(sequence.layout(Optional.empty()));
          KvCache cache = backend.newCache(sequence.layout(optional(text)))) {
        float[] expected = sequence.pass(backend, plain, 0, 0, TOKENS);
        assertBytes(sequence.pass(backend, cache, 0, 0, TOKENS), expected, text);
      }
    }
  }

  /** Four layers of a long text; of 1,024 tokens r64 reads the last 63 exactly once more. */
  @Test
  public void exactTokensAreGivenBack() {
    int layers = 4;
    long exactPage = 64L * 2 * 2 * 64 * 4;
    AttentionSequence sequence = AttentionSequence.random(6, 2, 64, 1024);
    try (CpuBackend backend = new CpuBackend(DType.F32, 2);
        CpuKvCache plain = cache(backend, layers, "kv4");
        CpuKvCache whole = cache(backend, layers, "kv4r64");
        CpuKvCache steps = cache(backend, layers, "kv4r64");
        CpuKvCache kivi = cache(backend, layers, "kv4-kivi")) {
      read(backend, sequence, plain, 0, 1024);
      read(backend, sequence, whole, 0, 1024);
      assertEquals(whole.bytes(), plain.bytes() + layers * exactPage);
      // A whole pass held both forms of one layer's 16 pages, and one page of each finished layer.
      PagePool pool = whole.pools().exact().orElseThrow();
      assertEquals(pool.size(), 16 + layers - 1);

      for (int from = 0; from < 1024; from += 32) {
        read(backend, sequence, steps, from, from + 32);
        long packed = plain.bytes() / 16 * HeadLayout.pages(from + 32);
        assertTrue(steps.bytes() <= packed + 2L * layers * exactPage, "at " + from);
      }
      assertEquals(steps.bytes(), whole.bytes());
      assertEquals(pool.size(), 16 + layers - 1);

      read(backend, sequence, kivi, 0, 1024);
      long codes = layers * 16L * 64 * 2 * 64 * 2 / 2;
      long keyGrids = layers * 16L * 2 * 2 * 64 * 3;
      long valueGrids = layers * 16L * 2 * 64 * 3;
      assertEquals(kivi.bytes(), codes + keyGrids + valueGrids);
    }
  }

  private static CpuKvCache cache(CpuBackend backend, int layers, String text) {
    return (CpuKvCache) backend.newCache(new CacheLayout(layers, 2, 64, optional(text)));
  }

  private static void read(
      CpuBackend backend, AttentionSequence sequence, CpuKvCache cache, int from, int to) {
    for (int layer = 0; layer < cache.layout().layers(); layer++) {
      sequence.layer(backend, cache, layer, 0, from, to);
    }
    cache.advance(to);
  }

  @Test
  public void aLayerMayBeReadAgainUntilTheNextOneFollows() {
    AttentionSequence sequence = AttentionSequence.random(6, 2, 64, TOKENS);
    try (CpuBackend backend = new CpuBackend(DType.F32, 1);
        CpuKvCache cache = cache(backend, 2, "kv2r10-kivi")) {
      float[] once = sequence.layer(backend, cache, 0, 0, 0, TOKENS);
      assertBytes(sequence.layer(backend, cache, 0, 0, 0, TOKENS), once, "again");
      assertBytes(sequence.layer(backend, cache, 1, 0, 0, TOKENS), once, "next layer");
      assertBytes(sequence.layer(backend, cache, 0, 0, 0, TOKENS), once, "from the start");
    }
  }

  @Test
  public void goingBackBehindTheExactTokensIsRefused() {
    AttentionSequence sequence = AttentionSequence.random(6, 2, 64, TOKENS);
    try (CpuBackend backend = new CpuBackend(DType.F32, 1);
        KvCache cache = backend.newCache(sequence.layout(optional("kv4r16")))) {
      float[] all = sequence.pass(backend, cache, 0, 0, TOKENS);
      cache.advance(144);
      assertBytes(sequence.pass(backend, cache, 0, 144, TOKENS), slice(all, 144, TOKENS), "back");
      IllegalArgumentException error =
          expectThrows(
              IllegalArgumentException.class, () -> sequence.pass(backend, cache, 0, 100, 110));
      assertTrue(error.getMessage().contains("positions 85 to 99"), error.getMessage());
      assertBytes(sequence.pass(backend, cache, 0, 0, TOKENS), all, "from the start");
    }
  }

  private static float[] slice(float[] rows, int from, int to) {
    return Arrays.copyOfRange(rows, from * WIDTH, to * WIDTH);
  }

  private static void assertBytes(float[] actual, float[] expected, String what) {
    assertEquals(actual.length, expected.length, what);
    for (int i = 0; i < actual.length; i++) {
      assertEquals(
          Float.floatToRawIntBits(actual[i]), Float.floatToRawIntBits(expected[i]), what + " " + i);
    }
  }
}
