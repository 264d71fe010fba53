// SPDX-License-Identifier: Apache-2.0
package io.lowbit.model;

import io.lowbit.backend.Backend;
import io.lowbit.backend.Buffer;

/** A batch on its way through the blocks: the residual stream and the buffers a block works in. */
public final class Pass implements AutoCloseable {
  private final Batch batch;
  final Buffer hidden;
  final Buffer normed;
  final Buffer query;
  final Buffer key;
  final Buffer value;
  final Buffer attended;
  final Buffer gate;
  final Buffer up;
  final Buffer projected;

  Pass(Backend backend, Architecture architecture, Batch batch) {
    int tokens = batch.ids().length;
    this.batch = batch;
    this.hidden = backend.allocate(tokens, architecture.hidden());
    this.normed = backend.allocate(tokens, architecture.hidden());
    this.query = backend.allocate(tokens, architecture.queryWidth());
    this.key = backend.allocate(tokens, architecture.keyWidth());
    this.value = backend.allocate(tokens, architecture.keyWidth());
    this.attended = backend.allocate(tokens, architecture.queryWidth());
    this.gate = backend.allocate(tokens, architecture.mlpWidth());
    this.up = backend.allocate(tokens, architecture.mlpWidth());
    this.projected = backend.allocate(tokens, architecture.hidden());
  }

  /** The tokens that pass. */
  public Batch batch() {
    return batch;
  }

  /** The residual stream, {@code [tokens, hidden]}: input of the next block. */
  public Buffer hidden() {
    return hidden;
  }

  @Override
  public void close() {
    for (Buffer buffer :
        new Buffer[] {hidden, normed, query, key, value, attended, gate, up, projected}) {
      buffer.close();
    }
  }
}
