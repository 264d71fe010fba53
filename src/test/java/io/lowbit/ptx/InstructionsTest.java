// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import static org.testng.Assert.assertEquals;

import io.lowbit.backend.cuda.DeviceMemory;
import io.lowbit.backend.cuda.LaunchShape;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Single instructions with results worked out by hand from the manual's definitions. */
public final class InstructionsTest {
  private static final int INF = 0x7F80_0000;
  private static final int NAN = 0x7FC0_0001;

  /** Runs a body on inputs %r1, %r2, %r3 (and %f1 … with the same bits); the result is in %r4. */
  private static int run(String body, int a, int b, int c) {
    String text =
        """
        ld.param.u64 %rd1, [x];
        ld.global.u32 %r1, [%rd1];
        ld.global.u32 %r2, [%rd1+4];
        ld.global.u32 %r3, [%rd1+8];
        mov.b32 %f1, %r1;
        mov.b32 %f2, %r2;
        mov.b32 %f3, %r3;
        BODY
        st.global.u32 [%rd1], %r4;
        """;
    try (Rig rig = new Rig()) {
      DeviceMemory x = rig.ints(a, b, c);
      rig.run(
          Rig.micro(".param .u64 x", text.replace("BODY", body)),
          LaunchShape.of(1, 1),
          Rig.arguments().pointer(x.pointer()));
      return rig.ints(x)[0];
    }
  }

