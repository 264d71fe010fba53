// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend;

/** Cosines and sines of a {@link Rotary}, computed once for all back-ends so that they agree. */
public final class RotaryAngles {
  private RotaryAngles() {}

  /**
   * Computes positions {@code from} to {@code to - 1}.
   *
   * @param cosines {@code [positions, pairs]}, filled from row {@code from} on, magnitude included
   * @param sines as {@code cosines}
   */
  public static void fill(Rotary rotary, int from, int to, float[] cosines, float[] sines) {
    float[] frequencies = rotary.inverseFrequencies();
    int at = Math.multiplyExact(from, frequencies.length);
    for (int position = from; position < to; position++) {
      for (float frequency : frequencies) {
        float angle = position * frequency;
        cosines[at] = (float) Math.cos(angle) * rotary.magnitude();
        sines[at] = (float) Math.sin(angle) * rotary.magnitude();
        at++;
      }
    }
  }
}
