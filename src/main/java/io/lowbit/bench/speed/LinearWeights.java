// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench.speed;

import io.lowbit.backend.cuda.DeviceMatrix;
import io.lowbit.backend.cuda.DeviceMemory;
import io.lowbit.backend.cuda.DevicePointer;
import io.lowbit.backend.cuda.FragmentLayout;
import io.lowbit.backend.cuda.IntegerWeight;
import io.lowbit.backend.cuda.PackedWeight;
import io.lowbit.backend.cuda.QuantizedRows;
import io.lowbit.quant.ActivationScheme;
import io.lowbit.quant.GroupedInteger;
import io.lowbit.quant.IntegerGrid;
import io.lowbit.quant.RoundToNearest;
import io.lowbit.quant.RowQuantizer;
import io.lowbit.quant.Scheme;
import io.lowbit.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Copies of one weight under a scheme. A weight is a block of rows, normal with deviation 0.02,
 * quantized on the CPU and repeated down the outputs: all packed forms are laid out by rows of 64
 * features, so the block's bytes are repeated as they are.
 */
final class LinearWeights {
  static final double DEVIATION = 0.02;

  private static final int BLOCK_ROWS = 256;

  private final Workbench bench;
  private final LinearShape shape;
  private final Scheme scheme;
  private final Normals block;
  private final Optional<GroupedInteger> codes;
  private final List<Copy> copies = new ArrayList<>();

  /** One weight in device memory. */
  private sealed interface Copy {
    long bytes();

    record Dense(DeviceMatrix matrix) implements Copy {
      @Override
      public long bytes() {
        return DeviceMatrix.bytes(matrix.rows(), matrix.columns());
      }
    }

    record Packed(PackedWeight weight) implements Copy {
      @Override
      public long bytes() {
        return weight.bytes();
      }
    }

    record Integers(IntegerWeight weight) implements Copy {
      @Override
      public long bytes() {
        return weight.memory().bytes();
      }
    }
  }

  /**
   * Puts copies of a weight on the device.
   *
   * @param scheme a base type, or integer weights with or without integer activations
   * @param count number of copies; empty = as many as rotation wants
   */
  LinearWeights(
      Workbench bench,
      DeviceScope scope,
      LinearShape shape,
      Scheme scheme,
      Optional<Integer> count) {
    this.bench = bench;
    this.shape = shape;
    this.scheme = scheme;
    int rows = Math.min(BLOCK_ROWS, shape.outputs());
    block = Normals.of(shape.inputs(), rows, shape.inputs(), DEVIATION, Workbench.TYPE);
    codes =
        grid(scheme)
            .map(grid ->
                RoundToNearest.quantize(
                    shape.name(), Tensor.of(block.values(), rows, shape.inputs()), grid));
    try (DeviceScope temporary = new DeviceScope(bench.kernels)) {
      Copy small = upload(temporary);
      int wanted = count.orElseGet(() -> bench.copies(small.bytes() / rows * shape.outputs()));
      for (int i = 0; i < wanted; i++) {
        copies.add(repeated(scope, small));
      }
    }
  }

  static Optional<IntegerGrid> grid(Scheme scheme) {
    return scheme
        .weights()
        .map(weights -> {
          if (weights.format() instanceof IntegerGrid grid) {
            return grid;
          }
          throw new IllegalArgumentException(
              "scheme '%s' is not timed; give integer weights or a base type".formatted(scheme));
        });
  }

  private Copy upload(DeviceScope temporary) {
    if (codes.isEmpty()) {
      return new Copy.Dense(temporary.repeated(block, block.rows()));
    }
    return scheme.activations().isPresent()
        ? new Copy.Integers(temporary.keep(IntegerWeight.upload(temporary.driver(), codes.get())))
        : new Copy.Packed(temporary.keep(PackedWeight.upload(temporary.driver(), codes.get())));
  }

