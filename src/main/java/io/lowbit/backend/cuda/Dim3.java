// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

/**
 * Extent of a grid in blocks or of a block in threads.
 *
 * @param x fastest varying, at least 1
 * @param y at least 1
 * @param z at least 1
 */
public record Dim3(int x, int y, int z) {
  /** Refuses extents below one. */
  public Dim3 {
    if (x < 1 || y < 1 || z < 1) {
      throw new IllegalArgumentException(
          "an extent of %d x %d x %d has no element; every part must be at least 1"
              .formatted(x, y, z));
    }
  }

  /** A line of {@code x}. */
  public static Dim3 of(int x) {
    return new Dim3(x, 1, 1);
  }

  /** A plane of {@code x} by {@code y}. */
  public static Dim3 of(int x, int y) {
    return new Dim3(x, y, 1);
  }

  /** Number of elements. */
  public long count() {
    return (long) x * y * z;
  }

  @Override
  public String toString() {
    return "(%d, %d, %d)".formatted(x, y, z);
  }
}
