// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import io.lowbit.backend.cuda.DeviceMemory;
import io.lowbit.backend.cuda.GpuException;
import io.lowbit.backend.cuda.LaunchShape;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Each kind of fault from a kernel that commits it, and the same kernel mended. */
public final class FaultsTest {
  private static final String PARAMETERS = ".param .u64 x";

  /** %rd2 = x + 4 * thread; %r1 = thread. */
  private static final String START =
      """
      .shared .align 16 .b8 s[512];
      ld.param.u64 %rd1, [x];
      mov.u32 %r1, %tid.x;
      mul.wide.u32 %rd2, %r1, 4;
      add.s64 %rd2, %rd1, %rd2;
      shl.b32 %r2, %r1, 2;
      mov.u32 %r3, s;
      add.s32 %r3, %r3, %r2;
      """;

  @DataProvider
  Object[][] faults() {
    return new Object[][] {
      // 64 threads on 256 bytes of global and 512 bytes of shared memory.
      fault(FaultKind.OUT_OF_BOUNDS, "ld.global.u32 %r5, [%rd2+4];", "ld.global.u32 %r5, [%rd2];"),
      fault(FaultKind.OUT_OF_BOUNDS, "ld.global.u32 %r5, [%rd2+-4];", "ld.global.u32 %r5, [%rd2];"),
      fault(FaultKind.OUT_OF_BOUNDS, "st.shared.u32 [%r3+260], 1;", "st.shared.u32 [%r3+256], 1;"),
      fault(FaultKind.MISALIGNED, "ld.global.u32 %r5, [%rd1+2];", "ld.global.u16 %r5, [%rd1+2];"),
      fault(
          FaultKind.MISALIGNED,
          "ld.global.v2.u32 {%r5, %r6}, [%rd1+4];",
          "ld.global.v2.u32 {%r5, %r6}, [%rd1+8];"),
      fault(FaultKind.UNINITIALISED_REGISTER, "add.s32 %r5, %r9, 1;", "add.s32 %r5, %r1, 1;"),
      fault(
          FaultKind.UNINITIALISED_REGISTER,
          "setp.lt.u32 %p1, %r1, 9; @%p1 mov.u32 %r9, 1; add.s32 %r5, %r9, 1;",
          "setp.lt.u32 %p1, %r1, 9; @%p1 mov.u32 %r9, 1; @%p1 add.s32 %r5, %r9, 1;"),
      fault(
          FaultKind.UNINITIALISED_MEMORY,
          "st.shared.u16 [%r3], 1; ld.shared.u32 %r5, [%r3];",
          "st.shared.u16 [%r3], 1; st.shared.u16 [%r3+2], 1; ld.shared.u32 %r5, [%r3];"),
      // The neighbour's word: written before it is read, with and without a barrier.
      fault(
          FaultKind.SHARED_RACE,
          "st.shared.u32 [%r3], %r1; st.shared.u32 [%r3+256], 0; ld.shared.u32 %r5, [%r3+4];",
          "st.shared.u32 [%r3], %r1; st.shared.u32 [%r3+256], 0; bar.sync 0;"
              + " ld.shared.u32 %r5, [%r3+4];"),
      fault(
          FaultKind.SHARED_RACE,
          "and.b32 %r4, %r2, 127; mov.u32 %r5, s; add.s32 %r5, %r5, %r4;"
              + " st.shared.u32 [%r5], %r1;",
          "st.shared.u32 [%r3], %r1;"),
      // Two lanes of a warp: different values, and the same value.
      fault(FaultKind.SHARED_RACE, "st.shared.u32 [s], %r1;", "st.shared.u8 [%r3], 1;"),
      fault(
          FaultKind.SHARED_RACE,
          "shr.u32 %r4, %r1, 5; shl.b32 %r4, %r4, 7; mov.u32 %r5, s; add.s32 %r5, %r5, %r4;"
              + " st.shared.u32 [%r5], %r1;",
          "shr.u32 %r4, %r1, 5; shl.b32 %r6, %r4, 7; mov.u32 %r5, s; add.s32 %r5, %r5, %r6;"
              + " st.shared.u32 [%r5], %r4;"),
      fault(
          FaultKind.PENDING_COPY,
          copy() + "cp.async.commit_group; ld.shared.u32 %r5, [%r3];",
          copy() + "cp.async.commit_group; cp.async.wait_group 0; ld.shared.u32 %r5, [%r3];"),
      fault(
          FaultKind.PENDING_COPY,
          copy() + "cp.async.commit_group; cp.async.wait_group 1; ld.shared.u32 %r5, [%r3];",
          copy()
              + "cp.async.commit_group; cp.async.commit_group; cp.async.wait_group 1;"
              + " ld.shared.u32 %r5, [%r3];"),
      fault(
          FaultKind.PENDING_COPY,
          copy() + "cp.async.wait_group 0; ld.shared.u32 %r5, [%r3];",
          copy() + "cp.async.wait_all; ld.shared.u32 %r5, [%r3];"),
      // The neighbour's copy needs its wait and a barrier.
      fault(
          FaultKind.SHARED_RACE,
          "st.shared.u32 [%r3+256], 0; "
              + copy()
              + "cp.async.wait_all; ld.shared.u32 %r5, [%r3+4];",
          "st.shared.u32 [%r3+256], 0; "
              + copy()
              + "cp.async.wait_all; bar.sync 0; ld.shared.u32 %r5, [%r3+4];"),
      fault(
          FaultKind.DIVERGENT_BARRIER,
          "setp.lt.u32 %p1, %r1, 40; @%p1 bar.sync 0;",
          "setp.lt.u32 %p1, %r1, 40; @%p1 mov.u32 %r5, 0; bar.sync 0;"),
      fault(
          FaultKind.DEADLOCK,
          "setp.lt.u32 %p1, %r1, 32; @%p1 bar.sync 1, 64;",
          "setp.lt.u32 %p1, %r1, 32; @%p1 bar.sync 1, 32;"),
      fault(
          FaultKind.DIVERGENT_WARP,
          "setp.lt.u32 %p1, %r1, 40; @%p1 shfl.sync.bfly.b32 %r5, %r1, 1, 31, -1;",
          "shfl.sync.bfly.b32 %r5, %r1, 1, 31, -1;"),
      fault(
          FaultKind.DIVERGENT_WARP,
          "and.b32 %r5, %r1, 31; setp.lt.u32 %p1, %r5, 8; @%p1 bar.warp.sync 0x1ff;",
          "and.b32 %r5, %r1, 31; setp.lt.u32 %p1, %r5, 8; @%p1 bar.warp.sync 0xff;"),
      fault(
          FaultKind.INACTIVE_SOURCE,
          "and.b32 %r5, %r1, 31; setp.lt.u32 %p1, %r5, 8;"
              + " @%p1 shfl.sync.idx.b32 %r6, %r1, 8, 31, 0xff;",
          "and.b32 %r5, %r1, 31; setp.lt.u32 %p1, %r5, 8;"
              + " @%p1 shfl.sync.idx.b32 %r6, %r1, 7, 31, 0xff;"),
      fault(
          FaultKind.BUDGET,
          "LOOP: add.s32 %r1, %r1, 1; bra LOOP;",
          "LOOP: add.s32 %r1, %r1, 1; setp.lt.u32 %p1, %r1, 100; @%p1 bra LOOP;"),
      fault(FaultKind.TRAP, "trap;", "exit;"),
      fault(
          FaultKind.BAD_OPERAND,
          "cp.async.ca.shared.global [%r3], [%rd2], 4, 5;",
          "cp.async.ca.shared.global [%r3], [%rd2], 4, 3;"),
    };
  }