  private Copy repeated(DeviceScope scope, Copy small) {
    return switch (small) {
      case Copy.Dense dense -> {
        DeviceMatrix matrix = scope.matrix(shape.outputs(), shape.inputs(), dense.matrix().type());
        repeat(scope, matrix.data(), dense.matrix().data(), small.bytes());
        yield new Copy.Dense(matrix);
      }
      case Copy.Packed(PackedWeight from) -> {
        FragmentLayout layout = new FragmentLayout(from.bits(), shape.outputs(), shape.inputs());
        PackedWeight weight =
            scope.keep(
                PackedWeight.allocate(scope.driver(), layout, from.groupSize(), from.scaleType()));
        repeat(scope, weight.codes(), from.codes(), from.codeMemory().bytes());
        repeat(scope, weight.grids(), from.grids(), from.gridMemory().bytes());
        yield new Copy.Packed(weight);
      }
      case Copy.Integers(IntegerWeight from) -> {
        long codeBytes = (long) from.rows() * from.columns();
        long gridBytes = from.memory().bytes() - codeBytes;
        DeviceMemory memory =
            scope.allocate((codeBytes + gridBytes) / from.rows() * shape.outputs());
        IntegerWeight weight =
            new IntegerWeight(
                memory, shape.outputs(), shape.inputs(), from.group(), from.wide(), from.shifted());
        repeat(scope, memory.pointer(), from.memory().pointer(), codeBytes);
        repeat(
            scope,
            memory.pointer().plus(shape.weights()),
            from.memory().pointer().plus(codeBytes),
            gridBytes);
        yield new Copy.Integers(weight);
      }
    };
  }

  /** The block's bytes, again and again, as many as all outputs have. */
  private void repeat(DeviceScope scope, DevicePointer to, DevicePointer from, long blockBytes) {
    scope.driver().copy(to, from, blockBytes);
    scope.repeat(to, blockBytes, blockBytes / block.rows() * shape.outputs());
  }

  int copies() {
    return copies.size();
  }

  /** Bytes of one copy. */
  long bytes() {
    return copies.getFirst().bytes();
  }

  LinearShape shape() {
    return shape;
  }

  /** Queues the product of a copy; see {@link Inputs} for what integers need. */
  void multiply(int copy, Inputs x, DeviceMatrix out) {
    switch (copies.get(copy)) {
      case Copy.Dense(DeviceMatrix matrix) ->
          bench.dense.run(x.values, matrix, DevicePointer.NULL, out);
      case Copy.Packed(PackedWeight weight) when weight.bits() == 4 ->
          bench.fourBits.run(x.values, weight, DevicePointer.NULL, out);
      case Copy.Packed(PackedWeight weight) ->
          bench.eightBits.run(x.values, weight, DevicePointer.NULL, out);
      case Copy.Integers(IntegerWeight weight) ->
          bench.integers.run(x.codes.orElseThrow(), weight, DevicePointer.NULL, out);
    }
  }

  /**
   * What a product reads besides the weight.
   *
   * @param values {@code [tokens, inputs]}
   * @param codes the same quantized, where the scheme has integer activations
   */
  record Inputs(DeviceMatrix values, Optional<QuantizedRows> codes) {}

  /** Inputs in place; {@link #quantize} must have run where the scheme has integer activations. */
  Inputs inputs(DeviceScope scope, DeviceMatrix x) {
    if (scheme.activations().isEmpty()) {
      return new Inputs(x, Optional.empty());
    }
    long bytes = QuantizedRows.bytes(x.rows(), x.columns(), group());
    DevicePointer memory = scope.allocate(bytes).pointer();
    return new Inputs(x, Optional.of(QuantizedRows.in(memory, x.rows(), x.columns(), group())));
  }

  /** Queues the quantization of inputs, where the scheme has integer activations. */
  void quantize(Inputs x) {
    scheme
        .activations()
        .ifPresent(activations ->
            bench.tokenQuantizer.run(
                x.values, activations.grid(Workbench.TYPE), group(), x.codes.get().codes()));
  }

  private int group() {
    return grid(scheme).orElseThrow().effectiveGroup(shape.inputs());
  }

  /**
   * The CPU's output in double precision: of what codes stand for, weights and activations alike.
   *
   * @param x row of the activations {@code [inputs]}
   */
  double reference(float[] x, int output) {
    float[] weights = new float[shape.inputs()];
    int row = output % block.rows();
    if (codes.isPresent()) {
      codes.get().dequantize(row, 0, shape.inputs(), weights, 0);
    } else {
      System.arraycopy(block.values(), row * shape.inputs(), weights, 0, shape.inputs());
    }
    float[] inputs = scheme.activations().map(a -> throughCodes(x, a)).orElse(x);
    double sum = 0;
    for (int i = 0; i < weights.length; i++) {
      sum += (double) inputs[i] * weights[i];
    }
    return sum;
  }

  static float[] throughCodes(float[] x, ActivationScheme scheme) {
    IntegerGrid grid = scheme.grid(Workbench.TYPE);
    byte[] codes = new byte[x.length];
    float[] scale = new float[1];
    int[] zero = new int[1];
    RowQuantizer.quantize(x, 0, x.length, grid, codes, 0, scale, zero, 0);
    float[] values = new float[x.length];
    RowQuantizer.dequantize(codes, 0, x.length, grid, scale, zero, 0, values, 0);
    return values;
  }
}
