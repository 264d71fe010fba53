// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats.published;

import io.lowbit.results.published.PublishedPaper;
import io.lowbit.stats.Claim;
import java.util.Optional;

/**
 * Something that a paper found, or that its tables show.
 *
 * @param id short name
 * @param paper whose
 * @param origin who says it
 * @param sentence what it says
 * @param compares what is compared with what
 * @param claim the same finding as tested on single items of records, which says more than means do
 * @param test how it is tested on figures, and on records that no claim is about
 */
public record Finding(
    String id,
    PublishedPaper.Id paper,
    Origin origin,
    String sentence,
    String compares,
    Optional<Claim.Kind> claim,
    FindingTest test) {

  /** Who says it. */
  public enum Origin {
    /** The authors. */
    PAPER,
    /** Their tables, whatever the authors say. */
    TABLES
  }
}
