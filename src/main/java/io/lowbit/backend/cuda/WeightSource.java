// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import io.lowbit.tensor.DType;
import java.util.Set;

/**
 * A dense row-major weight in device memory, as it is to be quantized.
 *
 * @param name the tensor's, for messages
 * @param data first value, aligned to the type's size; rows are read fastest if they start at
 *     multiples of 16 bytes
 * @param type F16, BF16 or F32
 * @param rows N, output features
 * @param columns K, inputs
 * @param stride values from one row to the next
 */
public record WeightSource(
    String name, DevicePointer data, DType type, int rows, int columns, long stride) {
  /** What the kernels read. */
  static final Set<DType> TYPES = Set.of(DType.F16, DType.BF16, DType.F32);

  /** Refuses other types and rows that overlap. */
  public WeightSource {
    if (!TYPES.contains(type)) {
      throw new IllegalArgumentException(
          "tensor '%s' is %s; F16, BF16 and F32 are quantized on the device".formatted(name, type));
    }
    if (rows < 1 || columns < 1 || stride < columns) {
      throw new IllegalArgumentException(
          "tensor '%s' of %d rows of %d values cannot have a row every %d values"
              .formatted(name, rows, columns, stride));
    }
  }

  /** Rows without gaps. */
  public static WeightSource of(
      String name, DevicePointer data, DType type, int rows, int columns) {
    return new WeightSource(name, data, type, rows, columns, columns);
  }

  /** The rows from one on. */
  WeightSource from(int row) {
    return new WeightSource(
        name, data.plus(row * stride * type.bytes()), type, rows - row, columns, stride);
  }

  /** Whether every row starts at a multiple of 16 bytes. */
  boolean isAligned() {
    return data.address() % 16 == 0 && stride * type.bytes() % 16 == 0;
  }

  /** How kernels' entries name the type. */
  String suffix() {
    return switch (type) {
      case F16 -> "f16";
      case BF16 -> "bf16";
      default -> "f32";
    };
  }
}
