// SPDX-License-Identifier: Apache-2.0
package io.lowbit.tensor;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A row-major tensor over little-endian memory, off-heap or mapped from a file. Offsets are long: a
 * tensor may exceed 2 GiB. The data is not copied; it lives as long as the arena of its segment.
 *
 * @param type element type
 * @param shape dimensions, the last one contiguous
 * @param data exactly {@code shape.elements() * type.bytes()} bytes, at any alignment
 */
public record Tensor(DType type, Shape shape, MemorySegment data) {
  /** Checks that the memory fits the shape. */
  public Tensor {
    long expected = Math.multiplyExact(shape.elements(), (long) type.bytes());
    if (data.byteSize() != expected) {
      throw new IllegalArgumentException(
          "a %s tensor of shape %s takes %,d bytes, not %,d"
              .formatted(type, shape, expected, data.byteSize()));
    }
  }

  /** A zeroed tensor that lives until it is no longer reachable. */
  public static Tensor allocate(DType type, long... dimensions) {
    Shape shape = Shape.of(dimensions);
    return new Tensor(
        type,
        shape,
        Arena.ofAuto().allocate(Math.multiplyExact(shape.elements(), (long) type.bytes()), 64));
  }

  /** An fp32 tensor with a copy of {@code values}. */
  public static Tensor of(float[] values, long... dimensions) {
    Tensor tensor = allocate(DType.F32, dimensions);
    MemorySegment.copy(MemorySegment.ofArray(values), 0, tensor.data, 0, tensor.data.byteSize());
    return tensor;
  }

  /**
   * Element {@code index} of the flattened tensor as fp32 (fp64 and wide integers are rounded to
   * nearest, ties to even).
   */
  public float get(long index) {
    return switch (type) {
      case F32 -> data.get(JAVA_FLOAT_UNALIGNED, index * 4);
      case F64 -> (float) data.get(JAVA_DOUBLE_UNALIGNED, index * 8);
      case F16 -> Float.float16ToFloat(data.get(JAVA_SHORT_UNALIGNED, index * 2));
      case BF16 -> BFloat16.toFloat(data.get(JAVA_SHORT_UNALIGNED, index * 2));
      case F8_E4M3 -> Float8.e4m3ToFloat(data.get(JAVA_BYTE, index));
      case F8_E5M2 -> Float8.e5m2ToFloat(data.get(JAVA_BYTE, index));
      case I8 -> data.get(JAVA_BYTE, index);
      case U8 -> data.get(JAVA_BYTE, index) & 0xFF;
      case BOOL -> data.get(JAVA_BYTE, index) == 0 ? 0 : 1;
      case I16 -> data.get(JAVA_SHORT_UNALIGNED, index * 2);
      case U16 -> data.get(JAVA_SHORT_UNALIGNED, index * 2) & 0xFFFF;
      case I32 -> data.get(JAVA_INT_UNALIGNED, index * 4);
      case U32 -> data.get(JAVA_INT_UNALIGNED, index * 4) & 0xFFFF_FFFFL;
      case I64 -> data.get(JAVA_LONG_UNALIGNED, index * 8);
      case U64 -> unsignedToFloat(data.get(JAVA_LONG_UNALIGNED, index * 8));
    };
  }

  private static float unsignedToFloat(long bits) {
    // The dropped low bit stays sticky, so that halving does not create a tie that was none.
    return bits >= 0 ? (float) bits : (float) ((bits >>> 1) | (bits & 1)) * 2f;
  }

  /** Copies {@code count} elements from flattened index {@code from} into {@code into} as fp32. */
  public void read(long from, float[] into, int offset, int count) {
    // The wide loops apart: a switch per element would cost more than the conversion.
    switch (type) {
      case F32 -> MemorySegment.copy(data, JAVA_FLOAT_UNALIGNED, from * 4, into, offset, count);
      case F16 -> {
        for (int i = 0; i < count; i++) {
          into[offset + i] = Float.float16ToFloat(data.get(JAVA_SHORT_UNALIGNED, (from + i) * 2));
        }
      }
      case BF16 -> {
        for (int i = 0; i < count; i++) {
          into[offset + i] = BFloat16.toFloat(data.get(JAVA_SHORT_UNALIGNED, (from + i) * 2));
        }
      }
      default -> {
        for (int i = 0; i < count; i++) {
          into[offset + i] = get(from + i);
        }
      }
    }
  }

  /**
   * A matrix whose row i is row {@code order[i]} of this one, copied.
   *
   * @param order rows to take, in the order wanted; a row may be left out
   */
  public Tensor reorderRows(int[] order) {
    long rowBytes = shape.columns() * type.bytes();
    long[] dimensions = shape.dimensions();
    dimensions[0] = order.length;
    Tensor target = allocate(type, dimensions);
    for (int i = 0; i < order.length; i++) {
      MemorySegment.copy(data, order[i] * rowBytes, target.data, i * rowBytes, rowBytes);
    }
    return target;
  }

  /**
   * All elements as fp32.
   *
   * @throws IllegalStateException if they do not fit a Java array
   */
  public float[] toFloats() {
    if (shape.elements() > Integer.MAX_VALUE - 8) {
      throw new IllegalStateException(
          "tensor of shape " + shape + " does not fit one array; read it in pieces");
    }
    float[] values = new float[(int) shape.elements()];
    read(0, values, 0, values.length);
    return values;
  }
}
