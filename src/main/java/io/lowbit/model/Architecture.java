// SPDX-License-Identifier: Apache-2.0
package io.lowbit.model;

import io.lowbit.backend.Activation;
import io.lowbit.backend.Norm;
import io.lowbit.backend.Rotary;

/**
 * What a decoder is made of, as data. Blocks are pre-norm and sequential: attention and MLP each
 * read a norm of the residual stream and add to it.
 *
 * @param family name of the family, for people
 * @param vocabulary rows of the embedding
 * @param hidden width of the residual stream
 * @param layers blocks
 * @param heads query heads
 * @param keyHeads key and value heads, a divisor of {@code heads}
 * @param headDim values per head
 * @param window a token sees itself and {@code window - 1} tokens before it; 0 = all
 * @param rotary rotary position embedding
 * @param norm formula of all norms
 * @param normEpsilon its epsilon
 * @param mlpWidth rows of the gate and up projections
 * @param activation applied to the gate projection
 * @param tiedHead the head is the embedding
 * @param contextLength longest sequence the model was made for, in tokens
 */
public record Architecture(
    String family,
    int vocabulary,
    int hidden,
    int layers,
    int heads,
    int keyHeads,
    int headDim,
    int window,
    Rotary rotary,
    Norm.Kind norm,
    float normEpsilon,
    int mlpWidth,
    Activation activation,
    boolean tiedHead,
    int contextLength) {

  /** Checks that the numbers make a decoder. */
  public Architecture {
    positive("vocabulary", vocabulary);
    positive("hidden size", hidden);
    positive("number of layers", layers);
    positive("number of heads", heads);
    positive("number of key heads", keyHeads);
    positive("head dimension", headDim);
    positive("MLP width", mlpWidth);
    positive("context length", contextLength);
    if (heads % keyHeads != 0) {
      throw new IllegalArgumentException(
          "%d query heads cannot share %d key heads evenly".formatted(heads, keyHeads));
    }
    if (2 * rotary.inverseFrequencies().length > headDim) {
      throw new IllegalArgumentException(
          "%d rotary dimensions do not fit a head of %d"
              .formatted(2 * rotary.inverseFrequencies().length, headDim));
    }
    if (!(normEpsilon > 0) || normEpsilon > 1) {
      throw new IllegalArgumentException("norm epsilon " + normEpsilon + " is not between 0 and 1");
    }
  }

  private static void positive(String what, int value) {
    if (value <= 0) {
      throw new IllegalArgumentException(what + " is " + value + ", expected a positive number");
    }
  }

  /** Width of all query heads together. */
  public int queryWidth() {
    return heads * headDim;
  }

  /** Width of all key (or value) heads together. */
  public int keyWidth() {
    return keyHeads * headDim;
  }
}
