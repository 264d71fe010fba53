// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench.speed;

import io.lowbit.backend.cuda.DeviceMatrix;
import io.lowbit.backend.cuda.DeviceMemory;
import java.util.Map;
import java.util.stream.Stream;

/** What the device can do at best, measured in the same run. */
final class CeilingEntries {
  /** Device memory to device memory: the bandwidth that the others are a share of. */
  static final String COPY = "ceiling/copy";

  /** One launch of a kernel that does next to nothing. */
  static final String NODE = "ceiling/graph_node";

  /** The largest square product. */
  static final String PRODUCT = "ceiling/product";

  private static final double USABLE_MEMORY = 0.4;

  private CeilingEntries() {}

  static Stream<Entry> entries(Tables tables) {
    LinearShape square = new LinearShape("square", tables.squareSize(), tables.squareSize());
    return Stream.of(
        new Entry(
            COPY, "copy", Map.of(), 0, COPY, (_, scope) -> new Copy(scope, tables.copyBytes())),
        new Entry(NODE, "add", Map.of(), 0, NODE, Node::new),
        LinearEntries.entry(PRODUCT, square, tables.squareSize(), "bf16", 1),
        LinearEntries.entry(PRODUCT, square, tables.squareSize(), "w8a8-sym", 1));
  }

  /** Counts what is read and what is written. */
  private static final class Copy implements Entry.Job {
    private final DeviceScope scope;
    private final DeviceMemory from;
    private final DeviceMemory to;

    Copy(DeviceScope scope, long most) {
      this.scope = scope;
      long free = (long) (USABLE_MEMORY * scope.driver().memory().freeBytes());
      long bytes = Math.min(most, free) & -256;
      from = scope.allocate(bytes);
      to = scope.allocate(bytes);
      Normals block = Normals.of(9, 1, (int) Math.min(1 << 20, bytes / 2), 1, Workbench.TYPE);
      int stride = DeviceMatrix.stride(block.columns());
      scope.driver().copyToDevice(from.pointer(), block.bits(stride, 1).asSlice(0, period(block)));
      scope.repeat(from.pointer(), period(block), bytes);
    }

    private static long period(Normals block) {
      return 2L * block.columns();
    }

    @Override
    public int copies() {
      return 1;
    }

    @Override
    public void run(int copy) {
      scope.stream().copy(to.pointer(), from.pointer(), from.bytes());
    }

    @Override
    public long bytes() {
      return 2 * from.bytes();
    }
  }

  /** The smallest launch there is: 8 numbers are added. */
  private static final class Node implements Entry.Job {
    private static final int CALLS = 256;

    private final Workbench bench;
    private final DeviceMatrix x;
    private final DeviceMatrix y;

    Node(Workbench bench, DeviceScope scope) {
      this.bench = bench;
      Normals block = Normals.of(10, 1, 8, 1, Workbench.TYPE);
      x = scope.repeated(block, 1);
      y = scope.repeated(block, 1);
    }

    @Override
    public int copies() {
      return 1;
    }

    @Override
    public void run(int copy) {
      bench.addition.run(x, y);
    }

    @Override
    public long bytes() {
      return 3 * DeviceMatrix.bytes(1, x.columns());
    }

    @Override
    public int calls(Settings settings) {
      return Math.max(settings.calls(), Math.min(CALLS, 16 * settings.calls()));
    }
  }
}
