// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import io.lowbit.tensor.DType;
import java.util.List;

/**
 * A row-major matrix of 16-bit numbers in device memory. Every row starts at a multiple of 16
 * bytes; what lies between the last column and the next row is undefined.
 *
 * @param data first value, aligned to 16 bytes
 * @param rows rows, zero or more
 * @param columns values per row
 * @param stride values from one row to the next: a multiple of 8, at least {@code columns}
 * @param type F16 or BF16
 */
public record DeviceMatrix(DevicePointer data, int rows, int columns, int stride, DType type) {
  private static final int ALIGNMENT = 8;

  /** Refuses what no kernel could read. */
  public DeviceMatrix {
    if (type != DType.F16 && type != DType.BF16) {
      throw new IllegalArgumentException("device matrices are F16 or BF16, not " + type);
    }
    if (rows < 0 || columns < 1 || stride < columns || stride % ALIGNMENT != 0) {
      throw new IllegalArgumentException(
          "a device matrix of %d rows of %d values cannot have a row every %d values"
              .formatted(rows, columns, stride));
    }
  }

  /** The smallest stride of rows of {@code columns} values. */
  public static int stride(int columns) {
    return Math.ceilDiv(columns, ALIGNMENT) * ALIGNMENT;
  }

  /** Bytes of a matrix with the smallest stride. */
  public static long bytes(int rows, int columns) {
    return 2L * rows * stride(columns);
  }

  /** A matrix with the smallest stride. */
  public static DeviceMatrix of(DevicePointer data, int rows, int columns, DType type) {
    return new DeviceMatrix(data, rows, columns, stride(columns), type);
  }

  /** {@code count} rows from {@code first} on. */
  public DeviceMatrix rows(int first, int count) {
    if (first < 0 || count < 0 || first + count > rows) {
      throw new IllegalArgumentException(
          "rows %d to %d are not in a matrix of %d rows".formatted(first, first + count - 1, rows));
    }
    return new DeviceMatrix(data.plus(2L * first * stride), count, columns, stride, type);
  }

  /** How kernels' entries name the type: {@code f16} or {@code bf16}. */
  public String suffix() {
    return type == DType.F16 ? "f16" : "bf16";
  }

  /**
   * Checks the shape.
   *
   * @param what the matrix is, for the message
   */
  public void requireShape(String what, int expectedRows, int expectedColumns) {
    if (rows != expectedRows || columns != expectedColumns) {
      throw new IllegalArgumentException(
          "%s is [%d, %d], expected [%d, %d]"
              .formatted(what, rows, columns, expectedRows, expectedColumns));
    }
  }

  /** Checks that all matrices have one type. */
  static void requireOneType(String what, List<DeviceMatrix> matrices) {
    if (matrices.stream().map(DeviceMatrix::type).distinct().count() > 1) {
      throw new IllegalArgumentException(
          "%s mixes the types %s; all must be the same"
              .formatted(what, matrices.stream().map(m -> m.type.name()).toList()));
    }
  }
}
