// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import static org.testng.Assert.assertEquals;

import io.lowbit.backend.cuda.DeviceMemory;
import io.lowbit.backend.cuda.GpuException;
import io.lowbit.backend.cuda.LaunchShape;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * mma, ldmatrix and movmatrix against the tables of the PTX manual, "Matrix Fragments for mma", one
 * formula for each element i of a lane's fragment with g = lane / 4 and t = lane % 4.
 */
public final class MatrixTest {
  /** Place of element i of a lane in a matrix. */
  interface Place {
    int of(int g, int t, int i);
  }

  /** Bits of one element. */
  interface Coding {
    int bits(int value);
  }

  /**
   * A shape of mma.
   *
   * @param suffix after {@code mma.sync.aligned.}
   * @param k depth
   * @param bits of an element of A and B
   * @param low smallest value that is drawn for A
   * @param lowB smallest value that is drawn for B
   * @param range number of values
   * @param coding of the elements
   * @param rowA, columnA, rowB as the manual gives them; the column of B is g
   * @param half whether the accumulators are fp16
   */
  record Shape(
      String suffix,
      int k,
      int bits,
      int low,
      int lowB,
      int range,
      Coding coding,
      Place rowA,
      Place columnA,
      Place rowB,
      boolean half) {
    int elementsA() {
      return 16 * k / 32;
    }

    int elementsB() {
      return 8 * k / 32;
    }

    @Override
    public String toString() {
      return suffix;
    }
  }

  private static final Coding F16 = value -> Float.floatToFloat16(value) & 0xFFFF;
  private static final Coding BF16 = value -> Float.floatToRawIntBits(value) >>> 16;
  private static final Coding TF32 = value -> Float.floatToRawIntBits(value);
  private static final Coding BYTE = value -> value & 0xFF;
  private static final Coding NIBBLE = value -> value & 0xF;

  private static Shape k8(String suffix, Coding coding, boolean half) {
    return new Shape(
        suffix,
        8,
        16,
        -8,
        -8,
        17,
        coding,
        (g, t, i) -> i < 2 ? g : g + 8,
        (g, t, i) -> t * 2 + (i & 1),
        (g, t, i) -> t * 2 + (i & 1),
        half);
  }

  private static Shape k16(String suffix, Coding coding, boolean half) {
    return new Shape(
        suffix,
        16,
        16,
        -8,
        -8,
        17,
        coding,
        (g, t, i) -> i < 2 || (i >= 4 && i < 6) ? g : g + 8,
        (g, t, i) -> t * 2 + (i & 1) + (i >= 4 ? 8 : 0),
        (g, t, i) -> t * 2 + (i & 1) + (i >= 2 ? 8 : 0),
        half);
  }

  private static Shape bytes16(String suffix, int low, int lowB) {
    return new Shape(
        suffix,
        16,
        8,
        low,
        lowB,
        256,
        BYTE,
        (g, t, i) -> i < 4 ? g : g + 8,
        (g, t, i) -> t * 4 + (i & 3),
        (g, t, i) -> t * 4 + (i & 3),
        false);
  }

  private static Shape bytes32(String suffix, int low, int lowB) {
    return new Shape(
        suffix,
        32,
        8,
        low,
        lowB,
        256,
        BYTE,
        (g, t, i) -> i < 4 || (i >= 8 && i < 12) ? g : g + 8,
        (g, t, i) -> t * 4 + (i & 3) + (i >= 8 ? 16 : 0),
        (g, t, i) -> t * 4 + (i & 3) + (i >= 4 ? 16 : 0),
        false);
  }

  private static Shape nibbles32(String suffix, int low, int lowB) {
    return new Shape(
        suffix,
        32,
        4,
        low,
        lowB,
        16,
        NIBBLE,
        (g, t, i) -> i < 8 ? g : g + 8,
        (g, t, i) -> t * 8 + (i & 7),
        (g, t, i) -> t * 8 + (i & 7),
        false);
  }

  private static Shape nibbles64(String suffix, int low, int lowB) {
    return new Shape(
        suffix,
        64,
        4,
        low,
        lowB,
        16,
        NIBBLE,
        (g, t, i) -> i < 8 || (i >= 16 && i < 24) ? g : g + 8,
        (g, t, i) -> t * 8 + (i & 7) + (i >= 16 ? 32 : 0),
        (g, t, i) -> t * 8 + (i & 7) + (i >= 8 ? 32 : 0),
        false);
  }

