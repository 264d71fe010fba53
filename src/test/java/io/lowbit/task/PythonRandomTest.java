// SPDX-License-Identifier: Apache-2.0
package io.lowbit.task;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertThrows;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Values printed by CPython's random module. */
public class PythonRandomTest {
  @Test
  public void firstOutputsOfSeed1234() {
    PythonRandom random = new PythonRandom(1234);
    for (long expected :
        new long[] {4150886329L, 3342196574L, 1892932127L, 501869158L, 32175636L}) {
      assertEquals(random.getRandBits(32), expected);
    }
  }

  @DataProvider
  public Object[][] samples() {
    return new Object[][] {
      {20, 5, new int[][] {{14, 3, 0, 2, 1}, {2, 3, 11, 7, 0}}},
      {100, 5, new int[][] {{99, 56, 14, 0, 11}}},
      {
        7473,
        5,
        new int[][] {
          {6374, 3610, 957, 61, 742}, {7462, 6610, 4769, 286, 5501}, {5677, 687, 806, 6279, 2905}
        }
      },
      {1119, 25, new int[][] {{902, 239, 15, 185, 71}, {954, 140, 182, 1054, 94}}},
      {
        39905,
        11,
        new int[][] {{28883, 7657, 490, 5940}, {2019, 1038, 22681, 31735}, {31899, 16372, 4231}}
      },
      {40398, 6, new int[][] {{28883, 7657, 490, 5940, 38156}, {5500, 6450, 23241, 15519, 1142}}},
      {16113, 6, new int[][] {{15834, 12749, 7220, 1914, 122}, {14925, 15442, 15388, 13221, 9539}}},
    };
  }

  @Test(dataProvider = "samples")
  public void samplesBeginLikePythons(int population, int count, int[][] expected) {
    PythonRandom random = new PythonRandom(1234);
    for (int[] beginning : expected) {
      int[] drawn = random.sample(population, count);
      assertEquals(Arrays.copyOf(drawn, beginning.length), beginning);
    }
  }

  /** {@code random.Random(42)}: random(), choices, shuffle, printed by CPython 3.12. */
  @Test
  public void floatsChoicesAndShuffle() {
    PythonRandom random = new PythonRandom(42);
    assertEquals(random.random(), 0.6394267984578837);
    assertEquals(random.random(), 0.025010755222666936);
    assertEquals(new PythonRandom(42).choices(10, 5), new int[] {6, 0, 2, 2, 7});
    List<Integer> values = new ArrayList<>(List.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9));
    new PythonRandom(42).shuffle(values);
    assertEquals(values, List.of(7, 3, 2, 8, 5, 6, 9, 4, 0, 1));
  }

  /** A seed of more than 32 bits takes two key words. */
  @Test
  public void longSeed() {
    assertEquals(new PythonRandom(1L << 40).random(), 0.1036394562812375);
  }

  @Test
  public void cannotDrawMoreThanThereIs() {
    assertThrows(IllegalArgumentException.class, () -> new PythonRandom(1).sample(3, 4));
  }
}
