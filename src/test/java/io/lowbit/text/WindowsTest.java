// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertThrows;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

public class WindowsTest {
  /** Pairs that the harness's own window function gives for tokens 1…n, length 4, prefix 0. */
  @DataProvider
  public Object[][] rolling() {
    return new Object[][] {
      {10, "[0]->[1, 2, 3, 4] [4]->[5, 6, 7, 8] [6, 7, 8]->[9, 10]"},
      {5, "[0]->[1, 2, 3, 4] [1, 2, 3, 4]->[5]"},
      {9, "[0]->[1, 2, 3, 4] [4]->[5, 6, 7, 8] [5, 6, 7, 8]->[9]"},
      {3, "[0]->[1, 2, 3]"},
      {4, "[0]->[1, 2, 3, 4]"},
      {0, ""},
    };
  }

  @Test(dataProvider = "rolling")
  public void rollingWindowsScoreEachTokenOnce(int tokens, String expected) {
    assertEquals(show(RollingWindows.of(oneTo(tokens), 0, 4)), expected);
  }

  @Test
  public void gptqDropsTheTailAndScoresAllButTheFirst() {
    assertEquals(show(TokenWindows.gptq(oneTo(9), 4)), "[1]->[2, 3, 4] [5]->[6, 7, 8]");
  }

  /** 255 targets of 512 and 127 of 256, as llama-perplexity counts. */
  @Test
  public void llamaCppScoresTheSecondHalf() {
    assertEquals(
        TokenWindows.llamaCpp(oneTo(1100), 512, OptionalInt.empty()).stream()
            .map(Request.Tokens::scored)
            .toList(),
        List.of(255, 255));
    assertEquals(
        TokenWindows.llamaCpp(oneTo(256), 256, OptionalInt.empty()).getFirst().scored(), 127);
    assertEquals(
        show(TokenWindows.llamaCpp(oneTo(9), 4, OptionalInt.of(0))),
        "[0, 2, 3]->[4] [0, 6, 7]->[8]");
  }

  @Test
  public void stridedWindowsOverlap() {
    assertEquals(
        show(TokenWindows.strided(oneTo(7), 4, 2)), "[1]->[2, 3, 4] [3, 4]->[5, 6] [5, 6]->[7]");
    assertEquals(show(TokenWindows.strided(oneTo(8), 4, 4)), "[1]->[2, 3, 4] [5]->[6, 7, 8]");
    assertEquals(show(TokenWindows.strided(oneTo(1), 4, 4)), "");
  }

  @Test
  public void aTextShorterThanAWindowIsRefused() {
    var error =
        org.testng.Assert.expectThrows(
            IllegalArgumentException.class, () -> TokenWindows.gptq(oneTo(3), 4));
    assertEquals(
        error.getMessage(),
        "the text has 3 tokens, which do not fill one window of 4; use a smaller window or a"
            + " longer text");
    assertThrows(IllegalArgumentException.class, () -> TokenWindows.gptq(oneTo(3), 1));
    assertThrows(IllegalArgumentException.class, () -> TokenWindows.strided(oneTo(3), 4, 5));
  }

  private static int[] oneTo(int count) {
    return IntStream.rangeClosed(1, count).toArray();
  }

  private static String show(List<Request.Tokens> windows) {
    return windows.stream()
        .map(window ->
            Arrays.toString(Arrays.copyOf(window.ids(), window.firstScored()))
                + "->"
                + Arrays.toString(
                    Arrays.copyOfRange(window.ids(), window.firstScored(), window.ids().length)))
        .collect(Collectors.joining(" "));
  }
}
