// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import io.lowbit.ptx.text.Operand;
import io.lowbit.ptx.text.PtxType;
import java.util.List;

/**
 * mma.sync of m16n8: A {@code [16, k]} by rows, B {@code [k, 8]} by columns. Products are exact,
 * sums are kept in double and rounded once; a GPU's sums are less exact and in another order, so
 * its results differ in the last bits. Integer results are exact.
 */
final class MatrixFamily {
  private static final int ROWS = 16;
  private static final int COLUMNS = 8;

  private MatrixFamily() {}

  static Op decode(Instruction in) {
    String shape = in.suffixes.stream().filter(s -> s.startsWith("m16n8k")).findFirst().orElse("");
    if (shape.isEmpty() || in.has("sp") || in.has("popc") || in.types.size() != 4) {
      throw in.unsupported("this shape or form of mma");
    }
    int depth = Integer.parseInt(shape.substring("m16n8k".length()));
    PtxType result = in.types.getFirst();
    PtxType typeA = in.types.get(1);
    PtxType typeB = in.types.get(2);
    if (in.types.getLast() != result) {
      throw in.unsupported("accumulators of two types");
    }
    int perRegister = 32 / typeA.bits();
    int registersA = ROWS * depth / perRegister / 32;
    int registersB = COLUMNS * depth / perRegister / 32;
    int[] d = registers(in, 0, true);
    int[] a = registers(in, 1, false);
    int[] b = registers(in, 2, false);
    int[] c = registers(in, 3, false);
    if (a.length != registersA || b.length != registersB || registersA < 2) {
      throw in.unsupported("k%d of %s with %d registers".formatted(depth, typeA, a.length));
    }
    Op op =
        result == PtxType.S32
            ? new IntegerProduct(depth, typeA, typeB, in.has("satfinite"), d, a, b, c)
            : new FloatProduct(depth, typeA, result, d, a, b, c);
    if (c.length != (result == PtxType.F16 ? 2 : 4) || d.length != c.length) {
      throw in.unsupported("accumulators in %d registers".formatted(c.length));
    }
    op.category = InstructionClass.MATRIX;
    return op;
  }

  private static int[] registers(Instruction in, int position, boolean out) {
    List<Operand> elements =
        in.operand(position) instanceof Operand.Vector(List<Operand> parts)
            ? parts
            : List.of(in.operand(position));
    return elements.stream().mapToInt(out ? in::out32 : in::in32).toArray();
  }

  /** Work space of a warp. */
  static final class Scratch {
    final double[] a = new double[ROWS * 32];
    final double[] b = new double[32 * COLUMNS];
    final double[] sums = new double[ROWS * COLUMNS];
    final double[] unpacked = new double[4 * LaneLoops.LANES];
    final int[] intA = new int[ROWS * 64];
    final int[] intB = new int[64 * COLUMNS];
    final long[] intSums = new long[ROWS * COLUMNS];
  }

  /** Takes the elements out of the registers of 32 lanes: element i of lane l to l * count + i. */
  private interface Unpacking {
    void run(int[] from, double[] to);
  }

  private static Unpacking unpacking(PtxType type) {
    return switch (type) {
      case F16 -> MatrixFamily::unpackHalves;
      case BF16 -> MatrixFamily::unpackBrainFloats;
      case TF32 ->
          (from, to) -> {
            for (int l = 0; l < LaneLoops.LANES; l++) {
              to[l] = Float.intBitsToFloat(from[l] & 0xFFFF_E000);
            }
          };
      case E4M3, E5M2 -> {
        FloatFormat format = FloatFormat.of(type);
        yield (from, to) -> {
          for (int i = 0; i < 4 * LaneLoops.LANES; i++) {
            to[i] = format.decode(from[i >> 2] >>> (8 * (i & 3)) & 0xFF);
          }
        };
      }
      default -> throw new IllegalArgumentException("mma of " + type);
    };
  }