  @DataProvider
  Object[][] shapes() {
    Shape tf32k4 =
        new Shape(
            "m16n8k4.row.col.f32.tf32.tf32.f32",
            4,
            32,
            -8,
            -8,
            17,
            TF32,
            (g, t, i) -> i == 0 ? g : g + 8,
            (g, t, i) -> t,
            (g, t, i) -> t,
            false);
    Shape tf32k8 =
        new Shape(
            "m16n8k8.row.col.f32.tf32.tf32.f32",
            8,
            32,
            -8,
            -8,
            17,
            TF32,
            (g, t, i) -> i == 0 || i == 2 ? g : g + 8,
            (g, t, i) -> i < 2 ? t : t + 4,
            (g, t, i) -> i == 0 ? t : t + 4,
            false);
    return new Object[][] {
      {k8("m16n8k8.row.col.f32.f16.f16.f32", F16, false)},
      {k8("m16n8k8.row.col.f32.bf16.bf16.f32", BF16, false)},
      {k8("m16n8k8.row.col.f16.f16.f16.f16", F16, true)},
      {k16("m16n8k16.row.col.f32.f16.f16.f32", F16, false)},
      {k16("m16n8k16.row.col.f32.bf16.bf16.f32", BF16, false)},
      {k16("m16n8k16.row.col.f16.f16.f16.f16", F16, true)},
      {tf32k4},
      {tf32k8},
      {bytes16("m16n8k16.row.col.s32.s8.s8.s32", -128, -128)},
      {bytes16("m16n8k16.row.col.s32.u8.s8.s32", 0, -128)},
      {bytes32("m16n8k32.row.col.s32.s8.s8.s32", -128, -128)},
      {bytes32("m16n8k32.row.col.s32.u8.s8.s32", 0, -128)},
      {bytes32("m16n8k32.row.col.s32.s8.u8.s32", -128, 0)},
      {bytes32("m16n8k32.row.col.s32.u8.u8.s32", 0, 0)},
      {nibbles32("m16n8k32.row.col.s32.s4.s4.s32", -8, -8)},
      {nibbles64("m16n8k64.row.col.s32.s4.s4.s32", -8, -8)},
      {nibbles64("m16n8k64.row.col.s32.u4.s4.s32", 0, -8)},
      {nibbles64("m16n8k64.row.col.s32.u4.u4.s32", 0, 0)},
    };
  }

  /** Loads registers {@code [register][lane]}, multiplies, and stores the result the same way. */
  private static String kernel(String suffix, int a, int b, int c) {
    StringBuilder body =
        new StringBuilder(
            "ld.param.u64 %rd1, [x]; mov.u32 %r39, %laneid; mul.wide.u32 %rd2, %r39, 4;"
                + " add.s64 %rd1, %rd1, %rd2;\n");
    for (int i = 0; i < a + b + c; i++) {
      body.append("ld.global.u32 %%r%d, [%%rd1+%d];\n".formatted(i, 128 * i));
    }
    body.append(
        "mma.sync.aligned.%s {%s}, {%s}, {%s}, {%s};\n"
            .formatted(
                suffix,
                registers(a + b + c, c),
                registers(0, a),
                registers(a, b),
                registers(a + b, c)));
    for (int i = 0; i < c; i++) {
      body.append("st.global.u32 [%%rd1+%d], %%r%d;\n".formatted(128 * i, a + b + c + i));
    }
    return Rig.micro(".param .u64 x", body.toString());
  }

  private static String registers(int first, int count) {
    return IntStream.range(first, first + count)
        .mapToObj(i -> "%r" + i)
        .collect(Collectors.joining(", "));
  }

