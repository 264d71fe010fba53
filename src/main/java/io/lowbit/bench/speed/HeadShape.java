// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench.speed;

import io.lowbit.backend.AttentionShape;

/**
 * The attention of a model.
 *
 * @param model such as {@code 70b}
 * @param heads query heads
 * @param keyHeads key and value heads
 * @param dim values per head
 */
record HeadShape(String model, int heads, int keyHeads, int dim) {
  AttentionShape attention() {
    return new AttentionShape(heads, keyHeads, dim, (float) (1 / Math.sqrt(dim)), 0);
  }

  int width() {
    return heads * dim;
  }

  int keyWidth() {
    return keyHeads * dim;
  }
}