  @DataProvider
  Object[][] integers() {
    return new Object[][] {
      {"add.s32 %r4, %r1, %r2;", 5, -7, 0, -2},
      {"add.sat.s32 %r4, %r1, %r2;", Integer.MAX_VALUE, 9, 0, Integer.MAX_VALUE},
      {"sub.sat.s32 %r4, %r1, %r2;", Integer.MIN_VALUE, 9, 0, Integer.MIN_VALUE},
      {"mul.lo.s32 %r4, %r1, %r2;", 70000, 70000, 0, 605032704},
      {"mul.hi.s32 %r4, %r1, %r2;", -1, 2, 0, -1},
      {"mul.hi.u32 %r4, %r1, %r2;", -1, 2, 0, 1},
      {"mad.lo.s32 %r4, %r1, %r2, %r3;", 3, 4, 5, 17},
      {"mad.hi.u32 %r4, %r1, %r2, %r3;", -1, -1, 5, 3},
      {"mul.wide.s32 %rd2, %r1, %r2; cvt.u32.u64 %r4, %rd2;", -3, 7, 0, -21},
      {"mul.wide.s32 %rd2, %r1, %r2; shr.u64 %rd2, %rd2, 32; cvt.u32.u64 %r4, %rd2;", -3, 7, 0, -1},
      {"mul.wide.u32 %rd2, %r1, %r2; shr.u64 %rd2, %rd2, 32; cvt.u32.u64 %r4, %rd2;", -3, 7, 0, 6},
      {"div.s32 %r4, %r1, %r2;", -7, 2, 0, -3},
      {"div.u32 %r4, %r1, %r2;", -7, 2, 0, 0x7FFF_FFFC},
      {"rem.s32 %r4, %r1, %r2;", -7, 2, 0, -1},
      {"min.s32 %r4, %r1, %r2;", -7, 2, 0, -7},
      {"min.u32 %r4, %r1, %r2;", -7, 2, 0, 2},
      {"max.u32 %r4, %r1, %r2;", -7, 2, 0, -7},
      {"sad.s32 %r4, %r1, %r2, %r3;", -7, 2, 100, 109},
      {"abs.s32 %r4, %r1;", -7, 0, 0, 7},
      {"neg.s32 %r4, %r1;", -7, 0, 0, 7},
      {"add.cc.u32 %r4, %r1, %r2; addc.u32 %r4, %r3, 0;", -1, 1, 7, 8},
      {"add.cc.u32 %r4, %r1, %r2; addc.u32 %r4, %r3, 0;", -2, 1, 7, 7},
      {"sub.cc.u32 %r4, %r1, %r2; subc.u32 %r4, %r3, 0;", 0, 1, 7, 6},
      {"mad.lo.cc.u32 %r4, %r1, %r2, %r3; madc.hi.u32 %r4, %r1, %r2, 0;", -1, 2, 2, 2},
      {"dp4a.s32.s32 %r4, %r1, %r2, %r3;", 0x01FF0280, 0x03040501, 10, 10 + 3 - 4 + 10 - 128},
      {"dp4a.u32.u32 %r4, %r1, %r2, %r3;", 0x01FF0280, 0x03040501, 10, 10 + 3 + 1020 + 10 + 128},
      {"dp2a.lo.s32.s32 %r4, %r1, %r2, %r3;", 0xFFFF_0003, 0x0403_0201, 5, 5 + 3 - 2},
      {"dp2a.hi.s32.u32 %r4, %r1, %r2, %r3;", 0xFFFF_0003, 0xFF03_0201, 5, 5 + 9 - 255},
      {"and.b32 %r4, %r1, %r2;", 12, 10, 0, 8},
      {"not.b32 %r4, %r1;", 12, 0, 0, -13},
      {"cnot.b32 %r4, %r1;", 0, 0, 0, 1},
      {"shl.b32 %r4, %r1, %r2;", 3, 33, 0, 0},
      {"shr.u32 %r4, %r1, %r2;", -1, 32, 0, 0},
      {"shr.s32 %r4, %r1, %r2;", -8, 40, 0, -1},
      {"shf.l.wrap.b32 %r4, %r1, %r2, %r3;", 0x8000_0001, 0x0000_00FF, 36, 0x0000_0FF8},
      {"shf.r.clamp.b32 %r4, %r1, %r2, %r3;", 0x1234_5678, 0x9ABC_DEF0, 40, 0x9ABC_DEF0},
      {"shf.r.wrap.b32 %r4, %r1, %r2, %r3;", 0x1234_5678, 0x9ABC_DEF0, 8, 0xF012_3456},
      {"bfe.u32 %r4, %r1, %r2, %r3;", 0x1234_5678, 8, 8, 0x56},
      {"bfe.s32 %r4, %r1, %r2, %r3;", 0x0000_8000, 8, 8, -128},
      {"bfe.s32 %r4, %r1, %r2, %r3;", 0x8000_0000, 28, 8, -8},
      {"bfi.b32 %r4, %r1, %r2, %r3, 8;", 0xAB, 0x1111_1111, 4, 0x1111_1AB1},
      {"bfi.b32 %r4, %r1, %r2, %r3, 32;", 0xAB, 0x1111_1111, 28, 0xB111_1111},
      {"bfind.u32 %r4, %r1;", 0x0001_0000, 0, 0, 16},
      {"bfind.s32 %r4, %r1;", -1, 0, 0, -1},
      {"bfind.shiftamt.u32 %r4, %r1;", 0x0001_0000, 0, 0, 15},
      {"popc.b32 %r4, %r1;", 0xF0F0, 0, 0, 8},
      {"clz.b32 %r4, %r1;", 0, 0, 0, 32},
      {"brev.b32 %r4, %r1;", 1, 0, 0, Integer.MIN_VALUE},
      {"prmt.b32 %r4, %r1, %r2, %r3;", 0x3322_1180, 0x7766_5544, 0x7_0_4_1, 0x7780_4411},
      {"prmt.b32 %r4, %r1, %r2, %r3;", 0x3322_1180, 0x7766_5544, 0x8989, 0xFF00_FF00 >>> 0},
      // The table of (a & b) | c with a = 0xF0, b = 0xCC, c = 0xAA.
      {"lop3.b32 %r4, %r1, %r2, %r3, 0xEA;", 0b1100, 0b1010, 0b0001, 0b1001},
      {"lop3.b32 %r4, %r1, %r2, %r3, 0x96;", 0b1100, 0b1010, 0b0001, 0b0111},
      {"mov.b32 {%h1, %h2}, %r1; mov.b32 %r4, {%h2, %h1};", 0x1234_5678, 0, 0, 0x5678_1234},
      {"mov.b64 %rd2, {%r1, %r2}; mov.b64 {%r5, %r4}, %rd2;", 1, 2, 0, 2},
      {"cvt.u16.u32 %h1, %r1; mul.wide.s16 %r4, %h1, %h1;", 0xFFFE, 0, 0, 4},
      {"cvt.u16.u32 %h1, %r1; shr.s16 %h1, %h1, 4; cvt.s32.s16 %r4, %h1;", 0x8000, 0, 0, -2048},
      {"setp.lo.and.u32 %p1|%p2, %r1, %r2, 1; selp.b32 %r4, 1, 0, %p1;", 1, -1, 0, 1},
      {"setp.lt.s32 %p1|%p2, %r1, %r2; selp.b32 %r4, 1, 0, %p2;", 1, -1, 0, 1},
      {"set.gt.u32.s32 %r4, %r1, %r2;", 1, -1, 0, -1},
      {"slct.b32.s32 %r4, %r1, %r2, %r3;", 1, 2, -5, 2},
      {"cvt.s8.s32 %r4, %r1;", 0x1FF, 0, 0, -1},
      {"cvt.sat.s8.s32 %r4, %r1;", 300, 0, 0, 127},
      {"cvt.sat.u8.s32 %r4, %r1;", -300, 0, 0, 0},
      {"cvt.sat.s32.u32 %r4, %r1;", -1, 0, 0, Integer.MAX_VALUE},
      {"cvt.u32.u8 %r4, %r1;", 0x1FF, 0, 0, 255},
    };
  }

