// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertNotEquals;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import io.lowbit.backend.CacheLayout;
import io.lowbit.backend.Span;
import io.lowbit.backend.cuda.CudaPagePool.Side;
import io.lowbit.ptx.InterpretedDriver;
import io.lowbit.ptx.InterpreterOptions;
import io.lowbit.quant.Arithmetic;
import io.lowbit.quant.CacheScheme;
import io.lowbit.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

public class CudaKvCacheTest {
  private InterpretedDriver driver;
  private Kernels kernels;

  @BeforeMethod
  void open() {
    driver = new InterpretedDriver(InterpreterOptions.DEFAULT.withDeferred(true));
    kernels = new Kernels(driver);
  }

  @AfterMethod
  void close() {
    kernels.close();
    driver.close();
  }

  private static Optional<CacheScheme> scheme(
      int keyBits, int valueBits, int group, int window, boolean perChannel) {
    return Optional.of(
        new CacheScheme(
            CacheScheme.Format.INTEGER,
            keyBits,
            valueBits,
            group,
            window,
            perChannel,
            DType.F16,
            Arithmetic.EXACT));
  }

  private CudaPagePool pool(Optional<CacheScheme> scheme) {
    return new CudaPagePool(kernels, new CacheLayout(3, 2, 16, scheme), DType.F16);
  }

  @DataProvider
  Object[][] sizes() {
    int numbers = 3 * 2 * 64 * 16;
    int rows = 3 * 2 * 64;
    return new Object[][] {
      {Optional.empty(), 4 * numbers + rows},
      {scheme(4, 4, 0, 0, false), numbers + 2 * 4 * rows + rows},
      {scheme(8, 3, 8, 0, false), numbers + numbers / 2 + 2 * 8 * rows + rows},
      {scheme(16, 8, 0, 0, false), 2 * numbers + numbers + 4 * rows + rows},
      // Both forms: values have a flag in each.
      {scheme(4, 4, 0, 9, false), 4 * numbers + rows + numbers + 2 * 4 * rows + rows},
      // A pair per channel and 16 tokens.
      {scheme(2, 16, 16, 0, true), 4 * numbers + rows + numbers / 2 + 4 * numbers / 16},
    };
  }

  @Test(dataProvider = "sizes")
  public void aPageTakesWhatItsNumbersTake(Optional<CacheScheme> scheme, int bytes) {
    try (CudaPagePool pool = pool(scheme);
        CudaKvCache cache = pool.newCache()) {
      assertEquals(cache.bytes(), 0);
      cache.reserve(0, 1);
      assertEquals(cache.bytes(), bytes);
      cache.reserve(1, 64);
      assertEquals(cache.bytes(), bytes);
      cache.reserve(64, 65);
      assertEquals(cache.bytes(), 2L * bytes);
    }
  }

  @Test
  public void forksShareUntilOneWrites() {
    try (CudaPagePool pool = pool(Optional.empty());
        CudaKvCache cache = pool.newCache()) {
      cache.reserve(0, 70);
      cache.advance(70);
      driver.fill(cache.page(Side.EXACT_KEYS, 1).orElseThrow(), (byte) 7, 6 * 64 * 16 * 2);
      driver.fill(cache.page(Side.EXACT_VALUES, 1).orElseThrow(), (byte) 8, 64);
      CudaKvCache fork = cache.fork();
      assertEquals(fork.length(), 70);
      assertEquals(fork.page(Side.EXACT_KEYS, 1), cache.page(Side.EXACT_KEYS, 1));
      fork.reserve(70, 71);
      assertEquals(fork.page(Side.EXACT_KEYS, 0), cache.page(Side.EXACT_KEYS, 0));
      assertNotEquals(fork.page(Side.EXACT_KEYS, 1), cache.page(Side.EXACT_KEYS, 1));
      byte[] copied = new byte[6 * 64 * 16 * 2];
      driver.copyToHost(MemorySegment.ofArray(copied), fork.page(Side.EXACT_KEYS, 1).orElseThrow());
      for (byte value : copied) {
        assertEquals(value, 7);
      }
      // The last holder writes in place.
      DevicePointer own = cache.page(Side.EXACT_KEYS, 1).orElseThrow();
      cache.reserve(70, 71);
      assertEquals(cache.page(Side.EXACT_KEYS, 1).orElseThrow(), own);
      fork.close();
    }
  }

