// SPDX-License-Identifier: Apache-2.0
package io.lowbit.quant;

import static org.testng.Assert.assertEquals;

import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * Blocks written by hand, with values from each format's formula. The fp16 patterns used: 0038 =
 * 0.5, 0040 = 2, 003c = 1, 00bc = -1. golden/formats/gguf holds the exhaustive cases.
 */
public class GgufTypeTest {
  /** Type, bytes in hexadecimal, pairs of position and value. */
  @DataProvider
  public Object[][] blocks() {
    return new Object[][] {
      // Low nibble 1 and high nibble 15 in byte 0: (1 - 8) / 2 and (15 - 8) / 2.
      {GgufType.Q4_0, "0038" + "f1" + "88".repeat(15), new float[] {0, -3.5f, 16, 3.5f, 1, 0}},
      // q / 2 - 1.
      {
        GgufType.Q4_1,
        "0038" + "00bc" + "f1" + "00".repeat(15),
        new float[] {0, -.5f, 16, 6.5f, 1, -1}
      },
      // Fifth bits of weights 0 and 31: (17 - 16) / 2, (16 - 16) / 2, (0 - 16) / 2.
      {
        GgufType.Q5_0,
        "0038" + "01000080" + "01" + "00".repeat(15),
        new float[] {0, .5f, 31, 0, 1, -8}
      },
      {
        GgufType.Q5_1,
        "0038" + "00bc" + "01000080" + "01" + "00".repeat(15),
        new float[] {0, 7.5f, 31, 7, 1, -1}
      },
      {GgufType.Q8_0, "0038" + "807f" + "00".repeat(30), new float[] {0, -64, 1, 63.5f, 2, 0}},
      // Scale 3 and minimum 2 of sub-block 0; code 3 of weight 0: 2 * 3 * 3 - 1 * 2.
      {
        GgufType.Q2_K,
        "23" + "00".repeat(15) + "03" + "00".repeat(63) + "0040" + "003c",
        new float[] {0, 16, 1, -2, 16, 0}
      },
      // Scale of sub-block 0: low 1, high 2 = 33; weight 0 has its third bit: 2 * 1 * (3 + 4 - 4).
      {
        GgufType.Q3_K,
        "01"
            + "00".repeat(31)
            + "03"
            + "00".repeat(63)
            + "01"
            + "00".repeat(7)
            + "02000000"
            + "0040",
        new float[] {0, 6, 1, -8, 16, 256}
      },
      // Sub-block 0: scale 3, minimum 2. Sub-block 4: scale 0x12 = 18 by nibble 2 and top bits 1.
      {
        GgufType.Q4_K,
        "0040"
            + "003c"
            + "43000000"
            + "02000000"
            + "02000000"
            + "05"
            + "00".repeat(63)
            + "01"
            + "00".repeat(63),
        new float[] {0, 28, 1, -2, 128, 36}
      },
      // As before with a fifth bit at weight 0: 2 * 3 * (5 + 16) - 2.
      {
        GgufType.Q5_K,
        "0040"
            + "003c"
            + "43000000"
            + "02000000"
            + "02000000"
            + "01"
            + "00".repeat(31)
            + "05"
            + "00".repeat(127),
        new float[] {0, 124, 1, -2}
      },
      // Scale -1 in sub-block 0; code 1 + 2 * 16 = 33: 2 * -1 * (33 - 32).
      {
        GgufType.Q6_K,
        "01" + "00".repeat(127) + "02" + "00".repeat(63) + "ff" + "00".repeat(15) + "0040",
        new float[] {0, -2, 1, 64, 16, 0}
      },
      {
        GgufType.IQ4_NL, "0038" + "f0" + "88".repeat(15), new float[] {0, -63.5f, 16, 56.5f, 1, .5f}
      },
      // Scale of sub-block 0: 1 + 16 * 2 = 33.
      {
        GgufType.IQ4_XS,
        "0040" + "0200" + "01000000" + "f0" + "00".repeat(127),
        new float[] {0, -254, 16, 226, 32, 8128}
      },
      // Base-3 digits 2, 1, 0, 0, 0: 189 / 243 of 256, rounded up = 200.
      {GgufType.TQ1_0, "c8" + "00".repeat(51) + "0040", new float[] {0, 2, 32, 0, 64, -2}},
      {GgufType.TQ2_0, "09" + "00".repeat(63) + "0040", new float[] {0, 0, 32, 2, 64, -2}},
      // 2^(128 - 127) * {0.5, -6}.
      {GgufType.MXFP4, "80" + "f1" + "00".repeat(15), new float[] {0, 1, 16, -12, 1, 0}},
      // E4M3 0x40 = 2, 0x01 = 2^-9.
      {
        GgufType.NVFP4,
        "40010000" + "f1" + "00".repeat(7) + "02" + "00".repeat(23),
        new float[] {0, 1, 8, -12, 16, 0x1p-9f}
      },
      {GgufType.Q1_0, "0040" + "01" + "00".repeat(14) + "80", new float[] {0, 2, 1, -2, 127, 2}},
    };
  }

  @Test(dataProvider = "blocks")
  public void aBlockFollowsItsFormula(GgufType type, String hex, float[] expected) {
    byte[] block = HexFormat.of().parseHex(hex);
    assertEquals(block.length, type.blockBytes(), "the test's own block");
    float[] values = new float[2 * type.blockSize()];
    byte[] two = new byte[2 * block.length];
    System.arraycopy(block, 0, two, 0, block.length);
    System.arraycopy(block, 0, two, block.length, block.length);
    type.dequantize(MemorySegment.ofArray(two), 0, 0, values.length, values, 0);
    for (int i = 0; i < expected.length; i += 2) {
      int at = (int) expected[i];
      assertEquals(values[at], expected[i + 1], 0f, "weight " + at);
      assertEquals(values[type.blockSize() + at], expected[i + 1], 0f, "second block, " + at);
    }
  }

  @Test(dataProvider = "blocks")
  public void aRowIsFoundByItsOffset(GgufType type, String hex, float[] expected) {
    byte[] block = HexFormat.of().parseHex(hex);
    byte[] after = new byte[block.length + type.blockBytes()];
    System.arraycopy(block, 0, after, type.blockBytes(), block.length);
    GgufBlocks matrix = new GgufBlocks(type, 2, type.blockSize(), MemorySegment.ofArray(after));
    float[] one = new float[1];
    matrix.dequantize(1, (int) expected[2], 1, one, 0);
    assertEquals(one[0], expected[3], 0f);
  }
}