  @Test(dataProvider = "integers")
  public void integerInstruction(String body, int a, int b, int c, int expected) {
    assertEquals(run(body, a, b, c), expected);
  }

  private static int f(float value) {
    return Float.floatToRawIntBits(value);
  }

  @DataProvider
  Object[][] floats() {
    String move = " mov.b32 %r4, %f4;";
    return new Object[][] {
      {"add.f32 %f4, %f1, %f2;" + move, f(1), f(0x1p-24f), 0, f(1)},
      {"add.rp.f32 %f4, %f1, %f2;" + move, f(1), f(0x1p-60f), 0, f(Math.nextUp(1f))},
      {"add.rz.f32 %f4, %f1, %f2;" + move, f(1), f(-0x1p-60f), 0, f(Math.nextDown(1f))},
      {"sub.rm.f32 %f4, %f1, %f2;" + move, f(3), f(3), 0, f(-0f)},
      {"mul.rz.f32 %f4, %f1, %f2;" + move, f(0x1.fffffep0f), f(0x1.fffffep0f), 0, f(0x1.fffffcp1f)},
      {"mul.sat.f32 %f4, %f1, %f2;" + move, f(3), f(3), 0, f(1)},
      {"add.sat.f32 %f4, %f1, %f2;" + move, NAN, f(3), 0, f(0)},
      {"mul.ftz.f32 %f4, %f1, %f2;" + move, f(-0x1p-130f), f(1), 0, f(-0f)},
      {"mul.f32 %f4, %f1, %f2;" + move, f(0x1p-130f), f(1), 0, f(0x1p-130f)},
      // One rounding: the product alone would lose its last bit.
      {
        "fma.rn.f32 %f4, %f1, %f2, %f3;" + move,
        f(1 + 0x1p-12f),
        f(1 + 0x1p-12f),
        f(-1 - 0x1p-11f),
        f(0x1p-24f)
      },
      {"fma.rp.f32 %f4, %f1, %f2, %f3;" + move, f(0x1p-70f), f(0x1p-70f), f(1), f(Math.nextUp(1f))},
      {"add.f32 %f4, %f1, %f2;" + move, INF, f(Float.NEGATIVE_INFINITY), 0, 0x7FFF_FFFF},
      {"div.rn.f32 %f4, %f1, %f2;" + move, f(1), f(3), 0, f(1f / 3)},
      {"div.rp.f32 %f4, %f1, %f2;" + move, f(1), f(3), 0, 0x3EAA_AAAB},
      {"div.rm.f32 %f4, %f1, %f2;" + move, f(1), f(3), 0, 0x3EAA_AAAA},
      {"rcp.rz.f32 %f4, %f1;" + move, f(-3), 0, 0, 0xBEAA_AAAA},
      {"sqrt.rn.f32 %f4, %f1;" + move, f(2), 0, 0, 0x3FB5_04F3},
      {"sqrt.rp.f32 %f4, %f1;" + move, f(2), 0, 0, 0x3FB5_04F4},
      {"min.f32 %f4, %f1, %f2;" + move, NAN, f(2), 0, f(2)},
      {"max.f32 %f4, %f1, %f2;" + move, f(2), NAN, 0, f(2)},
      {"max.NaN.f32 %f4, %f1, %f2;" + move, f(2), NAN, 0, 0x7FFF_FFFF},
      {"min.f32 %f4, %f1, %f2;" + move, f(0f), f(-0f), 0, f(-0f)},
      {"abs.f32 %f4, %f1;" + move, f(-2), 0, 0, f(2)},
      {"neg.f32 %f4, %f1;" + move, f(0), 0, 0, f(-0f)},
      {"copysign.f32 %f4, %f1, %f2;" + move, f(-1), f(5), 0, f(-5)},
      {"ex2.approx.f32 %f4, %f1;" + move, f(-3), 0, 0, f(0.125f)},
      {"lg2.approx.f32 %f4, %f1;" + move, f(8), 0, 0, f(3)},
      {"rsqrt.approx.f32 %f4, %f1;" + move, f(16), 0, 0, f(0.25f)},
      {"rcp.approx.ftz.f32 %f4, %f1;" + move, f(0x1p127f), 0, 0, f(0)},
      {"sin.approx.f32 %f4, %f1;" + move, f(0), 0, 0, f(0)},
      {"tanh.approx.f32 %f4, %f1;" + move, INF, 0, 0, f(1)},
      {"setp.leu.f32 %p1, %f1, %f2; selp.b32 %r4, 1, 0, %p1;", NAN, f(1), 0, 1},
      {"setp.le.f32 %p1, %f1, %f2; selp.b32 %r4, 1, 0, %p1;", NAN, f(1), 0, 0},
      {"setp.ne.f32 %p1, %f1, %f2; selp.b32 %r4, 1, 0, %p1;", NAN, f(1), 0, 0},
      {"setp.neu.f32 %p1, %f1, %f2; selp.b32 %r4, 1, 0, %p1;", NAN, f(1), 0, 1},
      {"setp.nan.f32 %p1, %f1, %f2; selp.b32 %r4, 1, 0, %p1;", NAN, f(1), 0, 1},
      {"testp.subnormal.f32 %p1, %f1; selp.b32 %r4, 1, 0, %p1;", 1, 0, 0, 1},
      {"cvt.rni.s32.f32 %r4, %f1;", f(2.5f), 0, 0, 2},
      {"cvt.rni.s32.f32 %r4, %f1;", f(3e9f), 0, 0, Integer.MAX_VALUE},
      {"cvt.rni.s32.f32 %r4, %f1;", NAN, 0, 0, 0},
      {"cvt.rzi.s32.f32 %r4, %f1;", f(-2.9f), 0, 0, -2},
      {"cvt.rmi.s32.f32 %r4, %f1;", f(-2.1f), 0, 0, -3},
      {"cvt.rpi.u32.f32 %r4, %f1;", f(2.1f), 0, 0, 3},
      {"cvt.rzi.u32.f32 %r4, %f1;", f(-2.1f), 0, 0, 0},
      {"cvt.rzi.u32.f32 %r4, %f1;", f(3e9f), 0, 0, (int) 3_000_000_000L},
      {"cvt.rni.s8.f32 %r4, %f1;", f(-200), 0, 0, -128},
      {"cvt.rni.f32.f32 %f4, %f1;" + move, f(3.5f), 0, 0, f(4)},
      {"cvt.rn.f32.s32 %f4, %r1;" + move, 16_777_217, 0, 0, f(16_777_216)},
      {"cvt.rp.f32.u32 %f4, %r1;" + move, -1, 0, 0, f(0x1p32f)},
      {"cvt.rz.f32.u32 %f4, %r1;" + move, -1, 0, 0, f(0x1.fffffep31f)},
      {"cvt.sat.f32.f32 %f4, %f1;" + move, f(-3), 0, 0, f(0)},
      {"cvt.rn.f16.f32 %h1, %f1; cvt.u32.u16 %r4, %h1;", f(65520), 0, 0, 0x7C00},
      {"cvt.rz.f16.f32 %h1, %f1; cvt.u32.u16 %r4, %h1;", f(65520), 0, 0, 0x7BFF},
      {"cvt.rn.bf16x2.f32 %r4, %f1, %f2;", f(1), f(-2), 0, 0x3F80_C000},
      {"cvt.rn.f16x2.f32 %r4, %f1, %f2;", f(1), f(-2), 0, 0x3C00_C000},
      {"cvt.rn.relu.f16x2.f32 %r4, %f1, %f2;", f(1), f(-2), 0, 0x3C00_0000},
      {"cvt.rna.tf32.f32 %r4, %f1;", f(1 + 0x1p-11f), 0, 0, f(1 + 0x1p-10f)},
      {
        "cvt.rn.satfinite.e4m3x2.f32 %h1, %f1, %f2; cvt.u32.u16 %r4, %h1;",
        f(1000),
        f(-0.0625f),
        0,
        0x7E98
      },
      {"cvt.rn.satfinite.e5m2x2.f32 %h1, %f1, %f2; cvt.u32.u16 %r4, %h1;", f(1), NAN, 0, 0x3C7F},
      {"cvt.u16.u32 %h1, %r1; cvt.rn.f16x2.e4m3x2 %r4, %h1;", 0x7E98, 0, 0, 0x5F00_AC00},
      {
        "cvt.f64.f32 %d1, %f1; mul.f64 %d1, %d1, 0d3FB999999999999A; cvt.rn.f32.f64 %f4, %d1;"
            + move,
        f(10),
        0,
        0,
        f(1)
      },
      // Halves: 1 + 2^-11 is a tie, and goes to even.
      {"add.f16x2 %r4, %r1, %r2;", 0x3C00_3C01, 0x1000_1000, 0, 0x3C00_3C02},
      {"fma.rn.bf16x2 %r4, %r1, %r2, %r3;", 0x4380_4308, 0x3F80_3F80, 0xC308_C308, 0x42F0_0000},
      {"fma.rn.relu.f16x2 %r4, %r1, %r2, %r3;", 0xBC00_3C00, 0x3C00_3C00, 0, 0x0000_3C00},
      {"max.f16x2 %r4, %r1, %r2;", 0x7E00_C000, 0x3C00_BC00, 0, 0x3C00_BC00},
      {"neg.bf16x2 %r4, %r1;", 0x3F80_BF80, 0, 0, 0xBF80_3F80},
      {"set.gt.f16x2.f16x2 %r4, %r1, %r2;", 0x3C00_0000, 0x0000_3C00, 0, 0x3C00_0000},
      {"setp.gt.f16x2 %p1|%p2, %r1, %r2; selp.b32 %r4, 1, 0, %p2;", 0x3C00_0000, 0x0000_3C00, 0, 1},
    };
  }