  @Test
  public void closedCachesGiveTheirPagesToNewOnes() {
    try (CudaPagePool pool = pool(scheme(4, 4, 0, 0, false))) {
      CudaKvCache first = pool.newCache();
      first.reserve(0, 64);
      long free = driver.memory().freeBytes();
      DevicePointer page = first.page(Side.PACKED_KEYS, 0).orElseThrow();
      first.close();
      CudaKvCache second = pool.newCache();
      second.reserve(0, 64);
      assertEquals(second.page(Side.PACKED_KEYS, 0).orElseThrow(), page);
      assertEquals(driver.memory().freeBytes(), free);
    }
  }

  @DataProvider
  Object[][] windows() {
    // Scheme, tokens, first exact page of keys and of values that is still needed.
    return new Object[][] {
      {scheme(4, 4, 0, 1, false), 128, 2, 2},
      {scheme(4, 4, 0, 2, false), 128, 1, 1},
      {scheme(4, 4, 0, 64, false), 200, 2, 2},
      // 130 tokens flushed in 64s: the next query packs 128.
      {scheme(4, 4, 0, 1, true), 130, 2, 2},
      // Flushed in 128s: nothing new since 128.
      {scheme(4, 4, 0, 100, true), 200, 2, 1},
      // The 128th token completes a block whose keys begin at 64.
      {scheme(4, 4, 0, 1, true), 127, 1, 1},
    };
  }

  @Test(dataProvider = "windows")
  public void exactPagesLiveAsLongAsAQueryCanReadThem(
      Optional<CacheScheme> scheme, int tokens, int keys, int values) {
    try (CudaPagePool pool = pool(scheme);
        CudaKvCache cache = pool.newCache()) {
      cache.reserve(0, tokens);
      cache.advance(tokens);
      for (int page = 0; page * 64 < tokens; page++) {
        assertEquals(cache.page(Side.EXACT_KEYS, page).isPresent(), page >= keys, "keys " + page);
        assertEquals(
            cache.page(Side.EXACT_VALUES, page).isPresent(), page >= values, "values " + page);
        assertTrue(cache.page(Side.PACKED_KEYS, page).isPresent());
      }
      cache.reserve(tokens, tokens + 1);
      IllegalArgumentException error =
          expectThrows(IllegalArgumentException.class, () -> cache.reserve(40, 41));
      assertTrue(error.getMessage().contains("has been given back"), error.getMessage());
      cache.reserve(0, 10);
    }
  }

  @Test
  public void gapsAreRefused() {
    try (CudaPagePool pool = pool(Optional.empty());
        CudaKvCache cache = pool.newCache()) {
      for (int from : new int[] {-1, 5, 64}) {
        IllegalArgumentException error =
            expectThrows(IllegalArgumentException.class, () -> cache.reserve(from, from + 5));
        assertTrue(error.getMessage().contains("would leave a gap"), error.getMessage());
      }
      expectThrows(IllegalArgumentException.class, () -> cache.advance(-1));
    }
  }

  @DataProvider
  Object[][] unsupported() {
    return new Object[][] {
      {33, Optional.empty(), "heads of 33 values do not fit"},
      {264, Optional.empty(), "heads of 264 values do not fit"},
      {64, scheme(4, 4, 12, 0, false), "groups of 12"},
      {64, scheme(4, 4, 24, 0, false), "groups of 24"},
      {64, scheme(4, 16, 24, 0, true), "blocks of 24 tokens"},
      {
        64,
        Optional.of(new CacheScheme(4, 4, 0, Arithmetic.COMPAT)),
        "compat arithmetic is not implemented on the GPU"
      },
    };
  }

  @Test(dataProvider = "unsupported")
  public void otherLayoutsAreRefused(int dim, Optional<CacheScheme> scheme, String part) {
    CacheLayout layout = new CacheLayout(1, 1, dim, scheme);
    IllegalArgumentException error =
        expectThrows(
            IllegalArgumentException.class, () -> new CudaPagePool(kernels, layout, DType.BF16));
    assertTrue(error.getMessage().contains(part), error.getMessage());
    CacheLayout good = new CacheLayout(1, 1, 64, Optional.empty());
    expectThrows(IllegalArgumentException.class, () -> new CudaPagePool(kernels, good, DType.F32));
  }

  @Test
  public void aFullDeviceIsExplained() {
    try (InterpretedDriver small =
            new InterpretedDriver(new InterpreterOptions(1, 1, 1000, true, true, 30_000, false));
        Kernels own = new Kernels(small)) {
      CudaPagePool pool =
          new CudaPagePool(own, new CacheLayout(3, 2, 16, Optional.empty()), DType.F16);
      CudaKvCache cache = pool.newCache();
      cache.reserve(0, 64);
      GpuException error = expectThrows(GpuException.class, () -> cache.reserve(64, 65));
      assertEquals(error.code(), GpuException.OUT_OF_MEMORY);
      String message = error.getMessage();
      assertTrue(message.contains("12,288 bytes more for 64 tokens of keys in 3 layers"), message);
      assertTrue(message.contains("fewer sequences"), message);
      pool.close();
    }
  }

