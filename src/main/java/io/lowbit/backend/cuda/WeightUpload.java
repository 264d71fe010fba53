// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import io.lowbit.quant.ActivationScheme;
import io.lowbit.quant.Arithmetic;
import io.lowbit.quant.GroupedInteger;
import io.lowbit.quant.IntegerGrid;
import io.lowbit.quant.QuantizedTensor;
import io.lowbit.quant.RoundToNearest;
import io.lowbit.tensor.BFloat16;
import io.lowbit.tensor.DType;
import io.lowbit.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Optional;

/** Brings weights to the device in the form that suits the kernel that will use them. */
final class WeightUpload {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  // Host memory for rows on their way.
  private static final long STAGING_BYTES = 32 << 20;

  private final Kernels kernels;
  private final DType base;
  private final WeightQuantizer quantizer;

  WeightUpload(Kernels kernels, DType base) {
    this.kernels = kernels;
    this.quantizer = new WeightQuantizer(kernels);
    this.base = base;
  }

  /** Writes rows as fp32. */
  @FunctionalInterface
  private interface Rows {
    void read(long row, float[] into);
  }

  /**
   * A dense weight, rounded to the base type.
   *
   * @throws IllegalArgumentException if it is no matrix of floats, or a value does not fit F16
   */
  CudaWeight dense(Tensor matrix) {
    if (!matrix.type().isFloat() || matrix.shape().rank() != 2) {
      throw new IllegalArgumentException(
          "a weight is a matrix of floating point numbers, not %s %s"
              .formatted(matrix.type(), matrix.shape()));
    }
    int rows = Math.toIntExact(matrix.shape().dimension(0));
    int columns = Math.toIntExact(matrix.shape().dimension(1));
    return dense(rows, columns, (row, into) -> matrix.read(row * columns, into, 0, columns));
  }

  /**
   * A dense weight rounded to nearest: on the device where the result is packed there and the type
   * is one that its kernel reads.
   */
  CudaWeight quantized(
      String name, Tensor matrix, IntegerGrid grid, Optional<ActivationScheme> inputs) {
    boolean onDevice =
        inputs.isEmpty()
            && grid.arithmetic() == Arithmetic.EXACT
            && matrix.shape().rank() == 2
            && matrix.shape().elements() > 0
            && WeightSource.TYPES.contains(matrix.type())
            && grid.divides(matrix.shape().columns())
            && PackedWeight.suits(
                grid.effectiveGroup(matrix.shape().columns()), matrix.shape().columns());
    if (!onDevice) {
      return packed(RoundToNearest.quantize(name, matrix, grid), inputs);
    }
    int rows = Math.toIntExact(matrix.shape().dimension(0));
    int columns = Math.toIntExact(matrix.shape().dimension(1));
    FragmentLayout layout =
        new FragmentLayout(PackedWeight.containerBits(grid.bits()), rows, columns);
    int group = grid.effectiveGroup(columns);
    String what = "tensor '%s' on its way to %d bits".formatted(name, grid.bits());
    try (DeviceMemory dense = DeviceHeap.allocate(kernels, matrix.data().byteSize(), what)) {
      kernels.driver().copyToDevice(dense.pointer(), matrix.data());
      PackedWeight weight =
          PackedWeight.allocate(kernels.driver(), layout, group, grid.scaleType());
      try {
        WeightSource source = WeightSource.of(name, dense.pointer(), matrix.type(), rows, columns);
        quantizer.quantize(source, grid, weight.codes(), weight.grids());
        return new CudaWeight.Packed(weight);
      } catch (RuntimeException | Error e) {
        weight.close();
        throw e;
      }
    } catch (GpuException e) {
      throw DeviceHeap.explained(kernels.driver(), e, layout.codeBytes(), what);
    }
  }

