// SPDX-License-Identifier: Apache-2.0
package io.lowbit.study;

import io.lowbit.model.ModelSource;
import io.lowbit.text.Tokenizer;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * A model of a study: opened, not loaded.
 *
 * @param name as the study calls it
 * @param source the model on disk
 * @param tokenizer its tokenizer
 * @param sha256 hash of its weights
 * @param stops ids that end an answer, sorted; kept here because every record's key asks for them
 *     and the source reads its tokenizer's files for them
 */
record OpenModel(
    String name, ModelSource source, Tokenizer tokenizer, String sha256, SortedSet<Integer> stops)
    implements AutoCloseable {
  static OpenModel open(Study.ModelEntry entry) {
    ModelSource source = ModelSource.open(entry.path());
    try {
      SortedSet<Integer> stops = new TreeSet<>(source.stops());
      return new OpenModel(entry.name(), source, source.tokenizer(), source.sha256(), stops);
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
