// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertThrows;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Run by {@link FakeDriverTest} in a process whose CUDA driver keeps a log. */
public final class FakeDriverChecks {
  private static final String PTX = ".version 7.8\n.target sm_80\n";

  private JCudaDriver driver;

  @BeforeMethod
  public void open() {
    driver = JCudaDriver.open();
    FakeCuda.take();
  }

  @AfterMethod(alwaysRun = true)
  public void close() {
    FakeCuda.fail("", 0);
    driver.close();
    FakeCuda.take();
  }

  @Test
  public void theDeviceIsReadAttributeByAttribute() {
    assertEquals(
        driver.device(),
        new DeviceAttributes(
            "Fake GPU", 9, 0, 12080, 1016, 1001, 1008, 1097, 1081, 1082, 1038, 1013, 1036, 1037));
    assertEquals(driver.description(), "Fake GPU, compute capability 9.0, driver for CUDA 12.8");
    assertEquals(driver.memory(), new MemoryState(5L << 30, 80L << 30));
  }

  @DataProvider
  Object[][] sizes() {
    return new Object[][] {{1}, {4099}, {4 << 20}, {(9 << 20) + 5}};
  }

  @Test(dataProvider = "sizes")
  public void bytesArriveFromEveryKindOfHostMemory(int size) throws IOException {
    byte[] bytes = new byte[size + 3];
    new Random(size).nextBytes(bytes);
    Path file = Files.createTempFile("mapped", ".bin");
    Files.write(file, bytes);
    try (Arena arena = Arena.ofConfined();
        FileChannel channel = FileChannel.open(file);
        DeviceMemory memory = driver.allocate(size + 64)) {
      DevicePointer to = memory.pointer().plus(33);
      MemorySegment expected = MemorySegment.ofArray(bytes).asSlice(3);
      MemorySegment direct = arena.allocate(size + 3);
      direct.copyFrom(MemorySegment.ofArray(bytes));
      MemorySegment mapped =
          channel.map(FileChannel.MapMode.READ_ONLY, 0, bytes.length, arena).asSlice(3);
      for (MemorySegment from :
          List.of(expected, expected.asReadOnly(), direct.asSlice(3), mapped)) {
        driver.fill(memory.pointer(), (byte) 0x5A, size + 64);
        driver.copyToDevice(to, from);
        MemorySegment all = arena.allocate(size + 64);
        driver.copyToHost(all, memory.pointer());
        assertEquals(all.asSlice(33, size).mismatch(expected), -1);
        assertEquals(all.get(ValueLayout.JAVA_BYTE, 32), 0x5A);
        assertEquals(all.get(ValueLayout.JAVA_BYTE, 33 + size), 0x5A);
        byte[] heap = new byte[size + 2];
        driver.copyToHost(MemorySegment.ofArray(heap).asSlice(1, size), to);
        assertEquals(MemorySegment.ofArray(heap).asSlice(1, size).mismatch(expected), -1);
        assertEquals(heap[size + 1], 0);
      }
    } finally {
      Files.delete(file);
    }
  }

  @Test
  public void copiesOfTheDriverWaitForEverythingBeforeAndAfter() {
    try (DeviceMemory memory = driver.allocate(64);
        Arena arena = Arena.ofConfined()) {
      DevicePointer half = memory.pointer().plus(32);
      FakeCuda.take();
      driver.copyToDevice(half, arena.allocate(8));
      driver.copyToHost(arena.allocate(8), half);
      driver.copy(memory.pointer(), half, 16);
      driver.fill(half, (byte) 255, 4);
      assertEquals(
          FakeCuda.take(),
          List.of(
              "cuCtxSynchronize",
              "cuMemcpyHtoD_v2 device 8",
              "cuCtxSynchronize",
              "cuCtxSynchronize",
              "cuMemcpyDtoH_v2 device 8",
              "cuCtxSynchronize",
              "cuMemcpyDtoD_v2 device device 16",
              "cuCtxSynchronize",
              "cuCtxSynchronize",
              "cuMemsetD8_v2 device 255 4",
              "cuCtxSynchronize"));
      driver.copyToDevice(half, arena.allocate(0));
      driver.fill(half, (byte) 1, 0);
      driver.copy(half, half, 0);
      assertTrue(FakeCuda.take().stream().allMatch("cuCtxSynchronize"::equals), "empty ranges");
    }
  }