  private int[] ints(DevicePointer from, int count) {
    int[] values = new int[count];
    driver.copyToHost(MemorySegment.ofArray(values), from);
    return values;
  }

  @Test
  public void tablesSayWhereRowsAndPagesAre() {
    try (CudaPagePool pool = pool(scheme(4, 16, 0, 0, false));
        SpanTables tables = new SpanTables(kernels)) {
      CudaKvCache long1 = pool.newCache();
      long1.reserve(0, 63);
      CudaKvCache short2 = pool.newCache();
      List<Span> spans = List.of(new Span(long1, 63, 1, 3), new Span(short2, 0, 5, 1));
      tables.prepare(spans, 7);
      assertEquals(ints(tables.positions(), 7), new int[] {-1, 63, 64, 65, -1, 0, -1});
      assertEquals(ints(tables.spanOfRow(), 7), new int[] {-1, 0, 0, 0, -1, 1, -1});
      assertEquals(ints(tables.spans(), 8), new int[] {1, 63, 3, 0, 5, 0, 1, 2});
      long[] pages = new long[12];
      driver.copyToHost(MemorySegment.ofArray(pages), tables.pages());
      long[] expected = {
        0, at(long1, Side.PACKED_KEYS, 0), at(long1, Side.EXACT_VALUES, 0), 0,
        0, at(long1, Side.PACKED_KEYS, 1), at(long1, Side.EXACT_VALUES, 1), 0,
        0, at(short2, Side.PACKED_KEYS, 0), at(short2, Side.EXACT_VALUES, 0), 0
      };
      assertEquals(pages, expected);
      assertEquals(tables.mostTokens(), 3);
      assertEquals(tables.end(), 66);
    }
  }

  private static long at(CudaKvCache cache, Side side, int page) {
    return cache.page(side, page).orElseThrow().address();
  }

  @Test
  public void addressesStayAndTheSameListIsFree() {
    try (CudaPagePool pool = pool(Optional.empty());
        SpanTables tables = new SpanTables(kernels)) {
      CudaKvCache cache = pool.newCache();
      tables.prepare(List.of(new Span(cache, 0, 0, 3)), 3);
      DevicePointer positions = tables.positions();
      driver.synchronize();
      // Were the tables uploaded again, this would be overwritten.
      driver.copyToDevice(positions, MemorySegment.ofArray(new int[] {99}));
      tables.prepare(List.of(new Span(cache, 0, 0, 3)), 3);
      assertEquals(ints(positions, 2), new int[] {99, 1});
      // A fork shares the page, so that it must be copied before it is written.
      CudaKvCache fork = cache.fork();
      cache.advance(3);
      CudaKvCache second = cache.fork();
      tables.prepare(List.of(new Span(cache, 0, 0, 3)), 3);
      assertEquals(ints(positions, 2), new int[] {0, 1});
      assertNotEquals(cache.page(Side.EXACT_KEYS, 0), second.page(Side.EXACT_KEYS, 0));
      for (int step = 3; step < 9; step++) {
        tables.prepare(List.of(new Span(cache, step, 0, 1)), 1);
        assertEquals(tables.positions(), positions);
      }
      assertEquals(ints(positions, 1), new int[] {8});
      assertEquals(fork.bytes(), 0);
    }
  }

  @Test
  public void wrongSpansAreRefused() {
    try (CudaPagePool pool = pool(Optional.empty());
        CudaPagePool other = pool(scheme(4, 4, 0, 0, false));
        SpanTables tables = new SpanTables(kernels)) {
      CudaKvCache cache = pool.newCache();
      refused(tables, "does not lie in a batch of 2 rows", new Span(cache, 0, 1, 2));
      refused(tables, "does not lie in a batch", new Span(cache, 0, 0, 0));
      refused(
          tables, "row 1 is in spans 0 and 1", new Span(cache, 0, 0, 2), new Span(cache, 2, 1, 1));
      tables.prepare(List.of(new Span(cache, 0, 0, 1), new Span(other.newCache(), 0, 1, 1)), 2);
      expectThrows(IllegalArgumentException.class, tables::pool);
    }
  }

  private static void refused(SpanTables tables, String part, Span... spans) {
    IllegalArgumentException error =
        expectThrows(IllegalArgumentException.class, () -> tables.prepare(List.of(spans), 2));
    assertTrue(error.getMessage().contains(part), error.getMessage());
    expectThrows(IllegalStateException.class, tables::rows);
  }
}
