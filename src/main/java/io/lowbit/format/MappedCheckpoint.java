// SPDX-License-Identifier: Apache-2.0
package io.lowbit.format;

import io.lowbit.quant.GgufBlocks;
import io.lowbit.quant.QuantizedTensor;
import io.lowbit.tensor.DType;
import io.lowbit.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Tensors that are slices of mapped files. What the readers of all single-layout formats return.
 */
final class MappedCheckpoint implements Checkpoint {
  private final Path source;
  private final Arena arena;
  private final Map<String, StoredTensor> stored = new LinkedHashMap<>();
  private final Map<String, Object> metadata;
  private String digest;

  /**
   * Takes over the arena of the mappings.
   *
   * @param tensors in file order, names distinct
   */
  MappedCheckpoint(
      Path source, Arena arena, List<StoredTensor> tensors, Map<String, Object> metadata) {
    this.source = source;
    this.arena = arena;
    this.metadata = Collections.unmodifiableMap(metadata);
    for (StoredTensor tensor : tensors) {
      stored.put(tensor.name(), tensor);
    }
  }

  @Override
  public Path source() {
    return source;
  }

  @Override
  public List<TensorInfo> tensors() {
    return stored.values().stream().map(StoredTensor::info).toList();
  }

  @Override
  public boolean contains(String name) {
    return stored.containsKey(name);
  }

  @Override
  public Tensor tensor(String name) {
    StoredTensor tensor = find(name);
    return switch (tensor.storage()) {
      case StoredTensor.Dense(DType element) -> new Tensor(element, tensor.shape(), tensor.data());
      case StoredTensor.Packed _ -> dequantize(tensor);
    };
  }

  private Tensor dequantize(StoredTensor stored) {
    Tensor dense = Tensor.allocate(DType.F32, stored.shape().dimensions());
    FloatStream.of(quantized(stored.name()))
        .forEach((from, values, count) -> copy(values, count, dense.data(), from));
    return dense;
  }

  private static void copy(float[] values, int count, MemorySegment target, long from) {
    MemorySegment.copy(MemorySegment.ofArray(values), 0, target, from * 4, count * 4L);
  }

  @Override
  public boolean isQuantized(String name) {
    return find(name).storage() instanceof StoredTensor.Packed;
  }

  @Override
  public QuantizedTensor quantized(String name) {
    StoredTensor tensor = find(name);
    if (!(tensor.storage() instanceof StoredTensor.Packed(var format))) {
      throw new FormatException(
          "%s: tensor %s is stored as %s, not in a packed format"
              .formatted(source, Quoted.name(name), tensor.storage().type()));
    }
    return new GgufBlocks(format, tensor.shape().rows(), tensor.shape().columns(), tensor.data());
  }

  private StoredTensor find(String name) {
    if (!arena.scope().isAlive()) {
      throw new IllegalStateException(
          "tensor %s was asked for after its checkpoint %s had been closed"
              .formatted(Quoted.name(name), source));
    }
    StoredTensor tensor = stored.get(name);
    if (tensor == null) {
      throw new FormatException(
          "%s: there is no tensor %s; `lowbit tensors` lists what the file holds"
              .formatted(source, Quoted.name(name)));
    }
    return tensor;
  }

  @Override
  public Map<String, Object> metadata() {
    return metadata;
  }

  @Override
  public synchronized String sha256() {
    if (digest == null) {
      digest = TensorDigest.sha256(stored.values());
    }
    return digest;
  }

  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
