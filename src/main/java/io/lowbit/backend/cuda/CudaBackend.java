// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import io.lowbit.backend.Activation;
import io.lowbit.backend.AttentionShape;
import io.lowbit.backend.Backend;
import io.lowbit.backend.Buffer;
import io.lowbit.backend.CacheLayout;
import io.lowbit.backend.KvCache;
import io.lowbit.backend.Linear;
import io.lowbit.backend.Norm;
import io.lowbit.backend.Rotary;
import io.lowbit.backend.Span;
import io.lowbit.backend.TargetScores;
import io.lowbit.backend.Weight;
import io.lowbit.quant.ActivationScheme;
import io.lowbit.quant.IntegerGrid;
import io.lowbit.quant.QuantizedTensor;
import io.lowbit.tensor.DType;
import io.lowbit.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The back-end for NVIDIA GPUs: each operation checks its buffers and queues a kernel. Calls from
 * several threads are served one after the other.
 */
public final class CudaBackend implements Backend {
  private final GpuDriver driver;
  private final DType base;
  private final Kernels kernels;
  private final DeviceHeap heap;
  private final WeightUpload uploads;
  private final LinearLayers layers;
  private final TokenIds ids;
  private final Embedding embedding;
  private final RowNorm norms;
  private final RotaryEmbedding rotation;
  private final Activations activations;
  private final Addition addition;
  private final HeadReduction head;
  private final SpanTables tables;
  private final CacheAppend append;
  private final Attention attention;
  private final Map<CacheLayout, CudaPagePool> pools = new HashMap<>();
  private final Map<Rotary, DeviceAngles> angles = new HashMap<>();

  private CudaBackend(GpuDriver driver, DType base, boolean fast) {
    this.driver = driver;
    this.base = base;
    kernels = Kernels.gathering(driver);
    heap = new DeviceHeap(kernels);
    uploads = new WeightUpload(kernels, base);
    layers = new LinearLayers(kernels, heap, fast);
    ids = new TokenIds(kernels);
    embedding = new Embedding(kernels);
    norms = new RowNorm(kernels);
    rotation = new RotaryEmbedding(kernels);
    activations = new Activations(kernels);
    addition = new Addition(kernels);
    head = new HeadReduction(kernels);
    tables = new SpanTables(kernels);
    append = new CacheAppend(kernels);
    attention = new Attention(kernels);
  }

  /** As {@link #open(GpuDriver, DType, boolean)}, with the same bits in any batch. */
  public static CudaBackend open(GpuDriver driver, DType base) {
    return open(driver, base, false);
  }

  /**
   * Takes a device over.
   *
   * @param driver closed with the back-end; stays the caller's if this fails
   * @param base F16 or BF16
   * @param fast let linear layers of many rows take the fastest products, whose bits may depend on
   *     the batch, the GPU and a library
   * @throws IllegalArgumentException if the base is another type
   * @throws IllegalStateException if there is a cuBLAS for fast products that cannot be loaded
   */
  public static CudaBackend open(GpuDriver driver, DType base, boolean fast) {
    if (base != DType.F16 && base != DType.BF16) {
      throw new IllegalArgumentException(
          "the GPU computes in fp16 or bf16, not %s; use such a base or --backend cpu"
              .formatted(base));
    }
    return new CudaBackend(driver, base, fast);
  }

  @Override
  public String name() {
    return "cuda";
  }

  @Override
  public String description() {
    String fast = layers.fastProducts().map(p -> ", fast: " + p.description()).orElse("");
    return "cuda, %s, %s%s".formatted(driver.description(), base, fast);
  }

  // Tensor cores of different generations add up in different ways.
  @Override
  public String numerics() {
    String fast = layers.fastProducts().map(p -> "-fast-" + p.name()).orElse("");
    return "cuda-1-sm_%d-%s%s".formatted(driver.device().capability(), base, fast);
  }

  @Override
  public DType base() {
    return base;
  }

  @Override
  public synchronized OptionalLong deviceBytes() {
    MemoryState memory = kernels.driver().memory();
    return OptionalLong.of(memory.totalBytes() - memory.freeBytes());
  }

  @Override
  public synchronized Buffer allocate(int rows, int columns) {
    return new CudaBuffer(kernels, heap, rows, columns, base);
  }

  @Override
  public synchronized Weight upload(Tensor matrix) {
    return uploads.dense(matrix);
  }

  @Override
  public synchronized Weight upload(QuantizedTensor matrix, Optional<ActivationScheme> inputs) {
    return uploads.packed(matrix, inputs);
  }

  @Override
  public synchronized Weight quantize(
      String name, Tensor matrix, IntegerGrid grid, Optional<ActivationScheme> inputs) {
    return uploads.quantized(name, matrix, grid, inputs);
  }

  @Override
  public synchronized KvCache newCache(CacheLayout layout) {
    CudaPagePool pool = pools.computeIfAbsent(layout, l -> new CudaPagePool(kernels, l, base));
    return pool.newCache();
  }

