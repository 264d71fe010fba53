// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import io.lowbit.backend.Weight;
import java.util.Optional;

/** A weight in device memory, in the form that its kernel multiplies with. */
sealed interface CudaWeight extends Weight {
  /**
   * Numbers of the base type.
   *
   * @param matrix {@code [rows, columns]}
   * @param memory what the matrix lies in
   */
  record Dense(DeviceMatrix matrix, DeviceMemory memory) implements CudaWeight {
    @Override
    public int rows() {
      return matrix.rows();
    }

    @Override
    public int columns() {
      return matrix.columns();
    }

    @Override
    public long bytes() {
      return memory.bytes();
    }

    @Override
    public Optional<String> kernel() {
      return Optional.empty();
    }

    @Override
    public void close() {
      memory.close();
    }
  }

  /** Codes that are multiplied with 16-bit activations. */
  record Packed(PackedWeight weight) implements CudaWeight {
    @Override
    public int rows() {
      return weight.rows();
    }

    @Override
    public int columns() {
      return weight.columns();
    }

    @Override
    public long bytes() {
      return weight.bytes();
    }

    @Override
    public Optional<String> kernel() {
      return Optional.of(weight.bits() == 4 ? "gemm_w4a16" : "gemm_w8a16");
    }

    @Override
    public void close() {
      weight.close();
    }
  }

  /** Integers that are multiplied with integer activations. */
  record Integers(IntegerWeight weight) implements CudaWeight {
    @Override
    public int rows() {
      return weight.rows();
    }

    @Override
    public int columns() {
      return weight.columns();
    }

    @Override
    public long bytes() {
      return weight.memory().bytes();
    }

    @Override
    public Optional<String> kernel() {
      return Optional.of("gemm_w8a8");
    }

    @Override
    public void close() {
      weight.close();
    }
  }
}
