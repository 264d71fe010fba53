// SPDX-License-Identifier: Apache-2.0
package io.lowbit.study;

import io.lowbit.model.ModelSource;
import io.lowbit.text.Tokenizer;

/**
 * A model of a study: opened, not loaded.
 *
 * @param name as the study calls it
 * @param source the model on disk
 * @param tokenizer its tokenizer
 * @param sha256 hash of its weights
 */
record OpenModel(String name, ModelSource source, Tokenizer tokenizer, String sha256)
    implements AutoCloseable {
  static OpenModel open(Study.ModelEntry entry) {
    ModelSource source = ModelSource.open(entry.path());
    try {
      return new OpenModel(entry.name(), source, source.tokenizer(), source.sha256());
    } catch (RuntimeException e) {
      source.close();
      throw e;
    }
  }

  @Override
  public void close() {
    tokenizer.close();
    source.close();
  }
}