  @Test(dataProvider = "shapes")
  public void productsFollowTheTables(Shape shape) {
    Random random = new Random(shape.hashCode());
    int[][] a = matrix(random, 16, shape.k(), shape.low(), shape.range());
    int[][] b = matrix(random, shape.k(), 8, shape.lowB(), shape.range());
    int[][] c = matrix(random, 16, 8, -100, 201);
    int perRegister = 32 / shape.bits();
    int registersA = shape.elementsA() / perRegister;
    int registersB = shape.elementsB() / perRegister;
    int registersC = shape.half() ? 2 : 4;
    int[] registers = new int[32 * (registersA + registersB + registersC)];
    for (int lane = 0; lane < 32; lane++) {
      int g = lane / 4;
      int t = lane % 4;
      for (int i = 0; i < shape.elementsA(); i++) {
        int value = a[shape.rowA().of(g, t, i)][shape.columnA().of(g, t, i)];
        put(registers, i / perRegister, lane, shape, i % perRegister, value);
      }
      for (int i = 0; i < shape.elementsB(); i++) {
        int value = b[shape.rowB().of(g, t, i)][g];
        put(registers, registersA + i / perRegister, lane, shape, i % perRegister, value);
      }
      for (int i = 0; i < 4; i++) {
        int value = c[i < 2 ? g : g + 8][t * 2 + (i & 1)];
        int at = registersA + registersB + (shape.half() ? i / 2 : i);
        registers[32 * at + lane] |= accumulator(shape, value) << (shape.half() ? 16 * (i & 1) : 0);
      }
    }
    int[] result = run(kernel(shape.suffix(), registersA, registersB, registersC), registers);
    for (int lane = 0; lane < 32; lane++) {
      for (int i = 0; i < 4; i++) {
        int row = i < 2 ? lane / 4 : lane / 4 + 8;
        int column = lane % 4 * 2 + (i & 1);
        long sum = c[row][column];
        for (int k = 0; k < shape.k(); k++) {
          sum += (long) a[row][k] * b[k][column];
        }
        int word = result[32 * (shape.half() ? i / 2 : i) + lane];
        int bits = shape.half() ? word >>> (16 * (i & 1)) & 0xFFFF : word;
        assertEquals(bits, accumulator(shape, (int) sum), "row " + row + " column " + column);
      }
    }
  }

  private static int[] run(String ptx, int[] registers) {
    try (Rig rig = new Rig()) {
      DeviceMemory memory = rig.ints(registers);
      rig.run(ptx, LaunchShape.of(1, 32), Rig.arguments().pointer(memory.pointer()));
      return rig.ints(memory);
    }
  }

  private static void put(
      int[] registers, int register, int lane, Shape shape, int position, int value) {
    registers[32 * register + lane] |= shape.coding().bits(value) << (shape.bits() * position);
  }

  private static int accumulator(Shape shape, int value) {
    if (shape.half()) {
      return F16.bits(value);
    }
    return shape.suffix().contains(".s32.") ? value : Float.floatToRawIntBits(value);
  }

  private static int[][] matrix(Random random, int rows, int columns, int low, int range) {
    int[][] matrix = new int[rows][columns];
    for (int[] row : matrix) {
      for (int i = 0; i < columns; i++) {
        row[i] = low + random.nextInt(range);
      }
    }
    return matrix;
  }

  /** 127 * 127 * 32 above the largest int wraps, or stays there with .satfinite. */
  @Test
  public void integerSumsWrapOrSaturate() {
    int[] registers = new int[32 * 10];
    java.util.Arrays.fill(registers, 0, 32 * 6, 0x7F7F_7F7F);
    java.util.Arrays.fill(registers, 32 * 6, 32 * 10, Integer.MAX_VALUE);
    int product = 127 * 127 * 32;
    String type = "s32.s8.s8.s32";
    int wrapped = run(kernel("m16n8k32.row.col." + type, 4, 2, 4), registers.clone())[0];
    assertEquals(wrapped, Integer.MIN_VALUE + product - 1);
    int clamped = run(kernel("m16n8k32.row.col.satfinite." + type, 4, 2, 4), registers)[0];
    assertEquals(clamped, Integer.MAX_VALUE);
  }

  /** 2048 + 1 is no half: ties go to even, and 2048 + 1 + 1 must not be rounded twice. */
  @Test
  public void halfSumsAreRoundedOnce() {
    int[] registers = new int[32 * 8];
    java.util.Arrays.fill(registers, 0, 32 * 4, F16.bits(1) | F16.bits(1) << 16);
    java.util.Arrays.fill(registers, 32 * 4, 32 * 5, F16.bits(0) | F16.bits(0) << 16);
    java.util.Arrays.fill(registers, 32 * 6, 32 * 8, F16.bits(2048) | F16.bits(2048) << 16);
    // Only lanes with t = 0 hold ones of B: two products of one for each result.
    for (int lane = 0; lane < 32; lane += 4) {
      registers[32 * 4 + lane] = F16.bits(1) | F16.bits(1) << 16;
    }
    int[] result = run(kernel("m16n8k16.row.col.f16.f16.f16.f16", 4, 2, 2), registers);
    assertEquals(result[0], F16.bits(2050) | F16.bits(2050) << 16);
  }