  @Test(dataProvider = "floats")
  public void floatInstruction(String body, int a, int b, int c, int expected) {
    assertEquals(Integer.toHexString(run(body, a, b, c)), Integer.toHexString(expected));
  }

  /** Each lane gives its number plus 100; what arrives in every lane is known from the manual. */
  @DataProvider
  Object[][] shuffles() {
    return new Object[][] {
      {"up.b32", "1", "0", lanes(l -> l == 0 ? 0 : l - 1), -2},
      {"down.b32", "2", "31", lanes(l -> l + 2 > 31 ? l : l + 2), 0x3FFF_FFFF},
      {"bfly.b32", "5", "31", lanes(l -> l ^ 5), -1},
      {"idx.b32", "7", "31", lanes(l -> 7), -1},
      // Segments of 8 lanes: mask 0x18 in bits 8 to 12, clamp 7.
      {"down.b32", "3", "0x1807", lanes(l -> l % 8 + 3 > 7 ? l : l + 3), 0x1F1F_1F1F},
      {"idx.b32", "2", "0x1807", lanes(l -> l / 8 * 8 + 2), -1},
      {"up.b32", "4", "0x1800", lanes(l -> l % 8 < 4 ? l : l - 4), 0xF0F0_F0F0},
    };
  }

  private static int[] lanes(java.util.function.IntUnaryOperator source) {
    return java.util.stream.IntStream.range(0, 32).map(source).map(l -> l + 100).toArray();
  }

