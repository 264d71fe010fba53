// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertNotSame;
import static org.testng.Assert.assertSame;

import java.util.Arrays;
import org.testng.annotations.Test;

/** Arrays that are used again come back as new, and no more are kept than were in use. */
public class ArrayPoolTest {
  private static final int SIZE = 3 * ArrayPool.SMALLEST;

  @Test
  public void anArrayComesBackZero() {
    ArrayPool pool = new ArrayPool();
    float[] first = pool.take(SIZE);
    Arrays.fill(first, 7);
    pool.give(first);
    float[] second = pool.take(SIZE - 100);
    assertSame(second, first);
    for (int i = 0; i < SIZE - 100; i++) {
      assertEquals(second[i], 0f, "value " + i);
    }
  }

  @Test
  public void aMuchLargerArrayIsNotSpentOnASmallOne() {
    ArrayPool pool = new ArrayPool();
    float[] large = pool.take(SIZE);
    pool.give(large);
    assertNotSame(pool.take(ArrayPool.SMALLEST), large);
  }

  @Test
  public void shortArraysAreNotKept() {
    ArrayPool pool = new ArrayPool();
    float[] small = pool.take(ArrayPool.SMALLEST - 1);
    pool.give(small);
    assertNotSame(pool.take(ArrayPool.SMALLEST - 1), small);
  }

  /** Only four times the size was in use at a time, and a quarter of that is kept already. */
  @Test
  public void noMoreIsKeptThanWasInUse() {
    ArrayPool pool = new ArrayPool();
    float[] first = pool.take(SIZE);
    pool.give(first);
    float[] larger = pool.take(4 * SIZE);
    pool.give(larger);
    assertNotSame(pool.take(4 * SIZE), larger);
    assertSame(pool.take(SIZE), first);
  }
}
