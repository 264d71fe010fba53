// SPDX-License-Identifier: Apache-2.0
package io.lowbit.world;

/** A kind of text. */
interface Genre {
  /**
   * A whole document.
   *
   * @param side every piece of the document lies on it
   */
  String document(Draw draw, Side side);
}