  @Test(dataProvider = "shuffles")
  public void shuffle(String mode, String b, String c, int[] expected, int valid) {
    int[] result =
        warp(
            "add.s32 %%r2, %%r1, 100; shfl.sync.%s %%r3|%%p1, %%r2, %s, %s, -1;"
                    .formatted(mode, b, c)
                + " vote.sync.ballot.b32 %r4, %p1, -1;");
    assertEquals(java.util.Arrays.copyOf(result, 32), expected);
    assertEquals(result[32], valid);
  }

  /** Runs one warp; %r1 is the lane. Gives %r3 of all lanes, then %r4 of all lanes. */
  private static int[] warp(String body) {
    String text =
        """
        ld.param.u64 %rd1, [x];
        mov.u32 %r1, %laneid;
        mul.wide.u32 %rd2, %r1, 4;
        add.s64 %rd1, %rd1, %rd2;
        BODY
        st.global.u32 [%rd1], %r3;
        st.global.u32 [%rd1+128], %r4;
        """;
    try (Rig rig = new Rig()) {
      DeviceMemory x = rig.ints(new int[64]);
      rig.run(
          Rig.micro(".param .u64 x", text.replace("BODY", body)),
          LaunchShape.of(1, 32),
          Rig.arguments().pointer(x.pointer()));
      return rig.ints(x);
    }
  }

