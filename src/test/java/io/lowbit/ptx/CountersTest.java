// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import static org.testng.Assert.assertEquals;

import io.lowbit.backend.cuda.LaunchShape;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Counters of kernels small enough to count on paper. */
public final class CountersTest {
  private static final String PARAMETERS = ".param .u64 x";

  private static Counters run(String body, int threads) {
    try (Rig rig = new Rig()) {
      return rig.run(
          Rig.micro(PARAMETERS, body),
          LaunchShape.of(1, threads),
          Rig.arguments().pointer(rig.bytes(new byte[8192]).pointer()));
    }
  }

  /** %rd2 = x + scale * lane. */
  private static String global(int scale, String access) {
    return "ld.param.u64 %rd1, [x]; mov.u32 %r1, %laneid; mul.wide.u32 %rd2, %r1, "
        + scale
        + "; add.s64 %rd2, %rd1, %rd2; "
        + access;
  }

  @DataProvider
  Object[][] globalAccesses() {
    return new Object[][] {
      // access, bytes requested, sectors, sectors at best
      {global(4, "ld.global.u32 %r2, [%rd2];"), 128, 4, 4},
      {global(4, "ld.global.u32 %r2, [%rd2+4];"), 128, 5, 4},
      {global(4, "ld.global.u32 %r2, [%rd2+128];"), 128, 4, 4},
      {global(8, "ld.global.u32 %r2, [%rd2];"), 128, 8, 4},
      {global(128, "ld.global.u32 %r2, [%rd2];"), 128, 32, 4},
      {global(0, "ld.global.u32 %r2, [%rd2];"), 128, 1, 1},
      {global(2, "ld.global.u16 %r2, [%rd2];"), 64, 2, 2},
      {global(1, "ld.global.u8 %r2, [%rd2+31];"), 32, 2, 1},
      {global(16, "ld.global.v4.u32 {%r2, %r3, %r4, %r5}, [%rd2];"), 512, 16, 16},
      {global(16, "ld.global.v2.u32 {%r2, %r3}, [%rd2];"), 256, 16, 8},
      {global(-4, "ld.global.u32 %r2, [%rd2+1024];").replace("wide.u32", "wide.s32"), 128, 5, 4},
      {
        global(4, "and.b32 %r6, %r1, 3; setp.eq.u32 %p1, %r6, 0; @%p1 ld.global.u32 %r2, [%rd2];"),
        32,
        4,
        1
      },
    };
  }

  @Test(dataProvider = "globalAccesses")
  public void sectorsOfLoads(String body, int bytes, int sectors, int ideal) {
    Counters counters = run(body, 32);
    assertEquals(counters.bytes(InstructionClass.GLOBAL_LOAD), bytes);
    assertEquals(counters.sectors(InstructionClass.GLOBAL_LOAD), sectors);
    assertEquals(counters.idealSectors(InstructionClass.GLOBAL_LOAD), ideal);
  }

  @Test
  public void storesAndAsynchronousCopiesHaveTheirOwnCounts() {
    Counters counters =
        run(
            ".shared .align 16 .b8 s[512]; mov.u32 %r2, s;"
                + global(
                    16,
                    "shl.b32 %r3, %r1, 4; add.s32 %r2, %r2, %r3;"
                        + " cp.async.cg.shared.global [%r2], [%rd2], 16; cp.async.wait_all;"
                        + " st.global.u32 [%rd2], %r1;"),
            32);
    assertEquals(counters.bytes(InstructionClass.ASYNC_COPY), 512);
    assertEquals(counters.sectors(InstructionClass.ASYNC_COPY), 16);
    assertEquals(counters.bytes(InstructionClass.GLOBAL_STORE), 128);
    assertEquals(counters.sectors(InstructionClass.GLOBAL_STORE), 16);
    assertEquals(counters.idealSectors(InstructionClass.GLOBAL_STORE), 4);
    assertEquals(counters.bytes(InstructionClass.GLOBAL_LOAD), 0);
  }

  /** %r3 = s + scale * lane. */
  private static String shared(int scale, String access) {
    return ".shared .align 16 .b8 s[8192]; mov.u32 %r1, %laneid; mov.u32 %r2, s; mad.lo.s32 %r3, %r1, "
        + scale
        + ", %r2; mov.u32 %r4, 0; mov.u32 %r5, 0; "
        + access;
  }

  @DataProvider
  Object[][] sharedAccesses() {
    String one = "st.shared.u32 [%r3], %r4;";
    String two = "st.shared.v2.u32 [%r3], {%r4, %r5};";
    String four = "st.shared.v4.u32 [%r3], {%r4, %r5, %r4, %r5};";
    return new Object[][] {
      // access, phases, further passes because of conflicts
      {shared(4, one), 1, 0},
      {shared(8, one), 1, 1},
      {shared(16, one), 1, 3},
      {shared(128, one), 1, 31},
      {shared(132, one), 1, 0},
      {shared(0, one), 1, 0},
      {
        shared(2, "st.shared.u16 [%r3], %h1;")
            .replace("mov.u32 %r4", "mov.u16 %h1, 0; mov.u32 %r4"),
        1,
        0
      },
      {shared(8, two), 2, 0},
      {shared(16, two), 2, 2},
      {shared(16, four), 4, 0},
      {shared(32, four), 4, 4},
      {shared(128, four), 4, 28},
      {shared(144, four), 4, 0},
    };
  }

