// SPDX-License-Identifier: Apache-2.0
package io.lowbit.model;

import io.lowbit.backend.Backend;
import io.lowbit.backend.Buffer;
import io.lowbit.backend.CacheLayout;
import io.lowbit.backend.Linear;
import io.lowbit.backend.Norm;
import io.lowbit.backend.Weight;
import io.lowbit.format.Checkpoint;
import io.lowbit.format.Checkpoints;
import io.lowbit.format.FormatException;
import io.lowbit.quant.Arithmetic;
import io.lowbit.quant.OnIndivisible;
import io.lowbit.quant.QuantizedTensor;
import io.lowbit.quant.Scheme;
import io.lowbit.quant.WeightScheme;
import io.lowbit.tensor.Shape;
import io.lowbit.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Builds a {@link Model}: reads each weight, makes it low-bit as the scheme says, and hands it to
 * the back-end. Only one matrix at a time exists outside the back-end.
 */
final class ModelLoader {
  private final Checkpoint checkpoint;
  private final Scheme scheme;
  private final Backend backend;
  private final OnIndivisible onIndivisible;
  private final Blueprint blueprint;
  private final List<AutoCloseable> resources = new ArrayList<>();
  private final List<String> exceptions = new ArrayList<>();
  private boolean simulated;
  private long parameters;
  private long linearWeights;
  private double linearBits;
  private double totalBits;

  private ModelLoader(
      Checkpoint checkpoint,
      Blueprint blueprint,
      Scheme scheme,
      Backend backend,
      OnIndivisible onIndivisible) {
    this.checkpoint = checkpoint;
    this.blueprint = blueprint;
    this.scheme = scheme;
    this.backend = backend;
    this.onIndivisible = onIndivisible;
  }

  /** Checks the scheme against the configuration; see {@link ModelSource#check}. */
  static List<String> check(
      Checkpoint checkpoint,
      Blueprint blueprint,
      Scheme scheme,
      Backend backend,
      OnIndivisible onIndivisible) {
    scheme.requireSupported();
    ModelLoader loader = new ModelLoader(checkpoint, blueprint, scheme, backend, onIndivisible);
    loader.check();
    return loader.exceptions;
  }

  /** Loads a model; see {@link ModelSource#load}. The checkpoint may be closed afterwards. */
  static Model load(
      Checkpoint checkpoint,
      Blueprint blueprint,
      Scheme scheme,
      Backend backend,
      OnIndivisible onIndivisible) {
    scheme.requireSupported();
    ModelLoader loader = new ModelLoader(checkpoint, blueprint, scheme, backend, onIndivisible);
    try {
      return loader.build();
    } catch (RuntimeException | Error e) {
      loader.close();
      throw e;
    }
  }

  private void check() {
    requirePackedIfStored();
    backend.newCache(cacheLayout()).close();
    for (int layer = 0; layer < blueprint.architecture().layers(); layer++) {
      for (Part part : Part.values()) {
        if (part.isLinear() && scheme.weights().isPresent()) {
          String name = blueprint.names().weight(part, layer).name();
          Shape shape = Shape.of(rows(part), columns(part));
          scheme.weights().get().check(name, shape, onIndivisible).ifPresent(exceptions::add);
        }
      }
    }
  }

  private void requirePackedIfStored() {
    if (scheme.stored()
        && checkpoint.tensors().stream().noneMatch(t -> checkpoint.isQuantized(t.name()))) {
      throw new IllegalArgumentException(
          "%s: the scheme 'stored' runs packed weights as they lie in the file, but nothing is packed here; use fp32, fp16 or bf16"
              .formatted(checkpoint.source()));
    }
  }

  private CacheLayout cacheLayout() {
    Architecture architecture = blueprint.architecture();
    return new CacheLayout(
        architecture.layers(), architecture.keyHeads(), architecture.headDim(), scheme.cache());
  }

  private Model build() {
    check();
    Architecture architecture = blueprint.architecture();
    Weight embedding = matrix(Part.EMBEDDING, 0);
    List<Block> blocks = new ArrayList<>();
    for (int layer = 0; layer < architecture.layers(); layer++) {
      blocks.add(block(layer));
    }
    Norm finalNorm = norm(Part.FINAL_NORM, 0);
    Weight head = architecture.tiedHead() ? embedding : matrix(Part.HEAD, 0);
    Decoder decoder =
        new Decoder(architecture, backend, embedding, blocks, finalNorm, head, cacheLayout());
    Footprint footprint =
        new Footprint(parameters, linearWeights, linearBits, totalBits, List.copyOf(exceptions));
    return new Model(decoder, backend, scheme, execution(), footprint, this::close);
  }

  private Model.Execution execution() {
    boolean roundedInputs =
        scheme.activations().isPresent()
            && scheme.activations().get().arithmetic() == Arithmetic.COMPAT;
    return simulated || roundedInputs ? Model.Execution.FAKE : Model.Execution.REAL;
  }