  @Test
  public void votesMatchesAndReductions() {
    int[] votes =
        warp(
            "setp.lt.u32 %p1, %r1, 3; vote.sync.any.pred %p2, %p1, -1;"
                + " vote.sync.all.pred %p3, %p1, -1; selp.b32 %r3, 1, 0, %p2;"
                + " selp.b32 %r4, 1, 0, %p3;");
    assertEquals(votes[0], 1);
    assertEquals(votes[32], 0);
    int[] matches =
        warp(
            "and.b32 %r2, %r1, 3; match.any.sync.b32 %r3, %r2, -1;"
                + " redux.sync.add.s32 %r4, %r1, -1;");
    assertEquals(matches[5], 0x2222_2222);
    assertEquals(matches[32 + 9], 31 * 32 / 2);
    int[] masks =
        warp(
            "mov.u32 %r3, %lanemask_lt; and.b32 %r2, %r1, 1; setp.eq.u32 %p1, %r2, 0;"
                + " mov.u32 %r4, 0; @%p1 activemask.b32 %r4;");
    assertEquals(masks[5], 31);
    assertEquals(masks[31], Integer.MAX_VALUE);
    assertEquals(masks[32], 0x5555_5555);
    assertEquals(masks[33], 0);
  }

  @DataProvider
  Object[][] atomics() {
    return new Object[][] {
      // 32 lanes one after the other on a word of 10.
      {"atom.global.add.u32 %r3, [%rd3], 2;", 10 + 64},
      {"atom.global.max.s32 %r3, [%rd3], %r1;", 31},
      {"atom.global.min.u32 %r3, [%rd3], %r1;", 0},
      {"atom.global.inc.u32 %r3, [%rd3], 12;", (10 + 32) % 13},
      {"atom.global.dec.u32 %r3, [%rd3], 12;", Math.floorMod(10 - 32, 13)},
      {"atom.global.exch.b32 %r3, [%rd3], %r1;", 31},
      {"atom.global.cas.b32 %r3, [%rd3], 10, 77;", 77},
      {"atom.global.xor.b32 %r3, [%rd3], 3;", 10},
      {"mov.u32 %r3, 0; red.release.gpu.global.add.u32 [%rd3], 1;", 42},
    };
  }

  @Test(dataProvider = "atomics")
  public void atomic(String body, int expected) {
    String text =
        """
        ld.param.u64 %rd3, [x];
        mov.u32 %r1, %laneid;
        """;
    try (Rig rig = new Rig()) {
      DeviceMemory x = rig.ints(10);
      rig.run(
          Rig.micro(".param .u64 x", text + body),
          LaunchShape.of(1, 32),
          Rig.arguments().pointer(x.pointer()));
      assertEquals(rig.ints(x)[0], expected);
    }
  }

