// SPDX-License-Identifier: Apache-2.0
package io.lowbit.model;

import io.lowbit.backend.Backend;
import io.lowbit.format.Checkpoint;
import io.lowbit.format.Checkpoints;
import io.lowbit.format.FormatException;
import io.lowbit.model.family.Families;
import io.lowbit.quant.OnIndivisible;
import io.lowbit.quant.Scheme;
import io.lowbit.text.GgmlVocabulary;
import io.lowbit.text.Tokenizer;
import io.lowbit.text.TokenizerFiles;
import io.lowbit.text.TokenizerSpec;
import io.lowbit.text.Tokenizers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** A model on disk: its checkpoint, what its configuration asks for, and its tokenizer. */
public final class ModelSource implements AutoCloseable {
  private final Checkpoint checkpoint;
  private final Blueprint blueprint;

  private ModelSource(Checkpoint checkpoint) {
    this.checkpoint = checkpoint;
    this.blueprint = Families.read(checkpoint);
  }

  /**
   * Opens a model.
   *
   * @param reference a folder in the Hugging Face layout, a {@code .gguf} file, or the name of an
   *     {@linkplain EmbeddedModels embedded model}
   * @throws FormatException if there is none, or it is damaged, or of an unknown architecture
   */
  public static ModelSource open(String reference) {
    if (reference.startsWith("hf:")) {
      throw new FormatException(
          reference
              + ": models of a hub are not downloaded by this version; give the path of a local copy");
    }
    Path path = EmbeddedModels.resolve(reference);
    if (!Files.exists(path)) {
      throw new FormatException(
          "%s: there is no such folder or file, nor is it an embedded model; give a model folder, a .gguf file or one of %s"
              .formatted(reference, String.join(", ", EmbeddedModels.NAMES)));
    }
    Checkpoint checkpoint = Checkpoints.open(path);
    try {
      return new ModelSource(checkpoint);
    } catch (RuntimeException e) {
      checkpoint.close();
      throw e;
    }
  }

  /** The last part of the path without its ending: how the model is named in records. */
  public String name() {
    String file = checkpoint.source().toAbsolutePath().normalize().getFileName().toString();
    return file.endsWith(".gguf") ? file.substring(0, file.length() - ".gguf".length()) : file;
  }

  /** What its configuration asks for. */
  public Architecture architecture() {
    return blueprint.architecture();
  }

  /** Whether any of its weights are packed, so that the scheme {@code stored} means something. */
  public boolean isPacked() {
    return checkpoint.tensors().stream().anyMatch(tensor -> checkpoint.isQuantized(tensor.name()));
  }

  /** Bytes of all tensors in the file. */
  public long bytes() {
    return checkpoint.tensors().stream().mapToLong(Checkpoint.TensorInfo::bytes).sum();
  }

  /** Hash of names, shapes and data of all weights. */
  public String sha256() {
    return checkpoint.sha256();
  }

  /** The tokenizer as data. */
  public TokenizerSpec tokenizerSpec() {
    Path model = checkpoint.source();
    if (!Files.isDirectory(model)) {
      return GgmlVocabulary.from(checkpoint.metadata());
    }
    try {
      return TokenizerFiles.read(model);
    } catch (IOException e) {
      throw new UncheckedIOException(
          new IOException(model + ": the tokenizer cannot be read (" + e.getMessage() + ")", e));
    }
  }

  /** Opens the tokenizer; the caller closes it. */
  public Tokenizer tokenizer() {
    return Tokenizers.open(tokenizerSpec());
  }

  /** Every id that ends an answer: end of sequence, and of a turn where the model has one. */
  public Set<Integer> stops() {
    Path model = checkpoint.source();
    TokenizerSpec spec = tokenizerSpec();
    if (!Files.isDirectory(model)) {
      Set<Integer> stops = new LinkedHashSet<>(GgmlVocabulary.stops(checkpoint.metadata()));
      spec.eos().ifPresent(stops::add);
      return stops;
    }
    try {
      return TokenizerFiles.stops(model, spec);
    } catch (IOException e) {
      throw new UncheckedIOException(
          model + ": the stop tokens cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * Checks that a scheme fits the model, without reading a weight.
   *
   * @param backend what would run it
   * @return tensors that would be treated otherwise than the scheme says, a sentence each
   * @throws RuntimeException as {@link #load}, except for what only the weights can tell
   */
  public List<String> check(Scheme scheme, Backend backend, OnIndivisible onIndivisible) {
    return ModelLoader.check(checkpoint, blueprint, scheme, backend, onIndivisible);
  }

  /**
   * Loads the weights under a scheme.
   *
   * @param onIndivisible what to do with a matrix whose rows the scheme's group size does not
   *     divide
   * @throws FormatException if the checkpoint does not hold what its configuration says
   * @throws IllegalArgumentException if the scheme cannot be applied to it
   */
  public Model load(Scheme scheme, Backend backend, OnIndivisible onIndivisible) {
    return ModelLoader.load(checkpoint, blueprint, scheme, backend, onIndivisible);
  }

  @Override
  public void close() {
    checkpoint.close();
  }
}
