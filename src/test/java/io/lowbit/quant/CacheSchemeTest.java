// SPDX-License-Identifier: Apache-2.0
package io.lowbit.quant;

import static org.testng.Assert.assertEquals;

import io.lowbit.tensor.DType;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

public class CacheSchemeTest {
  /**
   * Scheme, position of the query, keys and values it reads quantized, and the first position that
   * is needed exactly once the query's token is stored too. Counted by hand.
   */
  @DataProvider
  public Object[][] forms() {
    return new Object[][] {
      {"kv4", 0, 1, 1, 1},
      {"kv4", 99, 100, 100, 100},
      // The current token is exact; the next query reads none of these exactly.
      {"kv4r1", 0, 0, 0, 1},
      {"kv4r1", 7, 7, 7, 8},
      // Ten tokens, 0 to 9: of these 7, 8 and 9 are exact; the next query reads 8, 9 and itself.
      {"kv4r3", 1, 0, 0, 0},
      {"kv4r3", 2, 0, 0, 1},
      {"kv4r3", 9, 7, 7, 8},
      {"k16v4r3", 9, 0, 7, 8},
      {"k4v16r3", 9, 7, 0, 8},
      {"kv16r3", 9, 0, 0, 10},
      {"kv4r128", 126, 0, 0, 0},
      {"kv4r128", 127, 0, 0, 1},
      {"kv4r128", 128, 1, 1, 2},
      // Blocks of 32 tokens, each flushed when it is full; values have no window.
      {"kv2-kivi", 30, 0, 31, 0},
      {"kv2-kivi", 31, 32, 32, 32},
      {"kv2-kivi", 32, 32, 33, 32},
      {"kv2-kivi", 63, 64, 64, 64},
      // A window of 33 to 64 tokens is two blocks.
      {"kv2r33-kivi", 62, 0, 30, 0},
      {"kv2r33-kivi", 63, 64, 31, 32},
      {"kv2r33-kivi", 64, 64, 32, 33},
      {"kv2r33-kivi", 126, 64, 94, 64},
      {"kv2r33-kivi", 127, 128, 95, 96},
      {"kv2g16-kivi", 46, 32, 47, 32},
      {"kv2g16r8-kivi", 47, 48, 40, 41},
      {"kv2g64r128-kivi", 127, 128, 0, 1},
      {"k2v16r8-kivi", 40, 32, 0, 32},
      {"k16v2r8-kivi", 40, 0, 33, 34},
    };
  }

  @Test(dataProvider = "forms")
  public void aPositionSaysWhatIsReadQuantized(
      String text, int position, int keys, int values, int exactFrom) {
    CacheScheme scheme = scheme(text);
    assertEquals(scheme.quantizedKeys(position), keys, "keys");
    assertEquals(scheme.quantizedValues(position), values, "values");
    assertEquals(scheme.exactFrom(position + 1), exactFrom, "exact from");
  }

  @DataProvider
  public Object[][] blocks() {
    return new Object[][] {
      {"kv2-kivi", 32, 32},
      {"kv2r32-kivi", 32, 32},
      {"kv2r128-kivi", 32, 128},
      {"kv2r129-kivi", 32, 160},
      {"kv2g16r1-kivi", 16, 16},
      {"kv2g64r65-kivi", 64, 128},
    };
  }

  @Test(dataProvider = "blocks")
  public void keysPerChannelAreFlushedInWholeBlocks(String text, int block, int flushed) {
    CacheScheme scheme = scheme(text);
    assertEquals(scheme.keyBlock(), block);
    assertEquals(scheme.flushedKeys(), flushed);
  }

  @DataProvider
  public Object[][] exactForms() {
    return new Object[][] {
      {"kv4", false, false},
      {"kv4r8", true, true},
      {"k16v4r8", false, true},
      {"k4v16r8", true, false},
      {"kv16r8", false, false},
      {"kv2-kivi", true, false},
      {"k16v2-kivi", false, false},
    };
  }

  @Test(dataProvider = "exactForms")
  public void onlyWhatIsQuantizedLaterIsKeptExactly(String text, boolean keys, boolean values) {
    CacheScheme scheme = scheme(text);
    assertEquals(scheme.keepsExactKeys(), keys, "keys");
    assertEquals(scheme.keepsExactValues(), values, "values");
  }

  /** The keys' group runs along the tokens, the values' along the head. */
  @Test
  public void keysPerChannelHaveGridsOverTheirBlock() {
    CacheScheme scheme = scheme("kv2-kivi");
    assertEquals(scheme.keyGrid(DType.F32).groupSize(), 32);
    assertEquals(scheme.valueGrid(DType.F32).groupSize(), 0);
    CacheScheme grouped = scheme("k3v2g64-kivi-s32");
    assertEquals(grouped.keyGrid(DType.F32).groupSize(), 64);
    assertEquals(grouped.keyGrid(DType.F32).bits(), 3);
    assertEquals(grouped.valueGrid(DType.F32).groupSize(), 64);
    assertEquals(grouped.keyGrid(DType.F16).scaleType(), DType.F32);
  }

  private static CacheScheme scheme(String text) {
    return Scheme.parse(text).cache().orElseThrow();
  }
}