  @Test
  public void hostMemoryThatIsGoneOrReadOnlyIsRefused() {
    try (DeviceMemory memory = driver.allocate(64)) {
      Arena arena = Arena.ofConfined();
      MemorySegment gone = arena.allocate(8);
      arena.close();
      assertThrows(IllegalStateException.class, () -> driver.copyToDevice(memory.pointer(), gone));
      assertThrows(IllegalStateException.class, () -> driver.copyToHost(gone, memory.pointer()));
      MemorySegment readOnly = MemorySegment.ofArray(new byte[8]).asReadOnly();
      assertThrows(
          IllegalArgumentException.class, () -> driver.copyToHost(readOnly, memory.pointer()));
    }
  }

  @Test
  public void memoryIsFreedOnceAtItsOwnAddress() {
    DeviceMemory memory = driver.allocate(1 << 20);
    assertEquals(memory.bytes(), 1 << 20);
    assertTrue(memory.pointer().address() > 1L << 48, memory.pointer().toString());
    memory.close();
    memory.close();
    PinnedMemory pinned = driver.allocatePinned(100);
    assertEquals(pinned.segment().byteSize(), 100);
    pinned.segment().fill((byte) 1);
    pinned.close();
    pinned.close();
    assertEquals(
        FakeCuda.take(),
        List.of(
            "cuMemAlloc_v2 1048576",
            "cuMemFree_v2 device",
            "cuMemHostAlloc 100 0",
            "cuMemFreeHost"));
    GpuException full = expectThrows(GpuException.class, () -> driver.allocate(1L << 50));
    assertEquals(full.code(), GpuException.OUT_OF_MEMORY);
    assertTrue(
        full.getMessage()
            .startsWith(
                "allocating 1,125,899,906,842,624 bytes on the device:"
                    + " CUDA_ERROR_OUT_OF_MEMORY (2); the GPU's memory is full"),
        full.getMessage());
    for (long none : new long[] {0, -1}) {
      assertThrows(GpuException.class, () -> driver.allocate(none));
      assertThrows(GpuException.class, () -> driver.allocatePinned(none));
    }
  }

  @Test
  public void aLaunchCarriesThePackedArguments() {
    GpuModule module = driver.load("sample", PTX);
    GpuFunction function = module.function("add_f16");
    assertEquals(function.name(), "add_f16");
    String handle = FakeCuda.take().getLast().replaceAll(".* (0x\\w+) .*", "$1");
    assertTrue(handle.startsWith("0x1"), handle);
    assertEquals(function.attributes(), new FunctionAttributes(104, 101, 103, 102, 100));
    function.allowSharedBytes(99_000);
    String kernel = "0x2" + "%08x".formatted(Integer.parseInt(handle.substring(3), 16) + 1);
    assertEquals(FakeCuda.take().getLast(), "cuFuncSetAttribute 8 of " + kernel + " to 99000");
    KernelArguments arguments =
        new KernelArguments()
            .pointer(new DevicePointer(0x0001_7F12_3456_7890L))
            .int8((byte) 1)
            .int16((short) 0x0302)
            .int32(0x07060504)
            .float32(1.5f)
            .int64(-2);
    LaunchShape shape = new LaunchShape(new Dim3(5, 6, 7), new Dim3(32, 4, 2), 1024);
    try (GpuStream stream = driver.newStream()) {
      String id = idOf(stream);
      FakeCuda.take();
      stream.launch(function, shape, arguments);
      assertEquals(
          FakeCuda.take(),
          List.of(
              "cuLaunchKernel %s (5 6 7) (32 4 2) 1024 stream %s parameters none"
                  .formatted(kernel, id),
              "  4 words, 32 bytes: 90 78 56 34 12 7f 01 00 01 00 02 03 04 05 06 07"
                  + " 00 00 c0 3f 00 00 00 00 fe ff ff ff ff ff ff ff"));
      stream.launch(function, LaunchShape.of(1, 32), arguments.clear().int32(9));
      assertEquals(FakeCuda.take().getLast(), "  4 words, 4 bytes: 09 00 00 00");
      stream.launch(function, LaunchShape.of(2, 64), arguments.clear());
      driver.defaultStream().launch(function, LaunchShape.of(3, 96), arguments);
      assertEquals(
          FakeCuda.take(),
          List.of(
              "cuLaunchKernel %s (2 1 1) (64 1 1) 0 stream %s parameters none"
                  .formatted(kernel, id),
              "cuLaunchKernel %s (3 1 1) (96 1 1) 0 stream (nil) parameters none"
                  .formatted(kernel)));
    }
    module.close();
    module.close();
    assertEquals(
        FakeCuda.take().stream().filter(call -> call.startsWith("cuModule")).toList(),
        List.of("cuModuleUnload " + handle));
  }