  private static String copy() {
    return "cp.async.ca.shared.global [%r3], [%rd2], 4; ";
  }

  private static Object[] fault(FaultKind kind, String body, String mended) {
    return new Object[] {kind, body, mended};
  }

  private static void run(String body) {
    InterpreterOptions options = InterpreterOptions.DEFAULT.withInstructionBudget(10_000);
    try (Rig rig = new Rig(options)) {
      DeviceMemory x = rig.ints(new int[64]);
      rig.run(
          Rig.micro(PARAMETERS, START + body),
          LaunchShape.of(1, 64),
          Rig.arguments().pointer(x.pointer()));
    }
  }

  @Test(dataProvider = "faults")
  public void isFoundAndNamed(FaultKind kind, String body, String mended) {
    PtxFault fault = expectThrows(PtxFault.class, () -> run(body));
    assertEquals(fault.kind(), kind, fault.getMessage());
    assertEquals(fault.kernel(), "micro");
    assertEquals(fault.shape().orElseThrow(), LaunchShape.of(1, 64));
    assertTrue(fault.place().line() > 12, "line " + fault.place().line());
    assertTrue(fault.getMessage().contains(fault.place().instruction()), fault.getMessage());
    run(mended);
  }

  @Test
  public void theMessageLeadsToThePlace() {
    PtxFault fault = expectThrows(PtxFault.class, () -> run("ld.global.u32 %r5, [%rd2+4];"));
    assertEquals(fault.code(), GpuException.ILLEGAL_ADDRESS);
    assertEquals(fault.place().thread(), 63);
    assertEquals(fault.place().block(), new BlockIndex(0, 0, 0));
    assertEquals(fault.place().instruction(), "ld.global.u32 %r5, [%rd2+4];");
    assertEquals(fault.place().line(), 20);
    assertTrue(
        fault.getMessage().contains("4 bytes, 256 after the start of an allocation of 256 bytes"),
        fault.getMessage());
  }

