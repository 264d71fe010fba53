// SPDX-License-Identifier: Apache-2.0
package io.lowbit.model.family;

import io.lowbit.backend.Rotary;

/**
 * Frequencies of rotary position embeddings, computed in fp32 as the reference implementations do.
 */
final class RotaryScaling {
  private RotaryScaling() {}

  /**
   * {@code 1 / theta^(2i/dimensions)}, the rotate-half arrangement of {@code dimensions} values per
   * head.
   */
  static Rotary plain(double theta, int dimensions) {
    float[] frequencies = new float[dimensions / 2];
    for (int i = 0; i < frequencies.length; i++) {
      float exponent = 2f * i / dimensions;
      frequencies[i] = 1f / (float) Math.pow(theta, exponent);
    }
    return new Rotary(frequencies, false, 1f);
  }

  /** Positions divided by {@code factor} (Chen et al. 2023). */
  static Rotary linear(Rotary rotary, double factor) {
    float[] frequencies = rotary.inverseFrequencies().clone();
    for (int i = 0; i < frequencies.length; i++) {
      frequencies[i] /= (float) factor;
    }
    return new Rotary(frequencies, rotary.interleaved(), rotary.magnitude());
  }
}