  /** The driver's handle of a stream, which only its calls show. */
  private static String idOf(GpuStream stream) {
    FakeCuda.take();
    stream.synchronize();
    return FakeCuda.take().getLast().replace("cuStreamSynchronize ", "");
  }

  @Test
  public void aRefusedLaunchNamesTheKernelAndItsGeometry() {
    GpuFunction function = driver.load("sample", PTX).function("add_f16");
    FakeCuda.fail("cuLaunchKernel", GpuException.OUT_OF_RESOURCES);
    GpuException refusal =
        expectThrows(
            GpuException.class,
            () ->
                driver
                    .defaultStream()
                    .launch(function, LaunchShape.of(3, 2048), new KernelArguments().int32(1)));
    assertEquals(refusal.kernel(), "add_f16");
    assertEquals(refusal.shape(), Optional.of(LaunchShape.of(3, 2048)));
    assertEquals(
        refusal.getMessage(),
        "kernel add_f16: queueing it with 1 arguments of 4 bytes:"
            + " CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES (701), grid (3, 1, 1) block (2048, 1, 1) shared"
            + " 0 bytes; the launch asks for more threads, registers or shared memory than the GPU"
            + " has");
  }

  @Test
  public void aFailureFoundWhileWaitingNamesTheLastKernel() {
    GpuFunction function = driver.load("sample", PTX).function("add_f16");
    driver.defaultStream().launch(function, LaunchShape.of(3, 64), new KernelArguments());
    FakeCuda.fail("cuCtxSynchronize", GpuException.ILLEGAL_ADDRESS);
    GpuException failure = expectThrows(GpuException.class, driver::synchronize);
    assertTrue(
        failure
            .getMessage()
            .startsWith(
                "waiting for the device, last queued kernel add_f16, grid (3, 1, 1) block (64, 1,"
                    + " 1) shared 0 bytes: CUDA_ERROR_ILLEGAL_ADDRESS (700); a kernel failed"),
        failure.getMessage());
  }

  @Test
  public void theCompilersLogIsInTheMessage() {
    GpuException bad =
        expectThrows(GpuException.class, () -> driver.load("norms", PTX + "frobnicate"));
    assertEquals(bad.code(), GpuException.INVALID_PTX);
    assertTrue(
        bad.getMessage()
            .startsWith(
                "loading the module norms:\nptxas application ptx input, line 9; fatal   : no"
                    + " opcode frobnicate, room for 16384\n: CUDA_ERROR_INVALID_PTX (218); "),
        bad.getMessage());
    GpuException old = expectThrows(GpuException.class, () -> driver.load("norms", ".version 9.9"));
    assertEquals(
        old.getMessage(),
        "loading the module norms: CUDA_ERROR_UNSUPPORTED_PTX_VERSION (222); the driver is older"
            + " than the kernels: install NVIDIA driver 520 (CUDA 11.8) or newer");
    GpuException absent =
        expectThrows(GpuException.class, () -> driver.load("norms", PTX).function("absent"));
    assertEquals(
        absent.getMessage(),
        "looking for the kernel absent in the module norms: CUDA_ERROR_NOT_FOUND (500)");
  }

  @Test
  public void streamsMoveBytesInOrder() {
    try (GpuStream stream = driver.newStream();
        PinnedMemory pinned = driver.allocatePinned(64);
        DeviceMemory memory = driver.allocate(64)) {
      String id = idOf(stream);
      for (int i = 0; i < 64; i++) {
        pinned.segment().set(ValueLayout.JAVA_BYTE, i, (byte) i);
      }
      FakeCuda.take();
      stream.fill(memory.pointer(), (byte) -1, 64);
      stream.copyToDevice(memory.pointer().plus(8), pinned, 16, 4);
      stream.copy(memory.pointer().plus(32), memory.pointer().plus(8), 4);
      stream.copyToHost(pinned, 60, memory.pointer().plus(31), 4);
      stream.synchronize();
      stream.fill(memory.pointer(), (byte) -1, 0);
      assertEquals(
          FakeCuda.take(),
          List.of(
              "cuMemsetD8Async device 255 64 stream " + id,
              "cuMemcpyHtoDAsync_v2 device 4 stream " + id,
              "cuMemcpyDtoDAsync_v2 device device 4 stream " + id,
              "cuMemcpyDtoHAsync_v2 device 4 stream " + id,
              "cuStreamSynchronize " + id));
      byte[] end = pinned.segment().asSlice(59).toArray(ValueLayout.JAVA_BYTE);
      assertEquals(end, new byte[] {59, -1, 16, 17, 18});
      assertThrows(
          IndexOutOfBoundsException.class,
          () -> stream.copyToDevice(memory.pointer(), pinned, 61, 4));
    }
  }

