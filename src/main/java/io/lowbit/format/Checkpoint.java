// SPDX-License-Identifier: Apache-2.0
package io.lowbit.format;

import io.lowbit.quant.QuantizedTensor;
import io.lowbit.tensor.Shape;
import io.lowbit.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Named tensors and metadata of a model on disk, memory-mapped. Tensors must not be used after
 * {@link #close()}.
 */
public interface Checkpoint extends AutoCloseable {
  /**
   * What the file says of a tensor.
   *
   * @param name name in the file
   * @param type type name of the format: a {@link io.lowbit.tensor.DType} name or a GGUF block type
   * @param shape logical shape, outermost first (GGUF stores the reverse)
   * @param bytes stored size
   */
  record TensorInfo(String name, String type, Shape shape, long bytes) {}

  /** The folder or file it was opened from. */
  Path source();

  /** All tensors, in file order. */
  List<TensorInfo> tensors();

  /** Whether a tensor of that name exists. */
  boolean contains(String name);

  /**
   * A dense tensor as it lies in the file; a packed one dequantized to fp32.
   *
   * @throws FormatException if there is no such tensor
   */
  Tensor tensor(String name);

  /** Whether the tensor is stored packed, so that {@link #quantized} serves it. */
  boolean isQuantized(String name);

  /**
   * A packed matrix as it lies in the file.
   *
   * @throws FormatException if there is no such tensor or it is not packed
   */
  QuantizedTensor quantized(String name);

  /**
   * Metadata of the container: GGUF key-values (numbers as Long, Double, or BigInteger from 2^63
   * on; Boolean; String; List), safetensors {@code __metadata__} (String). It outlives {@link
   * #close()}.
   */
  Map<String, Object> metadata();

  /** SHA-256 over the names, types, shapes and data of all tensors, in name order; hexadecimal. */
  String sha256();

  @Override
  void close();
}