  @DataProvider
  Object[][] loads() {
    return new Object[][] {
      {1, false}, {2, false}, {4, false}, {1, true}, {2, true}, {4, true},
    };
  }

  /** Row r of matrix m lies at an odd place; its element c is 1000 m + 10 r + c. */
  @Test(dataProvider = "loads")
  public void matrixLoadsFollowTheTables(int matrices, boolean transposed) {
    StringBuilder body =
        new StringBuilder(
            """
            .shared .align 16 .b8 s[2048];
            ld.param.u64 %rd1, [x];
            mov.u32 %r1, %laneid;
            mul.wide.u32 %rd2, %r1, 4;
            add.s64 %rd2, %rd1, %rd2;
            mov.u32 %r2, s;
            shr.u32 %r3, %r1, 3;
            and.b32 %r4, %r1, 7;
            """);
    // Lane l writes row l % 8 of matrix l / 8 at (7 l % 32) * 48 bytes, and points to it.
    body.append("mul.lo.s32 %r5, %r1, 7; and.b32 %r5, %r5, 31; mad.lo.s32 %r5, %r5, 48, %r2;\n");
    body.append("mul.lo.s32 %r6, %r3, 1000; mad.lo.s32 %r6, %r4, 10, %r6;\n");
    for (int c = 0; c < 8; c++) {
      body.append("add.s32 %%r7, %%r6, %d; st.shared.u16 [%%r5+%d], %%r7;\n".formatted(c, 2 * c));
    }
    body.append("bar.warp.sync -1;\n");
    body.append(
        "ldmatrix.sync.aligned.m8n8.x%d%s.shared.b16 {%s}, [%%r5];\n"
            .formatted(matrices, transposed ? ".trans" : "", registers(10, matrices)));
    for (int m = 0; m < matrices; m++) {
      body.append("st.global.u32 [%%rd2+%d], %%r%d;\n".formatted(128 * m, 10 + m));
    }
    int[] result = run(Rig.micro(".param .u64 x", body.toString()), new int[32 * matrices]);
    for (int m = 0; m < matrices; m++) {
      for (int lane = 0; lane < 32; lane++) {
        for (int i = 0; i < 2; i++) {
          int row = lane / 4;
          int column = 2 * (lane % 4) + i;
          int expected = 1000 * m + (transposed ? 10 * column + row : 10 * row + column);
          assertEquals(result[32 * m + lane] >>> (16 * i) & 0xFFFF, expected);
        }
      }
    }
  }

  @Test
  public void movmatrixTransposes() {
    String body =
        """
        ld.param.u64 %rd1, [x];
        mov.u32 %r1, %laneid;
        mul.wide.u32 %rd2, %r1, 4;
        add.s64 %rd1, %rd1, %rd2;
        ld.global.u32 %r2, [%rd1];
        movmatrix.sync.aligned.m8n8.trans.b16 %r3, %r2;
        st.global.u32 [%rd1], %r3;
        """;
    int[] registers = new int[32];
    for (int lane = 0; lane < 32; lane++) {
      int first = 8 * (lane / 4) + 2 * (lane % 4);
      registers[lane] = first | (first + 1) << 16;
    }
    int[] result = run(Rig.micro(".param .u64 x", body), registers);
    for (int lane = 0; lane < 32; lane++) {
      int row = lane / 4;
      int column = 2 * (lane % 4);
      assertEquals(result[lane], (8 * column + row) | (8 * (column + 1) + row) << 16);
    }
  }

  @Test
  public void onlyWholeWarpsMultiply() {
    String ptx = kernel("m16n8k16.row.col.f32.f16.f16.f32", 4, 2, 4);
    try (Rig rig = new Rig()) {
      DeviceMemory memory = rig.ints(new int[320]);
      GpuException fault =
          Assert.expectThrows(
              GpuException.class,
              () -> rig.run(ptx, LaunchShape.of(1, 31), Rig.arguments().pointer(memory.pointer())));
      assertEquals(((PtxFault) fault).kind(), FaultKind.DIVERGENT_WARP);
    }
  }
}
