// SPDX-License-Identifier: Apache-2.0
package io.lowbit.tensor;

import static org.testng.Assert.assertEquals;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.lowbit.testing.Shared;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.function.IntFunction;
import org.testng.annotations.Test;

/** Conversions against the formats' definitions and golden/formats/numerics (ml_dtypes, numpy). */
public class NumberFormatTest {
  private static JsonObject decode() throws IOException {
    String json = Files.readString(Shared.path("golden/formats/numerics/decode.json"));
    return JsonParser.parseString(json).getAsJsonObject();
  }

  @Test
  public void allSixteenBitPatternsWidenAsTheyShould() throws Exception {
    for (var type : new DType[] {DType.F16, DType.BF16}) {
      Tensor all = Tensor.allocate(type, 65_536);
      ByteBuffer patterns = all.data().asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < 65_536; i++) {
        patterns.putShort((short) i);
      }
      String name = type == DType.F16 ? "fp16" : "bf16";
      assertEquals(
          sha256(all.toFloats()),
          decode()
              .getAsJsonObject(name)
              .get("sha256_of_little_endian_float32_with_every_NaN_as_7fc00000")
              .getAsString(),
          name);
    }
  }

  private static String sha256(float[] values) throws GeneralSecurityException {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      bytes.putInt(Float.floatToIntBits(value));
    }
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes.array());
    return HexFormat.of().formatHex(digest);
  }

  @Test
  public void everyFloat8CodeWidensAsItShould() throws IOException {
    JsonObject codes = decode().getAsJsonObject("float32_bits_by_code");
    assertCodes(codes.getAsJsonArray("e4m3fn"), code -> Float8.e4m3ToFloat((byte) code));
    assertCodes(codes.getAsJsonArray("e5m2"), code -> Float8.e5m2ToFloat((byte) code));
  }

  private static void assertCodes(JsonArray expected, IntFunction<Float> actual) {
    assertEquals(expected.size(), 256);
    for (int code = 0; code < 256; code++) {
      int bits = Integer.parseUnsignedInt(expected.get(code).getAsString(), 16);
      // floatToIntBits makes all NaN one.
      assertEquals(
          Float.floatToIntBits(actual.apply(code)),
          Float.floatToIntBits(Float.intBitsToFloat(bits)),
          "code " + code);
    }
  }

  @Test
  public void bfloat16NarrowsToTheNearestAndTiesToEven() {
    // 1 + 2^-8 is half-way between 1 (even) and 1 + 2^-7; one bit more rounds up.
    assertEquals(BFloat16.fromFloat(0x1.01p0f), (short) 0x3F80);
    assertEquals(BFloat16.fromFloat(Math.nextUp(0x1.01p0f)), (short) 0x3F81);
    assertEquals(BFloat16.fromFloat(0x1.03p0f), (short) 0x3F82);
    assertEquals(BFloat16.fromFloat(Float.MAX_VALUE), (short) 0x7F80);
    assertEquals(BFloat16.fromFloat(-0f), (short) 0x8000);
    assertEquals(BFloat16.fromFloat(Float.intBitsToFloat(0x7F80_0001)), (short) 0x7FC0);
  }

  @Test
  public void float8SpecialCodes() {
    assertEquals(Float8.e4m3ToFloat((byte) 0x7E), 448f);
    assertEquals(Float8.e4m3ToFloat((byte) 0x01), 0x1p-9f);
    assertEquals(Float8.e4m3ToFloat((byte) 0xFF), Float.NaN);
    assertEquals(Float8.e5m2ToFloat((byte) 0x7B), 57344f);
    assertEquals(Float8.e5m2ToFloat((byte) 0xFC), Float.NEGATIVE_INFINITY);
  }

  @Test
  public void readingAPartGivesThatPartInEveryType() {
    for (DType type : DType.values()) {
      byte[] raw = new byte[5 * type.bytes()];
      for (int i = 0; i < raw.length; i++) {
        raw[i] = (byte) (i * 37 % 64);
      }
      Tensor tensor = new Tensor(type, Shape.of(5), MemorySegment.ofArray(raw));
      float[] into = new float[5];
      tensor.read(2, into, 1, 3);
      assertEquals(
          into, new float[] {0, tensor.get(2), tensor.get(3), tensor.get(4), 0}, type.toString());
    }
  }

  @Test
  public void wideIntegersRoundOnce() {
    Tensor unsigned = Tensor.allocate(DType.U64, 2);
    ByteBuffer longs = unsigned.data().asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    // 2^63 + 2^39 is a tie between two floats, to even below; one more is above it.
    longs.putLong(0x8000_0080_0000_0000L).putLong(0x8000_0080_0000_0001L);
    assertEquals(unsigned.get(0), 0x1p63f);
    assertEquals(unsigned.get(1), 0x1.000002p63f);
  }
}
