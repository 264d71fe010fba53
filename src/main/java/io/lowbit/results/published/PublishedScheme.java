// SPDX-License-Identifier: Apache-2.0
package io.lowbit.results.published;

/**
 * A scheme of a paper.
 *
 * @param printed as the source calls it
 * @param scheme in the notation of this program; empty where it cannot be written
 * @param bits what is low-bit
 * @param note what the notation does not say
 */
public record PublishedScheme(String printed, String scheme, LowBits bits, String note) {

  static PublishedScheme of(Table.Line line) {
    return new PublishedScheme(
        line.text("printed"),
        line.text("scheme"),
        new LowBits(
            line.optionalInteger("weight_bits"),
            line.optionalInteger("group"),
            line.optionalInteger("activation_bits"),
            line.optionalInteger("cache_bits"),
            line.text("method")),
        line.text("note"));
  }
}
