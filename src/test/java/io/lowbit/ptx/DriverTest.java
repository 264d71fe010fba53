// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import io.lowbit.backend.cuda.DeviceMemory;
import io.lowbit.backend.cuda.DevicePointer;
import io.lowbit.backend.cuda.Dim3;
import io.lowbit.backend.cuda.GpuEvent;
import io.lowbit.backend.cuda.GpuException;
import io.lowbit.backend.cuda.GpuFunction;
import io.lowbit.backend.cuda.GpuGraph;
import io.lowbit.backend.cuda.GpuStream;
import io.lowbit.backend.cuda.KernelArguments;
import io.lowbit.backend.cuda.LaunchShape;
import io.lowbit.backend.cuda.PinnedMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.testng.annotations.Test;

/** The interpreter as a CUDA driver: memory, streams, graphs, and refusals of bad launches. */
public final class DriverTest {
  /** Adds n to x[thread]. */
  private static final String ADD =
      Rig.micro(
          ".param .u64 x, .param .u32 n",
          """
          ld.param.u64 %rd1, [x];
          ld.param.u32 %r1, [n];
          mov.u32 %r2, %tid.x;
          mul.wide.u32 %rd2, %r2, 4;
          add.s64 %rd1, %rd1, %rd2;
          ld.global.u32 %r3, [%rd1];
          add.s32 %r3, %r3, %r1;
          st.global.u32 [%rd1], %r3;
          """);

  private static KernelArguments add(DeviceMemory x, int n) {
    return Rig.arguments().pointer(x.pointer()).int32(n);
  }

  @Test
  public void argumentsArePackedByTheirOwnAlignment() {
    KernelArguments arguments =
        Rig.arguments()
            .int8((byte) 1)
            .int16((short) 2)
            .int32(3)
            .float32(1f)
            .int8((byte) 5)
            .pointer(new DevicePointer(6));
    int[] offsets = new int[arguments.count()];
    for (int i = 0; i < offsets.length; i++) {
      offsets[i] = arguments.offset(i);
    }
    assertEquals(offsets, new int[] {0, 2, 4, 8, 12, 16});
    assertEquals(arguments.packed().remaining(), 24);
    assertEquals(arguments.packed().getLong(16), 6);
    assertEquals(arguments.packed().getFloat(8), 1f);
    arguments.clear().struct(MemorySegment.ofArray(new long[] {7, 8}), 8).int8((byte) 9);
    assertEquals(arguments.packed().getLong(8), 8);
    assertEquals(arguments.offset(1), 16);
    expectThrows(
        IllegalStateException.class,
        () -> Rig.arguments().struct(MemorySegment.ofArray(new byte[4097]), 1));
  }

  @Test
  public void capturedWorkRunsWhenTheGraphIsLaunched() {
    try (Rig rig = new Rig()) {
      DeviceMemory x = rig.ints(new int[4]);
      GpuFunction add = rig.kernel(ADD, "micro");
      GpuStream stream = rig.driver.newStream();
      KernelArguments arguments = add(x, 1);
      stream.beginCapture();
      stream.launch(add, LaunchShape.of(1, 4), arguments);
      arguments.clear().pointer(x.pointer()).int32(10);
      stream.launch(add, LaunchShape.of(1, 2), arguments);
      GpuGraph graph = stream.endCapture();
      assertEquals(graph.nodes(), 2);
      assertEquals(rig.ints(x), new int[4]);
      graph.launch(stream);
      graph.launch(stream);
      stream.synchronize();
      assertEquals(rig.ints(x), new int[] {22, 22, 2, 2});
      assertEquals(rig.driver.launches().size(), 4);
    }
  }

  @Test
  public void deferredWorkShowsAMissingWait() {
    try (Rig rig = new Rig(InterpreterOptions.DEFAULT.withDeferred(true))) {
      DeviceMemory x = rig.ints(1, 2);
      GpuFunction add = rig.kernel(ADD, "micro");
      GpuStream stream = rig.driver.newStream();
      GpuStream other = rig.driver.newStream();
      PinnedMemory host = rig.driver.allocatePinned(8);
      GpuEvent before = rig.driver.newEvent();
      GpuEvent after = rig.driver.newEvent();
      host.segment().fill((byte) 0);
      stream.record(before);
      stream.launch(add, LaunchShape.of(1, 2), add(x, 5));
      stream.record(after);
      other.waitFor(after);
      other.copyToHost(host, 0, x.pointer(), 8);
      assertEquals(host.segment().get(ValueLayout.JAVA_INT, 0), 0, "nobody has waited");
      other.synchronize();
      assertEquals(host.segment().get(ValueLayout.JAVA_INT, 0), 6);
      assertTrue(after.millisecondsSince(before) > 0);
    }
  }