  @Test
  public void eventsAreWaitedForAndMeasuredFromTheEarlierToTheLater() {
    try (GpuStream stream = driver.newStream();
        GpuEvent start = driver.newEvent();
        GpuEvent end = driver.newEvent()) {
      String id = idOf(stream);
      stream.record(start);
      driver.defaultStream().record(end);
      stream.waitFor(end);
      String first = FakeCuda.take().getFirst().split(" ", -1)[1];
      assertEquals(end.millisecondsSince(start), 1.5);
      String second = FakeCuda.take().get(1).split(" ", -1)[1];
      assertTrue(!first.equals(second), first);
      stream.record(start);
      driver.defaultStream().record(end);
      stream.waitFor(end);
      end.millisecondsSince(start);
      assertEquals(
          FakeCuda.take(),
          List.of(
              "cuEventRecord " + first + " " + id,
              "cuEventRecord " + second + " (nil)",
              "cuStreamWaitEvent " + id + " " + second + " 0",
              "cuEventSynchronize " + first,
              "cuEventSynchronize " + second,
              "cuEventElapsedTime " + first + " " + second));
    }
  }

  @Test
  public void aGraphIsCapturedOnAStreamOfItsOwn() {
    GpuFunction function = driver.load("sample", PTX).function("add_f16");
    try (GpuStream stream = driver.newStream();
        DeviceMemory memory = driver.allocate(64)) {
      String id = idOf(stream);
      stream.beginCapture();
      stream.fill(memory.pointer(), (byte) 0, 64);
      stream.launch(function, LaunchShape.of(1, 32), new KernelArguments());
      GpuGraph graph = stream.endCapture();
      assertEquals(graph.nodes(), 2);
      List<String> capture = FakeCuda.take();
      assertEquals(capture.getFirst(), "cuStreamBeginCapture_v2 " + id + " 2");
      List<String> end = new ArrayList<>(capture.subList(3, capture.size()));
      String captured = end.get(1).split(" ", -1)[1];
      assertEquals(
          end,
          List.of(
              "cuStreamEndCapture " + id,
              "cuGraphGetNodes " + captured,
              "cuGraphInstantiateWithFlags " + captured + " 0",
              "cuGraphDestroy " + captured));
      graph.launch(stream);
      graph.close();
      graph.close();
      List<String> calls = FakeCuda.take();
      String executable = calls.getFirst().split(" ", -1)[1];
      assertEquals(
          calls,
          List.of(
              "cuGraphLaunch " + executable + " stream " + id, "cuGraphExecDestroy " + executable));
    }
    GpuException refusal =
        expectThrows(GpuException.class, () -> driver.defaultStream().beginCapture());
    assertEquals(refusal.code(), 900);
  }

  @Test
  public void everyThreadThatCallsGetsTheContext() throws InterruptedException {
    driver.synchronize();
    Thread other = new Thread(driver::synchronize);
    other.start();
    other.join();
    driver.synchronize();
    assertEquals(
        FakeCuda.take(),
        List.of(
            "cuCtxSynchronize",
            "cuCtxSetCurrent 0xc0117",
            "cuCtxSynchronize",
            "cuCtxSetCurrent 0xc0117",
            "cuCtxSynchronize"));
  }

  @Test
  public void afterClosingNothingReachesTheDriver() {
    DeviceMemory memory = driver.allocate(64);
    GpuStream stream = driver.newStream();
    FakeCuda.take();
    driver.close();
    assertEquals(FakeCuda.take(), List.of("cuDevicePrimaryCtxRelease_v2 7"));
    memory.close();
    stream.close();
    driver.close();
    assertThrows(GpuException.class, () -> driver.allocate(1));
    assertEquals(FakeCuda.take(), List.of());
  }

