// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

/**
 * Where a page keeps the numbers of its tokens. Keys and values lie in the panels that the {@link
 * MicroKernel} multiplies with, {@code [heads][panels][depth][WIDTH]}: for scores q.k a panel is 32
 * tokens wide and the head dimension deep, for outputs p.v it is 32 values of the head wide and the
 * page's tokens deep.
 *
 * @param keys the side: keys or values
 */
record HeadLayout(boolean keys, int heads, int headDim) {
  /** Tokens per page. */
  static final int PAGE = 64;

  /** Pages that hold so many tokens. */
  static int pages(int tokens) {
    return (tokens + PAGE - 1) / PAGE;
  }

  /** Panels per head. */
  int panels() {
    return keys ? PAGE / Lanes.WIDTH : Lanes.panels(headDim);
  }

  /** Rows of a panel. */
  int depth() {
    return keys ? headDim : PAGE;
  }

  /** Values of one head, padding included. */
  int headSize() {
    return panels() * depth() * Lanes.WIDTH;
  }

  int panel(int token, int dim) {
    return (keys ? token : dim) / Lanes.WIDTH;
  }

  int lane(int token, int dim) {
    return (keys ? token : dim) % Lanes.WIDTH;
  }

  int row(int token, int dim) {
    return keys ? dim : token;
  }

  /** Index of a value inside its head. */
  int index(int token, int dim) {
    return (panel(token, dim) * depth() + row(token, dim)) * Lanes.WIDTH + lane(token, dim);
  }
}
