// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Map;
import java.util.TreeMap;

/**
 * Large arrays that are used again. Left to the garbage collector, the buffers of one pass after
 * another fill the old generation, which Java's collectors let grow up to the heap's limit before
 * they clean it. Never holds more than was in use at one time.
 */
final class ArrayPool {
  /** Shorter arrays die young and cost nothing. */
  static final int SMALLEST = 1 << 12;

  private final TreeMap<Integer, Deque<float[]>> free = new TreeMap<>();
  private long freeValues;
  private long usedValues;
  private long peakValues;

  /** An array of at least {@code size} values, of which so many are zero. */
  synchronized float[] take(int size) {
    if (size < SMALLEST) {
      return new float[size];
    }
    Map.Entry<Integer, Deque<float[]>> fitting = free.ceilingEntry(size);
    float[] array;
    if (fitting != null && fitting.getKey() / 2 <= size) {
      array = fitting.getValue().pop();
      if (fitting.getValue().isEmpty()) {
        free.remove(fitting.getKey());
      }
      freeValues -= array.length;
      Arrays.fill(array, 0, size, 0f);
    } else {
      array = new float[size];
    }
    usedValues += array.length;
    peakValues = Math.max(peakValues, usedValues);
    return array;
  }

  /** Takes an array back. */
  synchronized void give(float[] array) {
    if (array.length < SMALLEST) {
      return;
    }
    usedValues -= array.length;
    if (usedValues + freeValues + array.length <= peakValues) {
      free.computeIfAbsent(array.length, length -> new ArrayDeque<>()).push(array);
      freeValues += array.length;
    }
  }
}
