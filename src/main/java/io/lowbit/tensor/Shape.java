// SPDX-License-Identifier: Apache-2.0
package io.lowbit.tensor;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * Dimensions of a row-major tensor; the last one is contiguous. Zero dimensions mean one element.
 */
public final class Shape {
  private final long[] dimensions;
  private final long elements;

  private Shape(long[] dimensions) {
    this.dimensions = dimensions;
    long product = 1;
    for (long dimension : dimensions) {
      if (dimension < 0) {
        throw new IllegalArgumentException("negative dimension in shape " + this);
      }
      try {
        product = Math.multiplyExact(product, dimension);
      } catch (ArithmeticException e) {
        throw new IllegalArgumentException("shape " + this + " has more than 2^63 elements", e);
      }
    }
    this.elements = product;
  }

  /**
   * Makes a shape.
   *
   * @throws IllegalArgumentException if a dimension is negative or the element count exceeds 63
   *     bits
   */
  public static Shape of(long... dimensions) {
    return new Shape(dimensions.clone());
  }

  /** Number of dimensions. */
  public int rank() {
    return dimensions.length;
  }

  /** Size of dimension {@code index}, counted from the outermost. */
  public long dimension(int index) {
    return dimensions[index];
  }

  /** All dimensions, outermost first. */
  public long[] dimensions() {
    return dimensions.clone();
  }

  /** Number of elements. */
  public long elements() {
    return elements;
  }

  /** Size of the last dimension; 1 for a scalar. */
  public long columns() {
    return dimensions.length == 0 ? 1 : dimensions[dimensions.length - 1];
  }

  /** Product of all dimensions but the last. */
  public long rows() {
    long rows = 1;
    for (int i = 0; i < dimensions.length - 1; i++) {
      rows *= dimensions[i];
    }
    return rows;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape shape && Arrays.equals(dimensions, shape.dimensions);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(dimensions);
  }

  /** For example {@code [32000, 4096]}. */
  @Override
  public String toString() {
    return Arrays.stream(dimensions)
        .mapToObj(Long::toString)
        .collect(Collectors.joining(", ", "[", "]"));
  }
}
