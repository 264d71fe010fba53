// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.expectThrows;

import java.util.BitSet;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

public class FragmentLayoutTest {
  /** Worked out by hand from the definition of the mma operand: row, column, then the place. */
  @DataProvider
  Object[][] nibbles() {
    // row, column, lane, word, nibble
    return new Object[][] {
      {0, 0, 0, 0, 0},
      {0, 1, 0, 0, 4},
      {8, 0, 0, 0, 1},
      {8, 1, 0, 0, 5},
      {0, 8, 0, 0, 2},
      {0, 9, 0, 0, 6},
      {8, 8, 0, 0, 3},
      {15, 15, 31, 0, 7},
      {0, 2, 1, 0, 0},
      {3, 6, 15, 0, 0},
      {1, 16, 4, 1, 0},
      {12, 45, 18, 2, 7},
      {7, 63, 31, 3, 6},
    };
  }

  @Test(dataProvider = "nibbles")
  public void nibbleOfACode(int row, int column, int lane, int word, int nibble) {
    FragmentLayout layout = new FragmentLayout(4, 64, 64);
    assertEquals(layout.bitInStrip(row, column), 8 * (16 * lane + 4 * word) + 4 * nibble);
  }

  /** The same for bytes. */
  @DataProvider
  Object[][] bytes() {
    // row, column, half, lane, word, byte
    return new Object[][] {
      {0, 0, 0, 0, 0, 0},
      {0, 1, 0, 0, 0, 1},
      {8, 0, 0, 0, 0, 2},
      {8, 1, 0, 0, 0, 3},
      {0, 8, 0, 0, 1, 0},
      {8, 9, 0, 0, 1, 3},
      {0, 16, 0, 0, 2, 0},
      {0, 24, 0, 0, 3, 0},
      {5, 4, 0, 22, 0, 0},
      {0, 32, 1, 0, 0, 0},
      {12, 45, 1, 18, 1, 3},
      {15, 63, 1, 31, 3, 3},
    };
  }

  @Test(dataProvider = "bytes")
  public void byteOfACode(int row, int column, int half, int lane, int word, int place) {
    FragmentLayout layout = new FragmentLayout(8, 64, 64);
    int bytes = ((half * 32 + lane) * 4 + word) * 4 + place;
    assertEquals(layout.bitInStrip(row, column), 8 * bytes);
  }

  @Test
  public void everyPlaceIsTakenOnce() {
    for (int bits : new int[] {4, 8}) {
      FragmentLayout layout = new FragmentLayout(bits, 64, 64);
      BitSet taken = new BitSet();
      for (int row = 0; row < 16; row++) {
        for (int column = 0; column < 64; column++) {
          taken.set(layout.bitInStrip(row, column));
        }
      }
      assertEquals(taken.cardinality(), 16 * 64);
      assertEquals(taken.length(), 16 * 64 * bits - bits + 1);
    }
  }

  @Test
  public void stripsAndPairs() {
    // Two tiles of rows, three of columns; a strip's part takes 512 bytes.
    FragmentLayout layout = new FragmentLayout(4, 100, 130);
    assertEquals(layout.strips(), 8);
    assertEquals(layout.codeBytes(), 2 * 3 * 4 * 512);
    assertEquals(layout.stripByte(1, 0), 512);
    assertEquals(layout.stripByte(0, 1), 4 * 512);
    assertEquals(layout.stripByte(6, 2), ((3 + 2) * 4 + 2) * 512);
    assertEquals(new FragmentLayout(8, 100, 130).stripByte(6, 2), ((3 + 2) * 4 + 2) * 1024);
    assertEquals(layout.gridBytes(5, 2), 8 * 5 * 16 * 4);
    assertEquals(FragmentLayout.pair(17, 3, 5), (1 * 5 + 3) * 16 + 1);
    // More than fits an int: 2^18 strips of 2^9 tiles.
    FragmentLayout large = new FragmentLayout(8, 1 << 22, 1 << 15);
    assertEquals(large.codeBytes(), 1L << 37);
    assertEquals(large.stripByte((1 << 18) - 1, 511), (1L << 37) - 1024);
  }

  @Test
  public void otherContainersAreRefused() {
    assertEquals(
        expectThrows(IllegalArgumentException.class, () -> new FragmentLayout(5, 1, 1))
            .getMessage(),
        "packed codes take 4 or 8 bits, not 5");
    expectThrows(IllegalArgumentException.class, () -> new FragmentLayout(4, 0, 1));
  }
}
