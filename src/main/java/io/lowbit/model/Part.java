// SPDX-License-Identifier: Apache-2.0
package io.lowbit.model;

/** The parts of a decoder that have weights. */
public enum Part {
  EMBEDDING(false, false),
  ATTENTION_NORM(true, false),
  QUERY(true, true),
  KEY(true, true),
  VALUE(true, true),
  ATTENTION_OUTPUT(true, true),
  MLP_NORM(true, false),
  GATE(true, true),
  UP(true, true),
  DOWN(true, true),
  FINAL_NORM(false, false),
  HEAD(false, false);

  private final boolean inBlock;
  private final boolean linear;

  Part(boolean inBlock, boolean linear) {
    this.inBlock = inBlock;
    this.linear = linear;
  }

  /** Whether every block has one. */
  public boolean inBlock() {
    return inBlock;
  }

  /** Whether it is a linear layer of a block: what a scheme makes low-bit. */
  public boolean isLinear() {
    return linear;
  }

  /** Whether it is one row of norm factors. */
  public boolean isNorm() {
    return this == ATTENTION_NORM || this == MLP_NORM || this == FINAL_NORM;
  }
}
