// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import io.lowbit.backend.Rotary;
import io.lowbit.backend.RotaryAngles;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/** Cosines and sines of the positions seen so far, and the rotation itself. */
final class RotaryTable {
  private final Rotary rotary;
  private final int pairs;
  private float[] cosines = new float[0];
  private float[] sines = new float[0];

  RotaryTable(Rotary rotary) {
    this.rotary = rotary;
    this.pairs = rotary.inverseFrequencies().length;
  }

  /** Makes the table hold positions 0 to {@code positions - 1}. */
  void extend(int positions) {
    int known = pairs == 0 ? positions : cosines.length / pairs;
    if (positions <= known) {
      return;
    }
    int size = Math.max(positions, known + known / 2);
    cosines = Arrays.copyOf(cosines, Math.multiplyExact(size, pairs));
    sines = Arrays.copyOf(sines, size * pairs);
    RotaryAngles.fill(rotary, known, size, cosines, sines);
  }

  /** Rotates one head that starts at {@code at}. */
  void rotate(float[] x, int at, int position) {
    int table = position * pairs;
    int done = rotary.interleaved() ? 0 : rotateVectors(x, at, table);
    int step = rotary.interleaved() ? 2 : 1;
    int partner = rotary.interleaved() ? 1 : pairs;
    for (int i = done; i < pairs; i++) {
      int first = at + i * step;
      float a = x[first];
      float b = x[first + partner];
      float cosine = cosines[table + i];
      float sine = sines[table + i];
      x[first] = a * cosine - b * sine;
      x[first + partner] = b * cosine + a * sine;
    }
  }

  /** Rotates as many pairs as fill vectors; returns their number. */
  private int rotateVectors(float[] x, int at, int table) {
    int i = 0;
    for (; i <= pairs - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector a = FloatVector.fromArray(Lanes.FLOATS, x, at + i);
      FloatVector b = FloatVector.fromArray(Lanes.FLOATS, x, at + pairs + i);
      FloatVector cosine = FloatVector.fromArray(Lanes.FLOATS, cosines, table + i);
      FloatVector sine = FloatVector.fromArray(Lanes.FLOATS, sines, table + i);
      a.mul(cosine).sub(b.mul(sine)).intoArray(x, at + i);
      b.mul(cosine).add(a.mul(sine)).intoArray(x, at + pairs + i);
    }
    return i;
  }
}