  @Test
  public void freedMemoryStaysFreed() {
    try (Rig rig = new Rig()) {
      DeviceMemory x = rig.ints(1, 2, 3);
      x.close();
      rig.ints(4, 5, 6);
      PtxFault fault =
          expectThrows(
              PtxFault.class,
              () ->
                  rig.run(
                      Rig.micro(PARAMETERS, "ld.param.u64 %rd1, [x]; ld.global.u32 %r1, [%rd1];"),
                      LaunchShape.of(1, 1),
                      Rig.arguments().pointer(x.pointer())));
      assertEquals(fault.kind(), FaultKind.USE_AFTER_FREE);
    }
  }

  @Test
  public void memoryThatNobodyWroteIsPoison() {
    String body = "ld.param.u64 %rd1, [x]; ld.global.u32 %r1, [%rd1+4];";
    try (Rig rig = new Rig()) {
      DeviceMemory x = rig.driver.allocate(8);
      rig.driver.fill(x.pointer(), (byte) 0, 7);
      var arguments = Rig.arguments().pointer(x.pointer());
      PtxFault fault =
          expectThrows(
              PtxFault.class,
              () -> rig.run(Rig.micro(PARAMETERS, body), LaunchShape.of(1, 1), arguments));
      assertEquals(fault.kind(), FaultKind.UNINITIALISED_MEMORY);
      rig.driver.fill(x.pointer().plus(7), (byte) 0, 1);
      rig.run(Rig.micro(PARAMETERS, body), LaunchShape.of(1, 1), arguments);
    }
  }

  @Test
  public void constantMemoryIsReadOnly() {
    String ptx =
        Rig.micro(PARAMETERS, "ld.param.u64 %rd1, [x]; st.const.u32 [c], 1;")
            .replace(".visible", ".const .align 4 .b8 c[4] = {1, 2, 3, 4};\n.visible");
    try (Rig rig = new Rig()) {
      PtxFault fault =
          expectThrows(
              PtxFault.class,
              () ->
                  rig.run(
                      ptx, LaunchShape.of(1, 1), Rig.arguments().pointer(rig.ints(0).pointer())));
      assertEquals(fault.kind(), FaultKind.READ_ONLY);
    }
  }