  @Test
  public void copiesCarryWhatIsDefined() {
    try (Rig rig = new Rig()) {
      DeviceMemory half = rig.driver.allocate(8);
      rig.driver.fill(half.pointer(), (byte) 1, 4);
      DeviceMemory target = rig.ints(3, 3);
      rig.driver.copy(target.pointer(), half.pointer(), 8);
      GpuFunction add = rig.kernel(ADD, "micro");
      rig.run(add, LaunchShape.of(1, 1), add(target, 1));
      PtxFault fault =
          expectThrows(PtxFault.class, () -> rig.run(add, LaunchShape.of(1, 2), add(target, 1)));
      assertEquals(fault.kind(), FaultKind.UNINITIALISED_MEMORY);
      assertEquals(rig.ints(target)[0], 0x0101_0102);
    }
  }

  @Test
  public void memoryIsCounted() {
    InterpreterOptions small = new InterpreterOptions(1, 1, 1_000_000, true, true, 1 << 20, false);
    try (Rig rig = new Rig(small)) {
      long free = rig.driver.memory().freeBytes();
      DeviceMemory x = rig.driver.allocate(1000);
      assertEquals(rig.driver.memory().freeBytes(), free - 1000);
      x.close();
      assertEquals(rig.driver.memory().freeBytes(), free);
      GpuException twice = expectThrows(GpuException.class, x::close);
      assertEquals(twice.code(), GpuException.INVALID_VALUE);
      DeviceMemory large = rig.driver.allocate(free / 4 * 3);
      GpuException full = expectThrows(GpuException.class, () -> rig.driver.allocate(free / 2));
      assertEquals(full.code(), GpuException.OUT_OF_MEMORY);
      large.close();
      DeviceMemory y = rig.driver.allocate(16);
      expectThrows(
          GpuException.class,
          () -> rig.driver.copyToDevice(y.pointer(), MemorySegment.ofArray(new byte[17])));
    }
  }

  @Test
  public void impossibleLaunchesAreRefused() {
    try (Rig rig = new Rig()) {
      DeviceMemory x = rig.ints(0);
      GpuFunction add = rig.kernel(ADD, "micro");
      refuse(rig, add, LaunchShape.of(1, 1025), add(x, 1), "at most 1024 threads");
      refuse(rig, add, LaunchShape.of(1, 1), Rig.arguments().pointer(x.pointer()), "1 arguments");
      refuse(rig, add, LaunchShape.of(1, 1), Rig.arguments().int32(1).int32(2), "x:8");
      LaunchShape large = LaunchShape.of(1, 1).withShared(49 << 10);
      refuse(rig, add, large, add(x, 1), "allowSharedBytes");
      add.allowSharedBytes(49 << 10);
      rig.run(add, large, add(x, 1));
      expectThrows(GpuException.class, () -> add.allowSharedBytes(164 << 10));
      LaunchShape tall = new LaunchShape(new Dim3(1, 65536, 1), Dim3.of(1), 0);
      refuse(rig, add, tall, add(x, 1), "65,535");
    }
  }

  private static void refuse(
      Rig rig, GpuFunction function, LaunchShape shape, KernelArguments arguments, String why) {
    GpuException refusal =
        expectThrows(GpuException.class, () -> rig.run(function, shape, arguments));
    assertEquals(refusal.code(), GpuException.INVALID_VALUE);
    assertEquals(refusal.kernel(), "micro");
    assertEquals(refusal.shape().orElseThrow(), shape);
    assertTrue(refusal.getMessage().contains(why), refusal.getMessage());
  }

  @Test
  public void badTextIsRefusedWithItsLine() {
    try (Rig rig = new Rig()) {
      GpuException syntax =
          expectThrows(
              GpuException.class,
              () -> rig.kernel(ADD.replace("mul.wide.u32 %rd2", "mul.wide.u32 %rx"), "micro"));
      assertEquals(syntax.code(), GpuException.INVALID_PTX);
      assertTrue(syntax.getMessage().contains("PTX line 15"), syntax.getMessage());
      GpuException opcode =
          expectThrows(
              GpuException.class, () -> rig.kernel(ADD.replace("add.s32", "frob.s32"), "micro"));
      assertTrue(opcode.getMessage().contains("frob"), opcode.getMessage());
      GpuException name = expectThrows(GpuException.class, () -> rig.kernel(ADD, "macro"));
      assertEquals(name.code(), GpuException.NOT_FOUND);
      assertTrue(name.getMessage().contains("micro"), name.getMessage());
    }
  }
}