  private static void unpackHalves(int[] from, double[] to) {
    for (int l = 0; l < LaneLoops.LANES; l++) {
      to[2 * l] = Float.float16ToFloat((short) from[l]);
      to[2 * l + 1] = Float.float16ToFloat((short) (from[l] >>> 16));
    }
  }

  private static void unpackBrainFloats(int[] from, double[] to) {
    for (int l = 0; l < LaneLoops.LANES; l++) {
      to[2 * l] = Float.intBitsToFloat(from[l] << 16);
      to[2 * l + 1] = Float.intBitsToFloat(from[l] & 0xFFFF_0000);
    }
  }

  private static final class FloatProduct extends Op {
    private final int depth;
    private final int perRegister;
    private final Unpacking unpacking;
    private final boolean half;
    private final int[] d;
    private final int[] a;
    private final int[] b;
    private final int[] c;

    FloatProduct(int depth, PtxType type, PtxType result, int[] d, int[] a, int[] b, int[] c) {
      this.depth = depth;
      this.perRegister = 32 / type.bits();
      this.unpacking = unpacking(type);
      this.half = result == PtxType.F16;
      this.d = d;
      this.a = a;
      this.b = b;
      this.c = c;
    }

    @Override
    void execute(Warp warp, int mask) {
      MatrixLoadFamily.requireWholeWarp(warp, mask);
      Scratch s = warp.matrices();
      for (int r = 0; r < a.length; r++) {
        unpacking.run(warp.r32[a[r]], s.unpacked);
        for (int l = 0; l < LaneLoops.LANES; l++) {
          int at = (l / 4 + 8 * (r & 1)) * depth + ((r >> 1) * 4 + l % 4) * perRegister;
          for (int i = 0; i < perRegister; i++) {
            s.a[at + i] = s.unpacked[l * perRegister + i];
          }
        }
      }
      for (int r = 0; r < b.length; r++) {
        unpacking.run(warp.r32[b[r]], s.unpacked);
        for (int l = 0; l < LaneLoops.LANES; l++) {
          int k = (r * 4 + l % 4) * perRegister;
          for (int i = 0; i < perRegister; i++) {
            s.b[(k + i) * COLUMNS + l / 4] = s.unpacked[l * perRegister + i];
          }
        }
      }
      readSums(warp, s.sums);
      multiply(s.a, s.b, s.sums, depth);
      writeSums(warp, s.sums);
    }

    private void readSums(Warp warp, double[] sums) {
      for (int l = 0; l < LaneLoops.LANES; l++) {
        for (int i = 0; i < 4; i++) {
          sums[place(l, i)] =
              half
                  ? Float.float16ToFloat((short) (warp.r32[c[i >> 1]][l] >>> (16 * (i & 1))))
                  : Float.intBitsToFloat(warp.r32[c[i]][l]);
        }
      }
    }

    private void writeSums(Warp warp, double[] sums) {
      for (int l = 0; l < LaneLoops.LANES; l++) {
        if (half) {
          for (int i = 0; i < 2; i++) {
            int low = Halves.F16.round(sums[place(l, 2 * i)]);
            warp.r32[d[i]][l] = low | Halves.F16.round(sums[place(l, 2 * i + 1)]) << 16;
          }
        } else {
          for (int i = 0; i < 4; i++) {
            warp.r32[d[i]][l] = FloatFamily.bits((float) sums[place(l, i)]);
          }
        }
      }
    }

    private static void multiply(double[] a, double[] b, double[] sums, int depth) {
      for (int row = 0; row < ROWS; row++) {
        multiplyRow(a, row * depth, b, sums, row * COLUMNS, depth);
      }
    }

