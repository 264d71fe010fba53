// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import static org.testng.Assert.assertEquals;

import io.lowbit.tensor.BFloat16;
import io.lowbit.tensor.Float8;
import java.math.BigDecimal;
import java.util.Random;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** The formats against tables of all their values, in every rounding mode. */
public final class ConversionsTest {
  private static final ReferenceRounding F16 =
      new ReferenceRounding(code -> Float.float16ToFloat((short) code), 0x7C00);
  private static final ReferenceRounding BF16 =
      new ReferenceRounding(code -> BFloat16.toFloat((short) code), 0x7F80);
  private static final ReferenceRounding TF32 =
      new ReferenceRounding(code -> Float.intBitsToFloat(code << 13), 0xFF << 10);
  private static final ReferenceRounding E4M3 =
      new ReferenceRounding(code -> Float8.e4m3ToFloat((byte) code), 0x7F);
  private static final ReferenceRounding E5M2 =
      new ReferenceRounding(code -> Float8.e5m2ToFloat((byte) code), 0x7C);

  @DataProvider
  Object[][] formats() {
    return new Object[][] {
      {FloatFormat.F16, F16, false},
      {FloatFormat.BF16, BF16, false},
      {FloatFormat.TF32, TF32, false},
      {FloatFormat.E4M3, E4M3, true},
      {FloatFormat.E5M2, E5M2, true},
    };
  }

  /** For each upper half of an fp32 lower halves around zero, the tie and the end. */
  @Test(dataProvider = "formats")
  public void everyModeRoundsToTheRightNeighbour(
      FloatFormat format, ReferenceRounding reference, boolean saturate) {
    int[] lower = {0, 1, 0x0FFF, 0x1000, 0x7FFF, 0x8000, 0x8001, 0xFFFF};
    for (int upper = 0; upper < 0x1_0000; upper += 3) {
      float value = Float.intBitsToFloat(upper << 16 | lower[upper % lower.length]);
      if (Float.isNaN(value) || Float.isInfinite(value)) {
        continue;
      }
      BigDecimal exact = new BigDecimal(value);
      for (RoundingMode mode : RoundingMode.values()) {
        double expected = reference.round(exact, mode);
        if (saturate && Double.isInfinite(expected)) {
          expected = Math.copySign(format == FloatFormat.E4M3 ? 448 : 57344, expected);
        }
        double actual = format.decode(format.encode(value, mode, saturate));
        if (actual != expected) {
          assertEquals(actual, expected, format + " " + mode + " of " + value);
        }
      }
    }
  }

  @Test
  public void allCodesOfSixteenBitsComeBack() {
    for (int code = 0; code < 0x1_0000; code++) {
      float half = Float.float16ToFloat((short) code);
      float brain = BFloat16.toFloat((short) code);
      assertSame(FloatFormat.F16, code, half);
      assertSame(FloatFormat.BF16, code, brain);
      assertEquals(Halves.F16.widen(code), half);
      assertEquals(Halves.BF16.widen(code), brain);
    }
    for (int code = 0; code < 0x100; code++) {
      assertSame(FloatFormat.E4M3, code, Float8.e4m3ToFloat((byte) code));
      assertSame(FloatFormat.E5M2, code, Float8.e5m2ToFloat((byte) code));
    }
  }

  private static void assertSame(FloatFormat format, int code, float value) {
    assertEquals(format.decode(code), value, 0.0, format + " 0x" + Integer.toHexString(code));
    long back = format.encode(value, RoundingMode.NEAREST_EVEN, false);
    assertEquals(back, Float.isNaN(value) ? format.canonicalNaN() : code);
  }

  /** To nearest even the JDK narrows doubles and halves itself. */
  @Test
  public void narrowingAgreesWithTheJdk() {
    Random random = new Random(1);
    for (int i = 0; i < 300_000; i++) {
      double value = Double.longBitsToDouble(random.nextLong());
      float single = Float.intBitsToFloat(random.nextInt());
      double near = single * (1 + (random.nextInt(5) - 2) * 0x1p-52);
      assertF32(value);
      assertF32(near);
      if (!Float.isNaN(single)) {
        assertEquals(Halves.F16.round(single), Float.floatToFloat16(single) & 0xFFFF);
        assertEquals(Halves.BF16.round(single), BFloat16.fromFloat(single) & 0xFFFF);
      }
    }
  }

