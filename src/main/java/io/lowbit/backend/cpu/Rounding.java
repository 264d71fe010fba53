// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import static jdk.incubator.vector.VectorOperators.AND;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.NE;

import io.lowbit.tensor.BFloat16;
import io.lowbit.tensor.DType;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/** Rounds fp32 values to the values of a narrower type, to nearest, ties to even. */
final class Rounding {
  private Rounding() {}

  /** Rounds {@code count} values in place. */
  static void round(DType type, float[] values, int offset, int count) {
    switch (type) {
      case F32 -> {}
      case F16 -> roundToHalf(values, offset, count);
      case BF16 -> roundToBFloat16(values, offset, count);
      default -> throw new IllegalArgumentException("no buffers of type " + type);
    }
  }

  /** Narrows values that {@code type} holds exactly to its 16 bits. */
  static short narrow(DType type, float value) {
    return type == DType.F16 ? Float.floatToFloat16(value) : BFloat16.fromFloat(value);
  }

  /** Widens 16-bit values. */
  static void widen(
      DType type, short[] values, int offset, float[] into, int intoOffset, int count) {
    if (type == DType.F16) {
      for (int i = 0; i < count; i++) {
        into[intoOffset + i] = Float.float16ToFloat(values[offset + i]);
      }
    } else {
      for (int i = 0; i < count; i++) {
        into[intoOffset + i] = Float.intBitsToFloat(values[offset + i] << 16);
      }
    }
  }

  private static void roundToHalf(float[] values, int offset, int count) {
    for (int i = offset; i < offset + count; i++) {
      values[i] = Float.float16ToFloat(Float.floatToFloat16(values[i]));
    }
  }

  private static void roundToBFloat16(float[] values, int offset, int count) {
    int end = offset + count;
    int i = offset;
    for (; i <= end - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector x = FloatVector.fromArray(Lanes.FLOATS, values, i);
      IntVector bits = x.reinterpretAsInts();
      IntVector odd = bits.lanewise(LSHR, 16).and(1);
      FloatVector rounded =
          bits.add(0x7FFF).add(odd).lanewise(AND, 0xFFFF_0000).reinterpretAsFloats();
      rounded.blend(x, x.compare(NE, x)).intoArray(values, i);
    }
    for (; i < end; i++) {
      values[i] = BFloat16.toFloat(BFloat16.fromFloat(values[i]));
    }
  }
}