    /** The sums stay in registers while k runs. */
    private static void multiplyRow(
        double[] a, int fromA, double[] b, double[] sums, int to, int depth) {
      double s0 = sums[to];
      double s1 = sums[to + 1];
      double s2 = sums[to + 2];
      double s3 = sums[to + 3];
      double s4 = sums[to + 4];
      double s5 = sums[to + 5];
      double s6 = sums[to + 6];
      double s7 = sums[to + 7];
      for (int k = 0; k < depth; k++) {
        double x = a[fromA + k];
        int from = k * COLUMNS;
        s0 += x * b[from];
        s1 += x * b[from + 1];
        s2 += x * b[from + 2];
        s3 += x * b[from + 3];
        s4 += x * b[from + 4];
        s5 += x * b[from + 5];
        s6 += x * b[from + 6];
        s7 += x * b[from + 7];
      }
      sums[to] = s0;
      sums[to + 1] = s1;
      sums[to + 2] = s2;
      sums[to + 3] = s3;
      sums[to + 4] = s4;
      sums[to + 5] = s5;
      sums[to + 6] = s6;
      sums[to + 7] = s7;
    }
  }

  /** Where element i of a lane's accumulator lies in the 16 x 8 result. */
  private static int place(int lane, int i) {
    return (lane / 4 + 8 * (i >> 1)) * COLUMNS + 2 * (lane % 4) + (i & 1);
  }

  private static final class IntegerProduct extends Op {
    private final int depth;
    private final int bits;
    private final boolean signedA;
    private final boolean signedB;
    private final boolean saturate;
    private final int[] d;
    private final int[] a;
    private final int[] b;
    private final int[] c;

    IntegerProduct(
        int depth,
        PtxType typeA,
        PtxType typeB,
        boolean saturate,
        int[] d,
        int[] a,
        int[] b,
        int[] c) {
      this.depth = depth;
      this.bits = typeA.bits();
      this.signedA = typeA.signed();
      this.signedB = typeB.signed();
      this.saturate = saturate;
      this.d = d;
      this.a = a;
      this.b = b;
      this.c = c;
    }

    @Override
    void execute(Warp warp, int mask) {
      MatrixLoadFamily.requireWholeWarp(warp, mask);
      Scratch s = warp.matrices();
      int perRegister = 32 / bits;
      for (int r = 0; r < a.length; r++) {
        int[] from = warp.r32[a[r]];
        for (int l = 0; l < LaneLoops.LANES; l++) {
          int at = (l / 4 + 8 * (r & 1)) * depth + ((r >> 1) * 4 + l % 4) * perRegister;
          for (int i = 0; i < perRegister; i++) {
            s.intA[at + i] = element(from[l], i, signedA);
          }
        }
      }
      for (int r = 0; r < b.length; r++) {
        int[] from = warp.r32[b[r]];
        for (int l = 0; l < LaneLoops.LANES; l++) {
          int at = l / 4 * depth + (r * 4 + l % 4) * perRegister;
          for (int i = 0; i < perRegister; i++) {
            s.intB[at + i] = element(from[l], i, signedB);
          }
        }
      }
      multiply(s);
      for (int l = 0; l < LaneLoops.LANES; l++) {
        for (int i = 0; i < 4; i++) {
          long sum = s.intSums[place(l, i)] + warp.r32[c[i]][l];
          warp.scratch32[i] = saturate ? IntLoops.clamp(sum, true) : (int) sum;
        }
        for (int i = 0; i < 4; i++) {
          warp.r32[d[i]][l] = warp.scratch32[i];
        }
      }
    }

    private int element(int register, int i, boolean signed) {
      int top = register << (32 - bits * (i + 1));
      return signed ? top >> (32 - bits) : top >>> (32 - bits);
    }

    private void multiply(Scratch s) {
      for (int row = 0; row < ROWS; row++) {
        for (int column = 0; column < COLUMNS; column++) {
          s.intSums[row * COLUMNS + column] = dot(s.intA, row * depth, s.intB, column * depth);
        }
      }
    }

    private int dot(int[] x, int xAt, int[] y, int yAt) {
      int sum = 0;
      for (int k = 0; k < depth; k++) {
        sum += x[xAt + k] * y[yAt + k];
      }
      return sum;
    }
  }
}