  /** Every function that the driver calls, and something that calls it. */
  @DataProvider
  Object[][] calls() {
    return new Object[][] {
      {"cuMemGetInfo_v2", (Runnable) () -> driver.memory()},
      {"cuMemAlloc_v2", (Runnable) () -> driver.allocate(8)},
      {"cuMemHostAlloc", (Runnable) () -> driver.allocatePinned(8)},
      {"cuMemFree_v2", (Runnable) () -> driver.allocate(8).close()},
      {"cuMemFreeHost", (Runnable) () -> driver.allocatePinned(8).close()},
      {"cuMemcpyHtoD_v2", (Runnable) () -> copyThere()},
      {"cuMemcpyDtoH_v2", (Runnable) () -> copyBack()},
      {"cuMemcpyDtoD_v2", (Runnable) () -> driver.copy(device(), device(), 4)},
      {"cuMemsetD8_v2", (Runnable) () -> driver.fill(device(), (byte) 0, 4)},
      {"cuCtxSynchronize", (Runnable) () -> driver.synchronize()},
      {"cuModuleGetFunction", (Runnable) () -> driver.load("m", PTX).function("f")},
      {"cuModuleUnload", (Runnable) () -> driver.load("m", PTX).close()},
      {"cuFuncGetAttribute", (Runnable) () -> driver.load("m", PTX).function("f").attributes()},
      {"cuFuncSetAttribute", (Runnable) () -> function().allowSharedBytes(1)},
      {"cuStreamCreate", (Runnable) () -> driver.newStream()},
      {"cuStreamDestroy_v2", (Runnable) () -> driver.newStream().close()},
      {"cuStreamSynchronize", (Runnable) () -> driver.newStream().synchronize()},
      {"cuStreamBeginCapture_v2", (Runnable) () -> driver.newStream().beginCapture()},
      {"cuStreamEndCapture", (Runnable) () -> driver.newStream().endCapture()},
      {"cuGraphGetNodes", (Runnable) () -> capture()},
      {"cuGraphInstantiateWithFlags", (Runnable) () -> capture()},
      {"cuGraphLaunch", (Runnable) () -> capture().launch(driver.newStream())},
      {"cuGraphExecDestroy", (Runnable) () -> capture().close()},
      {"cuEventCreate", (Runnable) () -> driver.newEvent()},
      {"cuEventDestroy_v2", (Runnable) () -> driver.newEvent().close()},
      {"cuEventSynchronize", (Runnable) () -> driver.newEvent().synchronize()},
      {"cuEventRecord", (Runnable) () -> driver.newStream().record(driver.newEvent())},
      {"cuStreamWaitEvent", (Runnable) () -> driver.newStream().waitFor(driver.newEvent())},
      {"cuEventElapsedTime", (Runnable) () -> elapsed()},
      {"cuMemsetD8Async", (Runnable) () -> driver.newStream().fill(device(), (byte) 0, 4)},
      {"cuMemcpyDtoDAsync_v2", (Runnable) () -> driver.newStream().copy(device(), device(), 4)},
      {"cuMemcpyHtoDAsync_v2", (Runnable) () -> queueThere()},
      {"cuMemcpyDtoHAsync_v2", (Runnable) () -> queueBack()},
    };
  }

  private DevicePointer device() {
    return driver.allocate(64).pointer();
  }

  private GpuFunction function() {
    return driver.load("m", PTX).function("f");
  }

  private void copyThere() {
    driver.copyToDevice(device(), MemorySegment.ofArray(new byte[4]));
  }

  private void copyBack() {
    driver.copyToHost(MemorySegment.ofArray(new byte[4]), device());
  }

  private void queueThere() {
    driver.newStream().copyToDevice(device(), driver.allocatePinned(4), 0, 4);
  }

  private void queueBack() {
    driver.newStream().copyToHost(driver.allocatePinned(4), 0, device(), 4);
  }

  private GpuGraph capture() {
    GpuStream stream = driver.newStream();
    stream.beginCapture();
    return stream.endCapture();
  }

  private void elapsed() {
    driver.newEvent().millisecondsSince(driver.newEvent());
  }

  @Test(dataProvider = "calls")
  public void aCodeOfAnyFunctionIsThrown(String function, Runnable call) {
    FakeCuda.fail(function, 719);
    GpuException failure = expectThrows(GpuException.class, call::run);
    assertEquals(failure.code(), GpuException.LAUNCH_FAILED);
    assertEquals(failure.codeName(), "CUDA_ERROR_LAUNCH_FAILED");
    FakeCuda.fail("", 0);
    call.run();
  }
}