  @Test
  public void barriersReduce() {
    String text =
        """
        ld.param.u64 %rd1, [x];
        mov.u32 %r1, %tid.x;
        setp.lt.u32 %p1, %r1, 40;
        bar.red.popc.u32 %r2, 0, %p1;
        bar.red.or.pred %p2, 0, !%p1;
        selp.b32 %r3, 100, 0, %p2;
        add.s32 %r2, %r2, %r3;
        mul.wide.u32 %rd2, %r1, 4;
        add.s64 %rd1, %rd1, %rd2;
        st.global.u32 [%rd1], %r2;
        """;
    try (Rig rig = new Rig()) {
      DeviceMemory x = rig.ints(new int[96]);
      rig.run(
          Rig.micro(".param .u64 x", text),
          LaunchShape.of(1, 96),
          Rig.arguments().pointer(x.pointer()));
      int[] expected = new int[96];
      java.util.Arrays.fill(expected, 140);
      assertEquals(rig.ints(x), expected);
    }
  }

  /** Two calls whose parameters have the same names and other sizes; half of the lanes make one. */
  @Test
  public void callsInNestedScopes() {
    String functions =
        """
        .func (.param .b32 r) twice(.param .b32 a)
        {
        .reg .b32 %r<4>;
        ld.param.u32 %r1, [a];
        add.s32 %r2, %r1, %r1;
        st.param.b32 [r], %r2;
        ret;
        }
        .func (.param .b64 r) join(.param .b64 a, .param .b32 b)
        {
        .reg .b32 %r<4>;
        .reg .b64 %rd<4>;
        .reg .pred %p<2>;
        ld.param.u64 %rd1, [a];
        ld.param.u32 %r1, [b];
        setp.gt.u32 %p1, %r1, 20;
        st.param.b64 [r], %rd1;
        @%p1 ret;
        cvt.u64.u32 %rd2, %r1;
        add.s64 %rd3, %rd1, %rd2;
        st.param.b64 [r], %rd3;
        ret;
        }
        .visible
        """;
    String body =
        """
        ld.param.u64 %rd1, [x];
        mov.u32 %r1, %tid.x;
        mul.wide.u32 %rd2, %r1, 8;
        add.s64 %rd1, %rd1, %rd2;
        mov.u64 %rd3, 0x1122334455667788;
        and.b32 %r2, %r1, 1;
        setp.eq.u32 %p1, %r2, 0;
        @%p1 bra SKIP;
        {
        .param .b64 param0;
        st.param.b64 [param0], %rd3;
        .param .b32 param1;
        st.param.b32 [param1], %r1;
        .param .b64 retval0;
        call.uni (retval0), join, (param0, param1);
        ld.param.b64 %rd3, [retval0];
        }
        SKIP:
        {
        .param .b32 param0;
        st.param.b32 [param0], %r1;
        .param .b32 retval0;
        call.uni (retval0), twice, (param0);
        ld.param.b32 %r3, [retval0];
        }
        cvt.u64.u32 %rd4, %r3;
        add.s64 %rd3, %rd3, %rd4;
        st.global.u64 [%rd1], %rd3;
        """;
    try (Rig rig = new Rig()) {
      DeviceMemory x = rig.longs(new long[32]);
      rig.run(
          Rig.micro(".param .u64 x", body).replace(".visible", functions),
          LaunchShape.of(1, 32),
          Rig.arguments().pointer(x.pointer()));
      long[] result = rig.longs(x);
      for (int i = 0; i < 32; i++) {
        long joined = 0x1122334455667788L + (i % 2 == 1 && i <= 20 ? i : 0);
        assertEquals(result[i], joined + 2L * i);
      }
    }
  }

  @Test
  public void branchTables() {
    int[] result =
        warp(
            """
            and.b32 %r2, %r1, 3;
            mov.u32 %r4, 0;
            TABLE: .branchtargets A, B, C, B;
            brx.idx %r2, TABLE;
            A: mov.u32 %r3, 10; bra.uni DONE;
            B: mov.u32 %r3, 20; bra.uni DONE;
            C: mov.u32 %r3, 30;
            DONE: activemask.b32 %r4;
            """);
    for (int lane = 0; lane < 32; lane++) {
      assertEquals(result[lane], new int[] {10, 20, 30, 20}[lane % 4]);
      assertEquals(result[32 + lane], -1, "all lanes have met again");
    }
  }
}