  /** A packed weight: as integers, as codes, or dequantized where there is no kernel for it. */
  CudaWeight packed(QuantizedTensor matrix, Optional<ActivationScheme> inputs) {
    try {
      return inSuitableForm(matrix, inputs);
    } catch (GpuException e) {
      String what = "the codes of a %s weight".formatted(shape(matrix));
      throw DeviceHeap.explained(kernels.driver(), e, matrix.bytes(), what);
    }
  }

  private CudaWeight inSuitableForm(QuantizedTensor matrix, Optional<ActivationScheme> inputs) {
    if (inputs.isPresent()) {
      return new CudaWeight.Integers(integers(matrix, inputs.get()));
    }
    if (matrix instanceof GroupedInteger codes
        && !codes.grid().roundsValues()
        && PackedWeight.supports(codes)) {
      return new CudaWeight.Packed(PackedWeight.upload(kernels.driver(), codes));
    }
    int columns = Math.toIntExact(matrix.columns());
    return dense(
        Math.toIntExact(matrix.rows()),
        columns,
        (row, into) -> matrix.dequantize(row, 0, columns, into, 0));
  }

  private IntegerWeight integers(QuantizedTensor matrix, ActivationScheme inputs) {
    if (inputs.arithmetic() == Arithmetic.COMPAT) {
      throw new IllegalArgumentException(
          "compat arithmetic with quantized activations runs on the CPU only; use --backend cpu");
    }
    if (matrix instanceof GroupedInteger codes && IntegerWeight.supports(codes)) {
      return IntegerWeight.upload(kernels.driver(), codes);
    }
    throw new IllegalArgumentException(
        "a weight %s cannot be multiplied with integer activations on the GPU: groups must be the whole row or a multiple of 32; use another group or --backend cpu"
            .formatted(describe(matrix)));
  }

  private static String describe(QuantizedTensor matrix) {
    String shape = shape(matrix);
    return matrix instanceof GroupedInteger codes
        ? "%s of %d bits in groups of %d"
            .formatted(shape, codes.grid().bits(), codes.grid().effectiveGroup(codes.columns()))
        : shape + " of " + matrix.getClass().getSimpleName();
  }

  private static String shape(QuantizedTensor matrix) {
    return "[%d, %d]".formatted(matrix.rows(), matrix.columns());
  }

  private CudaWeight dense(int rows, int columns, Rows source) {
    long bytes = DeviceMatrix.bytes(rows, columns);
    DeviceMemory memory =
        DeviceHeap.allocate(
            kernels, bytes, "a %,d x %,d weight in %s".formatted(rows, columns, base));
    try {
      DeviceMatrix target = DeviceMatrix.of(memory.pointer(), rows, columns, base);
      long rowBytes = 2L * target.stride();
      int step = Math.clamp(STAGING_BYTES / rowBytes, 1, rows);
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment staging = arena.allocate(step * rowBytes, 64);
        float[] values = new float[columns];
        for (int first = 0; first < rows; first += step) {
          int count = Math.min(step, rows - first);
          for (int row = 0; row < count; row++) {
            source.read(first + row, values);
            write(values, staging, row * rowBytes);
          }
          kernels
              .driver()
              .copyToDevice(target.rows(first, count).data(), staging.asSlice(0, count * rowBytes));
        }
      }
      return new CudaWeight.Dense(target, memory);
    } catch (RuntimeException | Error e) {
      memory.close();
      throw e;
    }
  }

  private void write(float[] values, MemorySegment into, long at) {
    for (int i = 0; i < values.length; i++) {
      short bits;
      if (base == DType.F16) {
        bits = Float.floatToFloat16(values[i]);
        if (Float.isInfinite(Float.float16ToFloat(bits)) && Float.isFinite(values[i])) {
          throw new IllegalArgumentException(
              "a weight has the value %s, too large for F16; use the base bf16"
                  .formatted(values[i]));
        }
      } else {
        bits = BFloat16.fromFloat(values[i]);
      }
      into.set(SHORT, at + 2L * i, bits);
    }
  }
}
