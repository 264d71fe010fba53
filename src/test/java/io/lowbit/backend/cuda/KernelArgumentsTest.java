// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertThrows;
import static org.testng.Assert.assertTrue;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.stream.IntStream;
import org.testng.annotations.Test;

/** The layout of a kernel's parameters: each at a multiple of its own size, little-endian. */
public final class KernelArgumentsTest {
  private static String hex(KernelArguments arguments) {
    ByteBuffer packed = arguments.packed();
    byte[] bytes = new byte[packed.remaining()];
    packed.get(bytes);
    return HexFormat.ofDelimiter(" ").formatHex(bytes);
  }

  @Test
  public void eachArgumentIsAlignedToItsSize() {
    KernelArguments arguments =
        new KernelArguments()
            .int8((byte) 0x11)
            .int16((short) 0x2233)
            .int8((byte) 0x44)
            .int32(0x55667788)
            .pointer(new DevicePointer(0x1122334455667788L))
            .int8((byte) 0x99)
            .float32(-2f);
    assertEquals(arguments.count(), 7);
    assertEquals(
        IntStream.range(0, 7).map(arguments::offset).toArray(), new int[] {0, 2, 4, 8, 16, 24, 28});
    String text = hex(arguments);
    assertEquals(text.substring(0, 2), "11");
    assertEquals(text.substring(6, 14), "33 22 44");
    assertEquals(
        text.substring(24, 71), "88 77 66 55 00 00 00 00 88 77 66 55 44 33 22 11".substring(0, 47));
    assertEquals(text.substring(72, 74), "99");
    assertEquals(text.substring(84), "00 00 00 c0");
  }

  @Test
  public void aStructureKeepsItsAlignmentAndTheSizeHasNoTail() {
    KernelArguments arguments = new KernelArguments().int32(1);
    arguments.struct(MemorySegment.ofArray(new byte[] {7, 8, 9}), 16);
    assertEquals(arguments.offset(1), 16);
    assertEquals(arguments.packed().remaining(), 19);
    assertTrue(arguments.packed().isDirect());
    assertEquals(hex(arguments.clear().int8((byte) 5)), "05");
  }

  @Test
  public void moreThanFourKilobytesAreRefused() {
    KernelArguments arguments = new KernelArguments();
    IntStream.range(0, 512).forEach(arguments::int64);
    assertThrows(IllegalStateException.class, () -> arguments.int8((byte) 0));
    assertEquals(arguments.packed().remaining(), 4096);
  }
}