  private Block block(int layer) {
    return new Block(
        norm(Part.ATTENTION_NORM, layer),
        linear(Part.QUERY, layer),
        linear(Part.KEY, layer),
        linear(Part.VALUE, layer),
        linear(Part.ATTENTION_OUTPUT, layer),
        norm(Part.MLP_NORM, layer),
        linear(Part.GATE, layer),
        linear(Part.UP, layer),
        linear(Part.DOWN, layer));
  }

  private Linear linear(Part part, int layer) {
    Optional<Buffer> bias =
        blueprint.names().bias(part, layer).map(location -> row(location, rows(part)));
    return new Linear(matrix(part, layer), bias, scheme.activations());
  }

  private Norm norm(Part part, int layer) {
    Architecture architecture = blueprint.architecture();
    Buffer weight = row(blueprint.names().weight(part, layer), architecture.hidden());
    return new Norm(architecture.norm(), architecture.normEpsilon(), weight, Optional.empty());
  }

  private Buffer row(WeightNames.Location location, int width) {
    Tensor tensor = checkpoint.tensor(location.name());
    requireShape(location.name(), tensor.shape(), Shape.of(width));
    Checkpoints.requireFinite(inFile(location.name()), tensor);
    Buffer buffer = backend.allocate(1, width);
    resources.add(buffer);
    float[] values = tensor.toFloats();
    if (location.rowOrder().isPresent()) {
      int[] order = location.rowOrder().get();
      float[] stored = values.clone();
      for (int i = 0; i < width; i++) {
        values[i] = stored[order[i]];
      }
    }
    buffer.write(0, values, 0);
    count(width, width * 8.0 * backend.base().bytes());
    return buffer;
  }

  private Weight matrix(Part part, int layer) {
    WeightNames.Location location = blueprint.names().weight(part, layer);
    String name = location.name();
    Shape expected = Shape.of(rows(part), columns(part));
    Weight weight;
    double bits;
    if (scheme.stored() && checkpoint.isQuantized(name)) {
      QuantizedTensor packed = checkpoint.quantized(name);
      requireShape(name, Shape.of(packed.rows(), packed.columns()), expected);
      Checkpoints.requireFinite(inFile(name), packed);
      packed =
          location.rowOrder().isPresent() ? packed.reorderRows(location.rowOrder().get()) : packed;
      weight = backend.upload(packed, Optional.empty());
      simulated |= weight.kernel().isEmpty();
      bits = packed.bitsPerWeight();
    } else {
      Tensor dense = checkpoint.tensor(name);
      requireShape(name, dense.shape(), expected);
      Checkpoints.requireFinite(inFile(name), dense);
      dense =
          location.rowOrder().isPresent() ? dense.reorderRows(location.rowOrder().get()) : dense;
      if (part.isLinear() && scheme.weights().isPresent()) {
        WeightScheme.Choice choice =
            scheme.weights().get().choose(name, expected, backend.base(), onIndivisible);
        weight = backend.quantize(name, dense, choice.grid(), scheme.activations());
        simulated |= weight.kernel().isEmpty();
        bits = choice.grid().bitsPerWeight(expected.columns());
      } else {
        weight = backend.upload(dense);
        bits = 8.0 * backend.base().bytes();
      }
    }
    resources.add(weight);
    double total = bits * expected.elements();
    count(expected.elements(), total);
    if (part.isLinear()) {
      linearWeights += expected.elements();
      linearBits += total;
    }
    return weight;
  }

  private void count(long weights, double bits) {
    parameters += weights;
    totalBits += bits;
  }

  private int rows(Part part) {
    Architecture a = blueprint.architecture();
    return switch (part) {
      case EMBEDDING, HEAD -> a.vocabulary();
      case QUERY -> a.queryWidth();
      case KEY, VALUE -> a.keyWidth();
      case GATE, UP -> a.mlpWidth();
      case ATTENTION_OUTPUT, DOWN -> a.hidden();
      case ATTENTION_NORM, MLP_NORM, FINAL_NORM -> 1;
    };
  }

  private int columns(Part part) {
    Architecture a = blueprint.architecture();
    return switch (part) {
      case ATTENTION_OUTPUT -> a.queryWidth();
      case DOWN -> a.mlpWidth();
      default -> a.hidden();
    };
  }

  private String inFile(String tensor) {
    return "%s: tensor '%s'".formatted(checkpoint.source(), tensor);
  }

  private void requireShape(String name, Shape actual, Shape expected) {
    if (!actual.equals(expected)) {
      throw new FormatException(
          "%s: tensor '%s' has the shape %s, but the configuration asks for %s"
              .formatted(checkpoint.source(), name, actual, expected));
    }
  }

  private void close() {
    for (AutoCloseable resource : resources) {
      try {
        resource.close();
      } catch (Exception e) {
        throw new IllegalStateException("weights could not be freed", e);
      }
    }
  }
}
