// SPDX-License-Identifier: Apache-2.0
package io.lowbit.report;

import java.util.List;

/**
 * The part of the page in which single items are looked at.
 *
 * @param sentences what is shown and what was left out; empty if nothing was asked for
 * @param data the items as zlib-compressed JSON in base64, see {@link SamplesJson}; empty without
 *     items
 * @param scripts the part's own scripts, in order
 */
public record SamplesView(List<String> sentences, String data, List<String> scripts) {
  /** Whether the page has the part at all. */
  public boolean isAsked() {
    return !sentences.isEmpty();
  }

  /** Whether there are items to look at. */
  public boolean hasItems() {
    return !data.isEmpty();
  }
}
