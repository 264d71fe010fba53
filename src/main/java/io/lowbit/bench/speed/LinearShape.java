// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench.speed;

/**
 * A linear layer of a model.
 *
 * @param name model and layer, such as {@code 70b.gate_up}
 * @param outputs N, a multiple of 64
 * @param inputs K, a multiple of 64
 */
record LinearShape(String name, int outputs, int inputs) {
  private static final int TILE = 64;

  /** Refuses shapes whose packed form has padding: blocks of weights could not be repeated. */
  LinearShape {
    if (outputs < TILE || inputs < TILE || outputs % TILE != 0 || inputs % TILE != 0) {
      throw new IllegalArgumentException(
          "%s is %d x %d; timed layers are multiples of %d".formatted(name, outputs, inputs, TILE));
    }
  }

  long weights() {
    return (long) outputs * inputs;
  }
}