  @DataProvider
  Object[][] blockRaces() {
    String mine =
        "mov.u32 %r1, %ctaid.x; ld.param.u64 %rd1, [x]; mul.wide.u32 %rd2, %r1, 4;"
            + " add.s64 %rd2, %rd1, %rd2; ";
    return new Object[][] {
      // Every block its own word; every block the same word; reads beside writes.
      {mine + "st.global.u32 [%rd2], %r1;", false},
      {mine + "st.global.u32 [%rd1], %r1;", true},
      {mine + "ld.global.u32 %r2, [%rd1]; st.global.u32 [%rd2+4], %r2;", false},
      {mine + "ld.global.u32 %r2, [%rd1]; st.global.u32 [%rd2], %r2;", true},
      {mine + "red.global.add.u32 [%rd1], 1;", false},
      {mine + "red.global.add.u32 [%rd1], 1; st.global.u32 [%rd1], 1;", true},
      // Two bytes of one word are no race.
      {mine + "cvt.u64.u32 %rd3, %r1; add.s64 %rd3, %rd1, %rd3; st.global.u8 [%rd3], 1;", false},
      {
        mine
            + "cvt.u64.u32 %rd3, %r1; add.s64 %rd3, %rd1, %rd3; ld.global.u8 %r3, [%rd3];"
            + "st.global.u8 [%rd3], %r3;",
        false
      },
      {mine + "ld.global.u8 %r3, [%rd1]; st.global.u32 [%rd1], 1;", true},
      {mine + "st.global.u32 [%rd2], %r1; ld.global.nc.u32 %r2, [%rd2];", true},
      // The last block to take a ticket reads what the others wrote before a fence.
      {mine + lastArriver("membar.gl;"), false},
      {mine + lastArriver(""), true},
    };
  }

  private static String lastArriver(String fence) {
    return "st.global.u32 [%rd2+16], %r1; "
        + fence
        + """
         atom.global.add.u32 %r2, [%rd1], 1;
         setp.ne.u32 %p1, %r2, 3;
         @%p1 ret;
         ld.global.u32 %r3, [%rd1+16];
         ld.global.u32 %r4, [%rd1+20];
         ld.global.u32 %r5, [%rd1+24];
         ld.global.u32 %r6, [%rd1+28];
        """;
  }

  @Test(dataProvider = "blockRaces")
  public void racesBetweenBlocks(String body, boolean race) {
    for (int seed = 0; seed < 5; seed++) {
      try (Rig rig = new Rig(InterpreterOptions.DEFAULT.withSeed(seed))) {
        var arguments = Rig.arguments().pointer(rig.ints(new int[8]).pointer());
        LaunchShape shape = LaunchShape.of(4, 1);
        if (race) {
          PtxFault fault =
              expectThrows(
                  PtxFault.class, () -> rig.run(Rig.micro(PARAMETERS, body), shape, arguments));
          assertEquals(fault.kind(), FaultKind.GLOBAL_RACE);
        } else {
          rig.run(Rig.micro(PARAMETERS, body), shape, arguments);
        }
      }
    }
  }

  /** Without the race detector the order of warps itself brings a missing barrier to light. */
  @Test
  public void aMissingBarrierShowsInTheResultOfSomeOrder() {
    String sum =
        START
            + """
            st.shared.u32 [%r3], %r1;
            BARRIER
            xor.b32 %r4, %r2, 128;
            mov.u32 %r5, s;
            add.s32 %r5, %r5, %r4;
            ld.shared.u32 %r6, [%r5];
            st.global.u32 [%rd2], %r6;
            """;
    assertFalse(someOrderFails(sum.replace("BARRIER", "bar.sync 0;")));
    assertTrue(someOrderFails(sum.replace("BARRIER", "")));
  }

  private static boolean someOrderFails(String body) {
    boolean failed = false;
    for (int seed = 0; seed < 10; seed++) {
      try (Rig rig = new Rig(InterpreterOptions.DEFAULT.withSeed(seed).unchecked())) {
        DeviceMemory x = rig.ints(new int[64]);
        rig.run(
            Rig.micro(PARAMETERS, body),
            LaunchShape.of(1, 64),
            Rig.arguments().pointer(x.pointer()));
        int[] result = rig.ints(x);
        for (int i = 0; i < 64; i++) {
          failed |= result[i] != (i ^ 32);
        }
      }
    }
    return failed;
  }
}
