// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.expectThrows;

import io.lowbit.ptx.InterpretedDriver;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/** Sequences that come again become graphs, and give what single launches give. */
public class LaunchQueueTest {
  private static final String PTX =
      """
      .version 7.8
      .target sm_80
      .address_size 64
      .visible .entry add(.param .u64 x, .param .u32 n)
      {
      .reg .b32 %r<4>;
      .reg .b64 %rd<2>;
      ld.param.u64 %rd0, [x];
      ld.param.u32 %r0, [n];
      ld.global.u32 %r1, [%rd0];
      add.u32 %r1, %r1, %r0;
      st.global.u32 [%rd0], %r1;
      ret;
      }
      """;

  private InterpretedDriver driver;
  private CountingStream stream;
  private LaunchQueue queue;
  private GpuFunction add;
  private DeviceMemory counter;

  @BeforeMethod
  void open() {
    driver = new InterpretedDriver();
    stream = new CountingStream(driver.newStream());
    queue = new LaunchQueue(stream, LaunchQueue.LONGEST_GRAPH);
    add = driver.load("test", PTX).function("add");
    counter = driver.allocate(4);
    driver.fill(counter.pointer(), (byte) 0, 4);
  }

  @AfterMethod
  void close() {
    queue.close();
    stream.close();
    driver.close();
  }

  private void addUp(int count, int summand) {
    KernelArguments arguments = new KernelArguments();
    for (int i = 0; i < count; i++) {
      arguments.clear().pointer(counter.pointer()).int32(summand);
      queue.add(add, LaunchShape.of(1, 1), arguments, "one number");
    }
  }

  private int value() {
    stream.synchronize();
    int[] value = new int[1];
    driver.copyToHost(MemorySegment.ofArray(value), counter.pointer());
    return value[0];
  }

  @Test
  public void nothingRunsBeforeTheFlush() {
    addUp(3, 1);
    assertEquals(value(), 0);
    queue.flush();
    assertEquals(value(), 3);
    queue.flush();
    assertEquals(value(), 3);
  }

  @Test
  public void aSequenceIsLaunchedOneByOneThenCapturedThenReplayed() {
    for (int round = 1; round <= 4; round++) {
      addUp(10, 2);
      queue.flush();
      assertEquals(value(), 20 * round);
    }
    assertEquals(
        stream.events(), List.of("10 launches", "capture of 10", "graph", "graph", "graph"));
  }

  @Test
  public void otherArgumentsAreAnotherSequence() {
    for (int summand : new int[] {1, 1, 2, 1, 2}) {
      addUp(10, summand);
      queue.flush();
    }
    assertEquals(value(), 70);
    assertEquals(
        stream.events(),
        List.of(
            "10 launches",
            "capture of 10",
            "graph",
            "10 launches",
            "graph",
            "capture of 10",
            "graph"));
  }

  @Test
  public void shortSequencesNeverBecomeGraphs() {
    for (int round = 0; round < 3; round++) {
      addUp(7, 1);
      queue.flush();
    }
    assertEquals(value(), 21);
    assertEquals(stream.events(), List.of("21 launches"));
  }

  @Test
  public void longSequencesAreHandedOverInPieces() {
    addUp(LaunchQueue.LONGEST_GRAPH + 5, 1);
    assertEquals(value(), LaunchQueue.LONGEST_GRAPH);
    queue.flush();
    assertEquals(value(), LaunchQueue.LONGEST_GRAPH + 5);
  }

  @Test
  public void oldGraphsMakeRoom() {
    for (int summand = 1; summand <= 100; summand++) {
      for (int round = 0; round < 2; round++) {
        addUp(8, summand);
        queue.flush();
      }
    }
    assertEquals(value(), 16 * 5050);
    addUp(8, 100);
    queue.flush();
    assertEquals(stream.events().getLast(), "graph");
    addUp(8, 1);
    queue.flush();
    assertEquals(stream.events().getLast(), "8 launches");
  }

  @Test
  public void aFailureNamesKernelGeometryAndShapes() {
    KernelArguments arguments = new KernelArguments();
    arguments.pointer(counter.pointer().plus(4)).int32(1);
    queue.add(add, LaunchShape.of(1, 32), arguments, "a number that is not there");
    GpuException failure =
        expectThrows(
            GpuException.class,
            () -> {
              queue.flush();
              stream.synchronize();
            });
    assertEquals(failure.kernel(), "add");
    assertEquals(failure.shape().orElseThrow(), LaunchShape.of(1, 32));
  }

  /** Passes everything on and remembers what came. */
  private static final class CountingStream implements GpuStream {
    private final GpuStream inner;
    private final List<String> events = new ArrayList<>();
    private int launches;
    private boolean capturing;

    CountingStream(GpuStream inner) {
      this.inner = inner;
    }

    private void note(String event) {
      if (launches > 0) {
        events.add((capturing ? "capture of %d" : "%d launches").formatted(launches));
        launches = 0;
      }
      if (!event.isEmpty()) {
        events.add(event);
      }
    }

    List<String> events() {
      note("");
      return events;
    }

    @Override
    public void launch(GpuFunction function, LaunchShape shape, KernelArguments arguments) {
      launches++;
      inner.launch(function, shape, arguments);
    }

    @Override
    public void beginCapture() {
      note("");
      capturing = true;
      inner.beginCapture();
    }

    @Override
    public GpuGraph endCapture() {
      note("");
      capturing = false;
      GpuGraph graph = inner.endCapture();
      return new GpuGraph() {
        @Override
        public int nodes() {
          return graph.nodes();
        }

        @Override
        public void launch(GpuStream to) {
          note("graph");
          graph.launch(inner);
        }

        @Override
        public void close() {
          graph.close();
        }
      };
    }

    @Override
    public void synchronize() {
      inner.synchronize();
    }

    @Override
    public void close() {
      inner.close();
    }

    @Override
    public void copyToDevice(DevicePointer to, PinnedMemory from, long fromOffset, long bytes) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void copyToHost(PinnedMemory to, long toOffset, DevicePointer from, long bytes) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void copy(DevicePointer to, DevicePointer from, long bytes) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void fill(DevicePointer to, byte value, long bytes) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void record(GpuEvent event) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void waitFor(GpuEvent event) {
      throw new UnsupportedOperationException();
    }
  }
}
