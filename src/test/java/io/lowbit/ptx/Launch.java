// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import io.lowbit.backend.cuda.LaunchShape;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/** One run of a kernel over its grid. */
final class Launch {
  final Image image;
  final LaunchShape shape;
  final byte[] arguments;
  final GlobalMemory memory;
  final InterpreterOptions options;
  final GlobalRaces races;
  final int number;

  private PtxFault fault;
  private int faultPosition = Integer.MAX_VALUE;
  private RuntimeException failure;

  Launch(
      Image image,
      LaunchShape shape,
      byte[] arguments,
      GlobalMemory memory,
      InterpreterOptions options,
      int number) {
    this.image = image;
    this.shape = shape;
    this.arguments = arguments;
    this.memory = memory;
    this.options = options;
    this.number = number;
    this.races = new GlobalRaces(memory, Math.toIntExact(shape.grid().count()));
  }

  /**
   * Runs all blocks in a seeded random order.
   *
   * @throws PtxFault the fault of the earliest faulty block in that order
   */
  Counters run() {
    int[] order = order();
    boolean alone = image.globalAtomics() || options.threads() == 1 || order.length == 1;
    int workers = alone ? 1 : Math.min(options.threads(), order.length);
    Counters total = new Counters(image);
    AtomicInteger next = new AtomicInteger();
    if (workers == 1) {
      work(order, next, total);
    } else {
      Thread[] threads = new Thread[workers];
      for (int i = 0; i < workers; i++) {
        threads[i] = Thread.ofPlatform().start(() -> work(order, next, total));
      }
      for (Thread thread : threads) {
        join(thread);
      }
    }
    if (failure != null) {
      throw failure;
    }
    if (fault != null) {
      throw fault;
    }
    return total;
  }

  private int[] order() {
    int[] order = new int[Math.toIntExact(shape.grid().count())];
    Random random = new Random(options.seed() + number);
    for (int i = 0; i < order.length; i++) {
      int other = random.nextInt(i + 1);
      order[i] = order[other];
      order[other] = i;
    }
    return order;
  }

  private void work(int[] order, AtomicInteger next, Counters total) {
    try {
      Block block = new Block(this);
      for (int i = next.getAndIncrement(); i < order.length; i = next.getAndIncrement()) {
        if (i > faultPosition()) {
          return;
        }
        try {
          block.run(order[i]);
        } catch (PtxFault found) {
          report(i, found);
          return;
        }
      }
      synchronized (this) {
        total.add(block.counters);
      }
    } catch (RuntimeException unexpected) {
      synchronized (this) {
        failure = unexpected;
      }
    }
  }

  private synchronized int faultPosition() {
    return faultPosition;
  }

  private synchronized void report(int position, PtxFault found) {
    if (position < faultPosition) {
      fault = found;
      faultPosition = position;
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException exception) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a kernel was running", exception);
    }
  }
}
