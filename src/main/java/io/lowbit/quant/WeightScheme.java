// SPDX-License-Identifier: Apache-2.0
package io.lowbit.quant;

import io.lowbit.tensor.DType;
import io.lowbit.tensor.Shape;
import io.lowbit.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * How weight matrices become low-bit.
 *
 * @param format what the weights become. The scale type of a compat grid says nothing: there scales
 *     have the type of the tensor ({@link IntegerGrid#in})
 * @param methods in the order of the enum; empty = round to nearest
 */
public record WeightScheme(WeightFormat format, List<WeightMethod> methods) {
  /** Sorts the methods. */
  public WeightScheme {
    methods = methods.stream().sorted().distinct().toList();
  }

  /** Round to nearest on an integer grid. */
  public WeightScheme(IntegerGrid grid) {
    this(grid, List.of());
  }

  /**
   * Quantizes one matrix.
   *
   * @param tensorName for messages
   * @param matrix {@code [outputs, inputs]}, any float type
   * @param base type of everything that is not low-bit; compat computes in it
   * @param policy what to do where the groups do not divide the columns
   * @throws IllegalArgumentException as {@link RoundToNearest#quantize}, and if this version has no
   *     such format or method
   */
  public QuantizedWeight quantize(
      String tensorName, Tensor matrix, DType base, OnIndivisible policy) {
    Choice choice = choose(tensorName, matrix.shape(), base, policy);
    return new QuantizedWeight(
        RoundToNearest.quantize(tensorName, matrix, choice.grid()), choice.note());
  }

  /**
   * What a matrix is rounded to.
   *
   * @param grid the grid
   * @param note how it differs from what the scheme says, a sentence; empty if it does not
   */
  public record Choice(IntegerGrid grid, Optional<String> note) {}

  /**
   * The grid of a matrix of given shape; parameters and failures as {@link #quantize}.
   *
   * @param shape {@code [outputs, inputs]}
   */
  public Choice choose(String tensorName, Shape shape, DType base, OnIndivisible policy) {
    IntegerGrid grid = supportedGrid().in(base);
    Optional<String> note = check(tensorName, shape, policy);
    return new Choice(note.isPresent() ? grid.withGroupSize(0) : grid, note);
  }

  /**
   * Checks whether a matrix can be quantized as this says, from its shape alone.
   *
   * @return how {@link #quantize} would treat it otherwise, a sentence; empty if it would not
   * @throws IllegalArgumentException if the groups do not divide the columns and the policy allows
   *     nothing else
   */
  public Optional<String> check(String tensorName, Shape shape, OnIndivisible policy) {
    IntegerGrid grid = supportedGrid();
    if (policy == OnIndivisible.CHANNEL && !grid.divides(shape.columns())) {
      return Optional.of(
          "%s: one grid per output channel, because its %d columns do not split into groups of %d"
              .formatted(tensorName, shape.columns(), grid.groupSize()));
    }
    RoundToNearest.requireDivides(tensorName, shape, grid);
    return Optional.empty();
  }

  /** The grid, if this version can quantize to it. */
  private IntegerGrid supportedGrid() {
    if (!methods.isEmpty()) {
      throw unsupported("weight method '" + methods.getFirst().text() + "'");
    }
    return switch (format) {
      case IntegerGrid grid -> grid;
      case NamedFormat named -> throw unsupported("weight format '" + named.text() + "'");
    };
  }

  /** Checks that {@link #quantize} can do what this says. */
  void requireSupported() {
    supportedGrid();
  }

  private static IllegalArgumentException unsupported(String what) {
    return new IllegalArgumentException(
        what
            + " is not implemented; weights can be rounded to nearest: w1 to w8, with g<group>,"
            + " a<bits>, -sym, -s32");
  }
}
