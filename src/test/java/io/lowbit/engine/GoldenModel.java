// SPDX-License-Identifier: Apache-2.0
package io.lowbit.engine;

import io.lowbit.model.Decoder;
import io.lowbit.model.ModelSource;
import io.lowbit.quant.OnIndivisible;
import io.lowbit.quant.Scheme;
import io.lowbit.testing.Shared;
import io.lowbit.text.Tokenizer;
import java.util.Optional;

/** A model of the shared folder, loaded on the CPU; closing it closes everything. */
public record GoldenModel(ModelSource source, Session session) implements AutoCloseable {
  /** Opens a model by the name golden files use, or by its path in the shared folder. */
  public static GoldenModel open(String name, String scheme, int threads) {
    String path =
        switch (name) {
          case "stories260K" -> "models/stories260K-hf";
          case "smollm2-135m" -> "models/SmolLM2-135M-Instruct.Q4_1.gguf";
          default -> name;
        };
    ModelSource source = ModelSource.open(Shared.path(path).toString());
    try {
      Session.Options options =
          new Session.Options(
              Optional.of(Scheme.parse(scheme)), "cpu", threads, OnIndivisible.CHANNEL);
      return new GoldenModel(source, Session.load(source, options));
    } catch (RuntimeException e) {
      source.close();
      throw e;
    }
  }

  /** Its forward pass. */
  public Decoder decoder() {
    return session.model().decoder();
  }

  /** Opens its tokenizer; the caller closes it. */
  public Tokenizer tokenizer() {
    return source.tokenizer();
  }

  @Override
  public void close() {
    session.close();
    source.close();
  }
}
