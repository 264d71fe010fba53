// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import io.lowbit.backend.Activation;
import io.lowbit.backend.Norm;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/** Normalisations and element-wise operations on stretches of fp32 arrays, before rounding. */
final class RowOperations {
  private RowOperations() {}

  /**
   * Normalises {@code count} values from {@code at} on into the same place of {@code out}.
   *
   * @param bias summands, or empty
   */
  static void norm(
      Norm.Kind kind,
      float epsilon,
      float[] weight,
      float[] bias,
      float[] x,
      int at,
      float[] out,
      int count,
      float[] partial) {
    float mean = kind == Norm.Kind.LAYER ? sum(x, at, count, partial) / count : 0f;
    float square = sumOfSquares(x, at, count, mean, partial) / count;
    float factor = (float) (1 / Math.sqrt((double) square + epsilon));
    float plus = kind == Norm.Kind.RMS_PLUS_ONE ? 1f : 0f;
    apply(x, at, mean, factor, plus, weight, out, count);
    if (bias.length > 0) {
      add(out, at, bias, 0, count);
    }
  }

  private static void apply(
      float[] x,
      int at,
      float mean,
      float factor,
      float plus,
      float[] weight,
      float[] out,
      int count) {
    int i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector w = FloatVector.fromArray(Lanes.FLOATS, weight, i).add(plus);
      FloatVector v = FloatVector.fromArray(Lanes.FLOATS, x, at + i);
      v.sub(mean).mul(factor).mul(w).intoArray(out, at + i);
    }
    for (; i < count; i++) {
      out[at + i] = (x[at + i] - mean) * factor * (weight[i] + plus);
    }
  }

  private static float sum(float[] x, int at, int count, float[] partial) {
    int whole = count - count % Lanes.PARTIAL_SUMS;
    for (int lane = 0; lane < Lanes.PARTIAL_SUMS; lane += Lanes.COUNT) {
      FloatVector sum = FloatVector.zero(Lanes.FLOATS);
      for (int i = lane; i < whole; i += Lanes.PARTIAL_SUMS) {
        sum = sum.add(FloatVector.fromArray(Lanes.FLOATS, x, at + i));
      }
      sum.intoArray(partial, lane);
    }
    for (int i = whole; i < count; i++) {
      partial[i - whole] += x[at + i];
    }
    return Lanes.total(partial);
  }

  private static float sumOfSquares(float[] x, int at, int count, float mean, float[] partial) {
    int whole = count - count % Lanes.PARTIAL_SUMS;
    for (int lane = 0; lane < Lanes.PARTIAL_SUMS; lane += Lanes.COUNT) {
      FloatVector sum = FloatVector.zero(Lanes.FLOATS);
      for (int i = lane; i < whole; i += Lanes.PARTIAL_SUMS) {
        FloatVector d = FloatVector.fromArray(Lanes.FLOATS, x, at + i).sub(mean);
        sum = d.fma(d, sum);
      }
      sum.intoArray(partial, lane);
    }
    for (int i = whole; i < count; i++) {
      float d = x[at + i] - mean;
      partial[i - whole] = Math.fma(d, d, partial[i - whole]);
    }
    return Lanes.total(partial);
  }

  /** {@code out = activation(gate) * up}. */
  static void gated(
      Activation activation, float[] gate, float[] up, float[] out, int from, int to) {
    int whole = from + (to - from) / Lanes.COUNT * Lanes.COUNT;
    wholeVectors(activation, gate, up, out, from, whole);
    if (whole < to) {
      float[] g = Arrays.copyOf(Arrays.copyOfRange(gate, whole, to), Lanes.COUNT);
      float[] u = Arrays.copyOf(Arrays.copyOfRange(up, whole, to), Lanes.COUNT);
      wholeVectors(activation, g, u, g, 0, Lanes.COUNT);
      System.arraycopy(g, 0, out, whole, to - whole);
    }
  }

  // One loop per function: vectors that leave a switch as its value would be boxed.
  private static void wholeVectors(
      Activation activation, float[] gate, float[] up, float[] out, int from, int to) {
    switch (activation) {
      case RELU -> relu(gate, up, out, from, to);
      case GELU -> gelu(gate, up, out, from, to);
      case GELU_TANH -> geluTanh(gate, up, out, from, to);
      case SILU -> silu(gate, up, out, from, to);
    }
  }

  private static void relu(float[] gate, float[] up, float[] out, int from, int to) {
    for (int i = from; i < to; i += Lanes.COUNT) {
      FloatVector g = FloatVector.fromArray(Lanes.FLOATS, gate, i);
      g.max(0f).mul(FloatVector.fromArray(Lanes.FLOATS, up, i)).intoArray(out, i);
    }
  }

  private static void gelu(float[] gate, float[] up, float[] out, int from, int to) {
    for (int i = from; i < to; i += Lanes.COUNT) {
      FloatVector g = FloatVector.fromArray(Lanes.FLOATS, gate, i);
      VectorMath.gelu(g).mul(FloatVector.fromArray(Lanes.FLOATS, up, i)).intoArray(out, i);
    }
  }

  private static void geluTanh(float[] gate, float[] up, float[] out, int from, int to) {
    for (int i = from; i < to; i += Lanes.COUNT) {
      FloatVector g = FloatVector.fromArray(Lanes.FLOATS, gate, i);
      VectorMath.geluTanh(g).mul(FloatVector.fromArray(Lanes.FLOATS, up, i)).intoArray(out, i);
    }
  }

  private static void silu(float[] gate, float[] up, float[] out, int from, int to) {
    for (int i = from; i < to; i += Lanes.COUNT) {
      FloatVector g = FloatVector.fromArray(Lanes.FLOATS, gate, i);
      VectorMath.silu(g).mul(FloatVector.fromArray(Lanes.FLOATS, up, i)).intoArray(out, i);
    }
  }

  /** Adds {@code count} values of y to x. */
  static void add(float[] x, int at, float[] y, int from, int count) {
    for (int i = 0; i < count; i++) {
      x[at + i] += y[from + i];
    }
  }
}