  @Test(dataProvider = "sharedAccesses")
  public void bankConflicts(String body, int phases, int conflicts) {
    Counters.Line store =
        run(body, 32).lines().stream()
            .filter(line -> line.kind() == InstructionClass.SHARED_STORE)
            .findFirst()
            .orElseThrow();
    assertEquals(store.bankPhases(), phases);
    assertEquals(store.bankConflicts(), conflicts);
  }

  @DataProvider
  Object[][] rowStrides() {
    // Eight rows of 16 bytes are one phase: 64 bytes apart, every second row lies in the same
    // banks.
    return new Object[][] {{16, 0}, {64, 12}, {80, 0}, {128, 28}, {144, 0}};
  }

  @Test(dataProvider = "rowStrides")
  public void bankConflictsOfMatrixLoads(int stride, int conflicts) {
    String body =
        ".shared .align 16 .b8 s[8192]; mov.u32 %r2, s; mov.u32 %r4, 0; mov.u32 %r1, %laneid;"
            + " shl.b32 %r3, %r1, 2; add.s32 %r3, %r3, %r2;"
            + " LOOP: st.shared.u32 [%r3], %r4; add.s32 %r3, %r3, 128; add.s32 %r4, %r4, 1;"
            + " setp.lt.u32 %p1, %r4, 64; @%p1 bra LOOP; bar.warp.sync -1;"
            + " mad.lo.s32 %r3, %r1, "
            + stride
            + ", %r2; ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%r5, %r6, %r7, %r8}, [%r3];";
    Counters counters = run(body, 32);
    assertEquals(counters.bankConflicts(), conflicts);
    assertEquals(counters.bytes(InstructionClass.MATRIX_LOAD), 512);
  }

  /** Lanes below 8 go one way, the others another: both are issued, with their own lanes. */
  @Test
  public void divergentInstructions() {
    Counters counters =
        run(
            """
            mov.u32 %r1, %laneid;
            setp.lt.u32 %p1, %r1, 8;
            @%p1 bra LOW;
            add.s32 %r2, %r1, 1;
            add.s32 %r2, %r2, 1;
            bra.uni DONE;
            LOW:
            mul.lo.s32 %r2, %r1, 3;
            DONE:
            xor.b32 %r3, %r2, 5;
            """,
            64);
    // Each of 2 warps: mov, setp, bra, 2 add, bra, mul, xor, ret.
    assertEquals(counters.warpInstructions(), 2 * 9);
    assertEquals(counters.warpInstructions(InstructionClass.INTEGER), 2 * 3);
    assertEquals(counters.laneInstructions(), 2 * (32 + 32 + 8 + 24 + 24 + 24 + 8 + 32 + 32));
    long xorLanes =
        counters.lines().stream()
            .filter(line -> line.text().startsWith("xor"))
            .mapToLong(Counters.Line::lanes)
            .sum();
    assertEquals(xorLanes, 64, "the lanes have met again");
  }

  /** Lane i leaves after i + 1 rounds: the loop is issued 32 times, and for 528 lanes. */
  @Test
  public void divergentLoop() {
    Counters counters =
        run(
            """
            mov.u32 %r1, %laneid;
            mov.u32 %r2, 0;
            LOOP:
            add.s32 %r2, %r2, 1;
            setp.le.u32 %p1, %r2, %r1;
            @%p1 bra LOOP;
            bar.sync 0;
            """,
            32);
    Counters.Line add =
        counters.lines().stream().filter(l -> l.text().startsWith("add")).findFirst().orElseThrow();
    assertEquals(add.issued(), 32);
    assertEquals(add.lanes(), 32 * 33 / 2);
    assertEquals(counters.barriers(), 1);
  }

  /** An instruction whose lanes are all predicated off still takes an issue slot. */
  @Test
  public void predicatedOffInstructions() {
    Counters counters = run("setp.eq.u32 %p1, 0, 1; @%p1 add.s32 %r1, 1, 1;", 32);
    assertEquals(counters.warpInstructions(InstructionClass.INTEGER), 1);
    assertEquals(counters.laneInstructions(), 32 + 0 + 32);
  }

  @Test
  public void blocksAddUp() {
    try (Rig rig = new Rig()) {
      Counters counters =
          rig.run(
              Rig.micro("", "mov.u32 %r1, %tid.x; add.s32 %r1, %r1, 1;"),
              LaunchShape.of(5, 48),
              Rig.arguments());
      assertEquals(counters.warpInstructions(), 5 * 2 * 3);
      assertEquals(counters.laneInstructions(), 5 * 48 * 3);
    }
  }
}
