// SPDX-License-Identifier: Apache-2.0
package io.lowbit.quant;

import static org.testng.Assert.assertEquals;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.testng.annotations.Test;

public class CodePackingTest {
  /** 3-bit codes 1, 2, 3, 4, 5 from the lowest bit: 0b1_011_010_001 and the rest of 4, then 5. */
  @Test
  public void bitsLieLowestFirst() {
    byte[] packed = new byte[2];
    CodePacking.pack(new byte[] {1, 2, 3, 4, 5}, 0, 5, 3, MemorySegment.ofArray(packed), 0);
    assertEquals(packed, new byte[] {(byte) 0b11_010_001, 0b0_101_100_0});
  }

  @Test
  public void packedRowsComeBack() {
    SplittableRandom random = new SplittableRandom(1);
    for (int bits = 1; bits <= 8; bits++) {
      for (int count : new int[] {1, 7, 8, 9, 15, 16, 17, 63, 172}) {
        byte[] codes = new byte[count];
        for (int i = 0; i < count; i++) {
          codes[i] = (byte) random.nextInt(1 << bits);
        }
        int bytes = Math.toIntExact(GroupedInteger.rowBytes(count, bits));
        // Rows in the middle of a segment: neighbours stay as they are.
        byte[] packed = new byte[bytes + 2];
        Arrays.fill(packed, (byte) 0x55);
        MemorySegment segment = MemorySegment.ofArray(packed);
        CodePacking.pack(codes, 0, count, bits, segment, 1);
        assertEquals(packed[0], 0x55);
        assertEquals(packed[bytes + 1], 0x55);
        for (int from = 0; from < Math.min(count, 10); from++) {
          byte[] piece = new byte[count - from];
          CodePacking.unpack(segment.asSlice(0, bytes + 1L), 1, from, piece.length, bits, piece, 0);
          assertEquals(piece, Arrays.copyOfRange(codes, from, count), bits + " bits");
          assertEquals(CodePacking.code(segment, 1, from, bits), codes[from] & 0xFF);
        }
      }
    }
  }
}
