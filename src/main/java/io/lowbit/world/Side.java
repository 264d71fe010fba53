// SPDX-License-Identifier: Apache-2.0
package io.lowbit.world;

import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The two sides of the language. Whatever can be told or asked has a key that names its content
 * (the operands of a sum, the lines of a ledger, a fact and the sentence form that tells it), and a
 * hash of the key puts it on one side for good: training text is made only of pieces of the one
 * side, test items only of pieces of the other, under every seed.
 */
enum Side {
  /** What models are trained on. */
  TRAINING,
  /** What they are tested on. */
  HELD_OUT;

  /** One piece in so many is held out. */
  private static final long HELD_OUT_ONE_IN = 6;

  /** The side that a piece lies on. */
  static Side of(String key) {
    return Long.remainderUnsigned(Draw.hash("side " + key), HELD_OUT_ONE_IN) == 0
        ? HELD_OUT
        : TRAINING;
  }

  /** Draws until a piece lies on this side. */
  <T> T draw(Supplier<T> source, Function<T, String> key) {
    while (true) {
      T piece = source.get();
      if (of(key.apply(piece)) == this) {
        return piece;
      }
    }
  }

  /**
   * The forms in which this side tells one fact: one form in three, but at least one, is held out,
   * a different one for each fact.
   */
  <T> List<T> forms(String fact, List<T> forms) {
    int heldOut = Math.max(1, forms.size() / 3);
    List<T> order = Draw.of(0, "forms of " + fact).shuffled(forms);
    return this == HELD_OUT ? order.subList(0, heldOut) : order.subList(heldOut, order.size());
  }
}
