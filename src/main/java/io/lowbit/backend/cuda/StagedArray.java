// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import java.lang.foreign.MemorySegment;

/**
 * A device array that the host rewrites now and then. Two pinned images take turns, so that the
 * next one can be written while the last copy is still queued. Grows by doubling; only then does
 * its address change.
 */
final class StagedArray implements AutoCloseable {
  private static final long LEAST_BYTES = 1024;

  /** A pinned image and the mark after its last copy. */
  private static final class Image {
    private final PinnedMemory memory;
    private final GpuEvent copied;
    private boolean used;

    Image(GpuDriver driver, long bytes) {
      memory = driver.allocatePinned(bytes);
      copied = driver.newEvent();
    }

    void close() {
      copied.close();
      memory.close();
    }
  }

  private final Kernels kernels;
  private final Image[] images = new Image[2];
  private DeviceMemory device;
  private int turn;
  private long bytes;

  StagedArray(Kernels kernels) {
    this.kernels = kernels;
  }

  /** The array; null pointer before the first {@link #begin}. */
  DevicePointer pointer() {
    return device == null ? DevicePointer.NULL : device.pointer();
  }

  /** The image to write for the next {@link #upload}. */
  MemorySegment begin(long size) {
    if (device == null || device.bytes() < size) {
      grow(Math.max(LEAST_BYTES, Long.highestOneBit(2 * size - 1)));
    }
    bytes = size;
    turn = 1 - turn;
    if (images[turn].used) {
      images[turn].copied.synchronize();
    }
    return images[turn].memory.segment().asSlice(0, size);
  }

  private void grow(long capacity) {
    close();
    device = kernels.driver().allocate(capacity);
    for (int i = 0; i < images.length; i++) {
      images[i] = new Image(kernels.driver(), capacity);
    }
  }

  /** Queues the copy of what has been written. */
  void upload() {
    GpuStream stream = kernels.stream();
    stream.copyToDevice(device.pointer(), images[turn].memory, 0, bytes);
    stream.record(images[turn].copied);
    images[turn].used = true;
  }

  @Override
  public void close() {
    if (device != null) {
      kernels.stream().synchronize();
      device.close();
      device = null;
      for (Image image : images) {
        image.close();
      }
    }
  }
}
