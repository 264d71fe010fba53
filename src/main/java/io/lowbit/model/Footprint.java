// SPDX-License-Identifier: Apache-2.0
package io.lowbit.model;

import java.util.List;

/**
 * What the weights of a model take under a scheme.
 *
 * @param parameters number of weights, a tied head counted once
 * @param linearWeights how many of them are in linear layers of blocks
 * @param linearBits bits those take together: codes, scales and zeros
 * @param totalBits bits of all weights together
 * @param exceptions tensors that were treated otherwise than the scheme says, one sentence each
 */
public record Footprint(
    long parameters,
    long linearWeights,
    double linearBits,
    double totalBits,
    List<String> exceptions) {
  /** Bits per weight of the blocks' linear layers. */
  public double weightBits() {
    return linearBits / linearWeights;
  }

  /** Bits per weight of the whole model. */
  public double modelBits() {
    return totalBits / parameters;
  }
}
