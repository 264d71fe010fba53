// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/**
 * Brings questions to the head's kernels and answers back, each in one copy through page-locked
 * memory, and lays out what lies between them on the device.
 */
final class HeadTransfer implements AutoCloseable {
  /** A maximum with its sum, and a logit's order with its id. */
  static final long ENTRY_BYTES = 8;

  private static final int ALIGNMENT = 256;
  private static final long LEAST_PINNED = 1 << 16;

  private final Kernels kernels;
  private Optional<PinnedMemory> pinned = Optional.empty();

  HeadTransfer(Kernels kernels) {
    this.kernels = kernels;
  }

  /**
   * Where everything lies on the device, for {@code rows} rows from {@code firstRow} of a question
   * and the {@code targets} targets from {@code firstTarget} that are asked of them: first what is
   * sent, then what is received, then the tiles' results.
   */
  record Places(
      DevicePointer base,
      int firstRow,
      int rows,
      int firstTarget,
      int targets,
      int tiles,
      int kept) {
    DevicePointer hiddenRows() {
      return base;
    }

    DevicePointer start() {
      return hiddenRows().plus(4L * rows);
    }

    DevicePointer targetRows() {
      return start().plus(4L * (rows + 1));
    }

    DevicePointer targetIds() {
      return targetRows().plus(4L * targets);
    }

    long sentBytes() {
      return 4L * (2L * rows + 1 + 2L * targets);
    }

    DevicePointer sums() {
      return base.plus(align(sentBytes()));
    }

    DevicePointer best() {
      return sums().plus(8L * rows);
    }

    DevicePointer maxima() {
      return best().plus(ENTRY_BYTES * kept * rows);
    }

    DevicePointer targetLogits() {
      return maxima().plus(4L * rows);
    }

    DevicePointer ranks() {
      return targetLogits().plus(4L * targets);
    }

    long receivedBytes() {
      return 12L * rows + ENTRY_BYTES * kept * rows + 8L * targets;
    }

    DevicePointer partials() {
      return sums().plus(align(receivedBytes()));
    }

    DevicePointer tileBest() {
      return partials().plus(ENTRY_BYTES * tiles * rows);
    }

    long bytes() {
      return align(sentBytes()) + align(receivedBytes()) + ENTRY_BYTES * tiles * rows * (1L + kept);
    }

    private static long align(long bytes) {
      return Math.ceilDiv(bytes, ALIGNMENT) * ALIGNMENT;
    }
  }

  /** Queues sending what is asked about {@code count} rows from {@code first}. */
  Places send(HeadQuestion question, int first, int count, int tiles) {
    int firstTarget = question.start()[first];
    int targets = question.start()[first + count] - firstTarget;
    Places sizes =
        new Places(DevicePointer.NULL, first, count, firstTarget, targets, tiles, question.best());
    DevicePointer base = kernels.workspace(sizes.bytes());
    Places places = new Places(base, first, count, firstTarget, targets, tiles, question.best());
    PinnedMemory memory = pinned(Math.max(places.sentBytes(), places.receivedBytes()));
    MemorySegment to = memory.segment();
    MemorySegment.copy(question.rows(), first, to, ValueLayout.JAVA_INT, 0, count);
    for (int i = 0; i <= count; i++) {
      to.setAtIndex(ValueLayout.JAVA_INT, count + i, question.start()[first + i] - firstTarget);
    }
    int at = 2 * count + 1;
    for (int row = first; row < first + count; row++) {
      for (int i = question.start()[row]; i < question.start()[row + 1]; i++) {
        to.setAtIndex(ValueLayout.JAVA_INT, at++, question.rows()[row]);
      }
    }
    MemorySegment.copy(question.targets(), firstTarget, to, ValueLayout.JAVA_INT, 4L * at, targets);
    kernels.stream().copyToDevice(base, memory, 0, places.sentBytes());
    return places;
  }

  /** Waits for the answer. */
  void receive(Places places, HeadAnswer answer) {
    PinnedMemory memory = pinned(places.receivedBytes());
    kernels.stream().copyToHost(memory, 0, places.sums(), places.receivedBytes());
    kernels.stream().synchronize();
    MemorySegment from = memory.segment();
    int rows = places.rows();
    int targets = places.targets();
    int words = 2 * places.kept();
    long at = 0;
    MemorySegment.copy(from, ValueLayout.JAVA_DOUBLE, at, answer.sums(), places.firstRow(), rows);
    at += 8L * rows;
    MemorySegment.copy(
        from, ValueLayout.JAVA_INT, at, answer.best(), words * places.firstRow(), words * rows);
    at += 4L * words * rows;
    MemorySegment.copy(from, ValueLayout.JAVA_FLOAT, at, answer.maxima(), places.firstRow(), rows);
    at += 4L * rows;
    MemorySegment.copy(
        from, ValueLayout.JAVA_FLOAT, at, answer.targetLogits(), places.firstTarget(), targets);
    at += 4L * targets;
    MemorySegment.copy(
        from, ValueLayout.JAVA_INT, at, answer.ranks(), places.firstTarget(), targets);
  }

  /** At least so much; what is queued on the memory that it replaces has finished. */
  private PinnedMemory pinned(long bytes) {
    if (pinned.isEmpty() || pinned.get().segment().byteSize() < bytes) {
      close();
      long size = Math.max(LEAST_PINNED, Long.highestOneBit(2 * bytes - 1));
      pinned = Optional.of(kernels.driver().allocatePinned(size));
    }
    return pinned.get();
  }

  @Override
  public void close() {
    pinned.ifPresent(memory -> {
      kernels.stream().synchronize();
      memory.close();
    });
    pinned = Optional.empty();
  }
}