  @Override
  public synchronized void embed(Weight table, int[] tokens, Buffer out) {
    DeviceMatrix matrix = dense("embedding", table);
    DeviceMatrix target = own(out).changing();
    target.requireShape("embedding output", tokens.length, matrix.columns());
    for (int id : tokens) {
      requireRow("token id", id, matrix.rows());
    }
    embedding.run(matrix, ids.upload(tokens), target);
  }

  @Override
  public synchronized void norm(Buffer x, Norm norm, Buffer out) {
    DeviceMatrix source = own(x).matrix();
    DeviceMatrix weight = own(norm.weight()).matrix();
    weight.requireShape("norm weight", 1, source.columns());
    norms.run(
        source,
        norm.kind(),
        norm.epsilon(),
        weight.data(),
        row("norm bias", norm.bias(), source.columns()),
        own(out).changing());
  }

  @Override
  public synchronized void linear(Buffer x, Linear linear, Buffer out) {
    CudaWeight weight = own(linear.weight());
    DevicePointer bias = row("linear bias", linear.bias(), weight.rows());
    layers.run(own(x), weight, bias, linear.activations(), own(out));
  }

  @Override
  public synchronized void rotate(Buffer x, int headDim, Rotary rotary, List<Span> spans) {
    DeviceMatrix target = own(x).changing();
    requireSpans(spans, target);
    DeviceAngles table = angles.computeIfAbsent(rotary, r -> new DeviceAngles(kernels, r));
    table.extend(spans.stream().mapToInt(span -> span.position() + span.tokens()).max().orElse(0));
    tables.prepare(spans, target.rows());
    rotation.run(
        target,
        headDim,
        table.pointer(),
        rotary.inverseFrequencies().length,
        rotary.interleaved(),
        tables.positions());
  }

  @Override
  public synchronized void append(int layer, Buffer keys, Buffer values, List<Span> spans) {
    DeviceMatrix k = own(keys).matrix();
    requireSpans(spans, k);
    tables.prepare(spans, k.rows());
    append.run(layer, k, own(values).matrix(), tables);
  }

  @Override
  public synchronized void attention(
      int layer, Buffer q, AttentionShape shape, List<Span> spans, Buffer out) {
    DeviceMatrix source = own(q).matrix();
    requireSpans(spans, source);
    tables.prepare(spans, source.rows());
    attention.run(layer, source, shape, DevicePointer.NULL, tables, own(out).changing());
  }

  @Override
  public synchronized void gatedActivation(
      Activation activation, Buffer gate, Buffer up, Buffer out) {
    activations.gated(activation, own(gate).matrix(), own(up).matrix(), own(out).changing());
  }

  @Override
  public synchronized void add(Buffer x, Buffer y) {
    addition.run(own(x).changing(), own(y).matrix());
  }

  @Override
  public synchronized TargetScores logProbs(
      Buffer hidden, Weight weight, int[] rows, int[] targets) {
    return head.logProbs(own(hidden).matrix(), dense("head", weight), rows, targets);
  }

  @Override
  public synchronized int[] argMax(Buffer hidden, Weight weight, int[] rows) {
    return head.argMax(own(hidden).matrix(), dense("head", weight), rows);
  }

  @Override
  public synchronized void close() {
    kernels.synchronize();
    angles.values().forEach(DeviceAngles::close);
    pools.values().forEach(CudaPagePool::close);
    tables.close();
    ids.close();
    head.close();
    layers.close();
    heap.close();
    kernels.close();
    driver.close();
  }

  /** A row of numbers, or nothing. */
  private static DevicePointer row(String what, Optional<Buffer> buffer, int columns) {
    if (buffer.isEmpty()) {
      return DevicePointer.NULL;
    }
    DeviceMatrix row = own(buffer.get()).matrix();
    row.requireShape(what, 1, columns);
    return row.data();
  }

  private static DeviceMatrix dense(String what, Weight weight) {
    if (own(weight) instanceof CudaWeight.Dense dense) {
      return dense.matrix();
    }
    throw new IllegalArgumentException(
        "the %s is packed; the GPU takes it in the base type only".formatted(what));
  }

  private static void requireRow(String what, int index, int count) {
    if (index < 0 || index >= count) {
      throw new IllegalArgumentException(
          "%s %d is outside 0 to %d".formatted(what, index, count - 1));
    }
  }

  private static void requireSpans(List<Span> spans, DeviceMatrix matrix) {
    for (Span span : spans) {
      if (span.position() < 0
          || span.row() < 0
          || span.tokens() < 0
          || span.row() + span.tokens() > matrix.rows()) {
        throw new IllegalArgumentException(
            "a span of %d tokens at position %d, row %d does not fit %d rows"
                .formatted(span.tokens(), span.position(), span.row(), matrix.rows()));
      }
    }
  }

  private static CudaBuffer own(Buffer buffer) {
    return own(CudaBuffer.class, buffer);
  }

  private static CudaWeight own(Weight weight) {
    return own(CudaWeight.class, weight);
  }

  private static <T> T own(Class<T> type, Object object) {
    if (!type.isInstance(object)) {
      throw new IllegalArgumentException(
          object.getClass().getName() + " was not made by the CUDA back-end");
    }
    return type.cast(object);
  }
}