  private static void assertF32(double value) {
    if (!Double.isNaN(value)) {
      long code = FloatFormat.F32.encode(value, RoundingMode.NEAREST_EVEN, false);
      assertEquals((int) code, Float.floatToRawIntBits((float) value), "fp32 of " + value);
      long same = FloatFormat.F64.encode(value, RoundingMode.NEAREST_EVEN, false);
      assertEquals(same, Double.doubleToRawLongBits(value));
    }
  }

  @DataProvider
  Object[][] halves() {
    return new Object[][] {{Halves.F16, F16}, {Halves.BF16, BF16}};
  }

  /** Operands near each other in size, so that cancellation and ties are frequent. */
  @Test(dataProvider = "halves")
  public void halfArithmeticRoundsOnce(Halves format, ReferenceRounding reference) {
    Random random = new Random(2);
    for (int i = 0; i < 40_000; i++) {
      int a = code(format, random);
      int b = code(format, random);
      int c = i % 3 == 0 ? format.mul(a, b) ^ 0x8000 ^ random.nextInt(4) : code(format, random);
      if (Float.isNaN(format.widen(c)) || Float.isInfinite(format.widen(c))) {
        continue;
      }
      BigDecimal x = exact(format, a);
      BigDecimal y = exact(format, b);
      BigDecimal z = exact(format, c);
      check(format, format.add(a, b), reference, x.add(y));
      check(format, format.sub(a, b), reference, x.subtract(y));
      check(format, format.mul(a, b), reference, x.multiply(y));
      check(format, format.fma(a, b, c), reference, x.multiply(y).add(z));
    }
  }

  private static int code(Halves format, Random random) {
    int code = random.nextInt(0x1_0000);
    return Float.isFinite(format.widen(code)) ? code : code & 0x3FFF;
  }

  private static BigDecimal exact(Halves format, int code) {
    return new BigDecimal(format.widen(code));
  }

  private static void check(
      Halves format, int actual, ReferenceRounding reference, BigDecimal exact) {
    double expected = reference.round(exact, RoundingMode.NEAREST_EVEN);
    if (format.widen(actual) != expected) {
      assertEquals(format.widen(actual), expected, format + " of " + exact);
    }
  }

  @Test
  public void directedRoundingOfSinglesBracketsTheExactResult() {
    Random random = new Random(3);
    for (int i = 0; i < 100_000; i++) {
      float a = Float.intBitsToFloat(random.nextInt());
      float b =
          Float.intBitsToFloat(
              (Float.floatToRawIntBits(a) & 0x7F80_0000) | (random.nextInt() & 0x80FF_FFFF));
      float c = Float.intBitsToFloat(random.nextInt());
      if (!Float.isFinite(a) || !Float.isFinite(b) || !Float.isFinite(c)) {
        continue;
      }
      BigDecimal exact = new BigDecimal(a).multiply(new BigDecimal(b)).add(new BigDecimal(c));
      double odd = ExactSums.sum((double) a * b, c);
      float down = FloatFamily.round(odd, RoundingMode.DOWN);
      float up = FloatFamily.round(odd, RoundingMode.UP);
      float zero = FloatFamily.round(odd, RoundingMode.TOWARD_ZERO);
      assertEquals(FloatFamily.round(odd, RoundingMode.NEAREST_EVEN), Math.fma(a, b, c));
      boolean representable = Float.isFinite(down) && new BigDecimal(down).compareTo(exact) == 0;
      assertEquals(up, representable ? down : Math.nextUp(down));
      assertEquals(zero, exact.signum() < 0 ? up : down);
      if (Float.isFinite(down)) {
        assertEquals(Math.min(0, exact.compareTo(new BigDecimal(down))), 0, "down of " + exact);
      }
      if (Float.isFinite(up)) {
        assertEquals(Math.max(0, exact.compareTo(new BigDecimal(up))), 0, "up of " + exact);
      }
    }
  }
}
