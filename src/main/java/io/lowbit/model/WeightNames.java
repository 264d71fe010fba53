// SPDX-License-Identifier: Apache-2.0
package io.lowbit.model;

import java.util.Optional;

/** Where a family's checkpoint keeps each part. */
public interface WeightNames {
  /**
   * A tensor in the file.
   *
   * @param name its name
   * @param rowOrder row i of the part is row {@code rowOrder[i]} of the tensor; empty = as stored
   */
  record Location(String name, Optional<int[]> rowOrder) {
    /** A tensor whose rows are as the decoder wants them. */
    public static Location of(String name) {
      return new Location(name, Optional.empty());
    }
  }

  /** Where the weight of a part is; {@code layer} is ignored for parts outside blocks. */
  Location weight(Part part, int layer);

  /** Where the bias of a part is, if the part has one. */
  Optional<Location> bias(Part part, int layer);
}
