// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import io.lowbit.backend.Activation;
import io.lowbit.tensor.BFloat16;
import io.lowbit.tensor.DType;
import java.util.Random;
import jdk.incubator.vector.FloatVector;
import org.testng.annotations.Test;

public class VectorMathTest {
  private static float exp(float x) {
    return VectorMath.exp(FloatVector.broadcast(Lanes.FLOATS, x)).lane(0);
  }

  @Test
  public void expIsWithinTwoUnitsInTheLastPlace() {
    for (float x = -87.3f; x < 88.7f; x += 0.00137f) {
      double expected = Math.exp(x);
      double error = Math.abs(exp(x) - expected) / Math.ulp((float) expected);
      assertTrue(error <= 2, x + ": " + error + " ulp");
    }
  }

  @Test
  public void expEndsInZeroInfinityAndNan() {
    assertEquals(exp(Float.NEGATIVE_INFINITY), 0f);
    assertEquals(exp(-88f), 0f);
    assertEquals(exp(0f), 1f);
    assertEquals(exp(89f), Float.POSITIVE_INFINITY);
    assertEquals(exp(Float.POSITIVE_INFINITY), Float.POSITIVE_INFINITY);
    assertTrue(Float.isNaN(exp(Float.NaN)));
  }

  /** Phi by its Taylor series, which fp64 sums to 1e-13 in this range. */
  private static double normalDistribution(double x) {
    double term = x;
    double sum = x;
    for (int n = 1; n < 200; n++) {
      term *= -x * x / (2 * n);
      sum += term / (2 * n + 1);
    }
    return 0.5 + sum / Math.sqrt(2 * Math.PI);
  }

  @Test
  public void activationsAgreeWithTheirFormulas() {
    for (int count : new int[] {1, 15, 16, 17, 31, 33, 127, 4097}) {
      float[] x = new float[count];
      float[] ones = new float[count];
      for (int i = 0; i < count; i++) {
        x[i] = count == 1 ? -1.5f : -4.5f + 9f * i / (count - 1);
        ones[i] = 1f;
      }
      for (Activation activation : Activation.values()) {
        float[] actual = new float[count];
        RowOperations.gated(activation, x, ones, actual, 0, count);
        for (int i = 0; i < count; i++) {
          double v = x[i];
          double expected =
              switch (activation) {
                case RELU -> Math.max(v, 0);
                case SILU -> v / (1 + Math.exp(-v));
                case GELU -> v * normalDistribution(v);
                case GELU_TANH ->
                    0.5 * v * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v * v * v)));
              };
          double tolerance = 1e-7 * Math.max(1, Math.abs(v)) + 3e-7 * Math.abs(expected);
          assertEquals(actual[i], expected, tolerance, activation + " of " + v);
        }
      }
    }
  }

  @Test
  public void activationsOfHugeValuesStayFinite() {
    float[] x = {-3e38f, -1e4f, -100f, 100f, 1e4f, 3e38f};
    float[] ones = {1f, 1f, 1f, 1f, 1f, 1f};
    for (Activation activation : Activation.values()) {
      float[] actual = new float[6];
      RowOperations.gated(activation, x, ones, actual, 0, 6);
      for (int i = 0; i < 6; i++) {
        assertEquals(actual[i], Math.max(x[i], 0f), 1e-30f, activation + " of " + x[i]);
      }
    }
  }

  @Test
  public void roundingAgreesWithTheScalarConversions() {
    Random random = new Random(1);
    float[] values = new float[4097];
    for (int i = 0; i < values.length; i++) {
      values[i] = Float.intBitsToFloat(random.nextInt());
    }
    float[] half = values.clone();
    float[] brain = values.clone();
    Rounding.round(DType.F16, half, 0, half.length);
    Rounding.round(DType.BF16, brain, 0, brain.length);
    for (int i = 0; i < values.length; i++) {
      assertEquals(half[i], Float.float16ToFloat(Float.floatToFloat16(values[i])));
      assertEquals(brain[i], BFloat16.toFloat(BFloat16.fromFloat(values[i])));
    }
  }
}
