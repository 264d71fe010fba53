// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * A fixed set of threads that share out numbered tasks. Which thread runs a task is left to chance,
 * so a task must write only what its number says.
 */
final class Workers implements AutoCloseable {
  // Decoding one token is some hundred short operations; waking a parked thread for each would take
  // longer than the work. So idle threads look for work for about 50 microseconds before they park.
  private static final int SPINS = 2000;

  private final Thread[] threads;
  private final Scratch[] scratches;
  private volatile Job job = new Job(0, (index, scratch) -> {});
  private volatile boolean closed;

  /** Work of one index; scratch belongs to the running thread. */
  @FunctionalInterface
  interface Task {
    void run(int index, Scratch scratch);
  }

  Workers(int count) {
    scratches = new Scratch[count];
    threads = new Thread[count - 1];
    for (int i = 0; i < count; i++) {
      scratches[i] = new Scratch();
    }
    for (int i = 0; i < threads.length; i++) {
      Scratch scratch = scratches[i + 1];
      threads[i] =
          Thread.ofPlatform()
              .daemon()
              .name("lowbit-cpu-" + (i + 1))
              .unstarted(() -> serve(scratch));
      threads[i].start();
    }
  }

  int count() {
    return scratches.length;
  }

  /** Runs tasks 0 to {@code count - 1} and returns when all are done. */
  void run(int count, Task task) {
    run(count, true, task);
  }

  /**
   * Like {@link #run(int, Task)}.
   *
   * @param share whether there is enough work to share it with other threads
   */
  synchronized void run(int count, boolean share, Task task) {
    if (count == 1 || threads.length == 0 || !share) {
      for (int i = 0; i < count; i++) {
        task.run(i, scratches[0]);
      }
      return;
    }
    Job next = new Job(count, task);
    job = next;
    for (Thread thread : threads) {
      LockSupport.unpark(thread);
    }
    next.work(scratches[0]);
    next.await();
  }

  private void serve(Scratch scratch) {
    Job seen = job;
    while (!closed) {
      int spins = 0;
      while (job == seen && !closed) {
        if (spins < SPINS) {
          spins++;
          Thread.onSpinWait();
        } else {
          LockSupport.park(this);
        }
      }
      seen = job;
      seen.work(scratch);
    }
  }

  @Override
  public void close() {
    closed = true;
    for (Thread thread : threads) {
      LockSupport.unpark(thread);
    }
  }

  private static final class Job {
    private final int count;
    private final Task task;
    private final Thread owner = Thread.currentThread();
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicInteger done = new AtomicInteger();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    Job(int count, Task task) {
      this.count = count;
      this.task = task;
    }

    void work(Scratch scratch) {
      for (int index = next.getAndIncrement(); index < count; index = next.getAndIncrement()) {
        try {
          if (failure.get() == null) {
            task.run(index, scratch);
          }
        } catch (RuntimeException | Error e) {
          failure.compareAndSet(null, e);
        } finally {
          if (done.incrementAndGet() == count) {
            LockSupport.unpark(owner);
          }
        }
      }
    }

    void await() {
      int spins = 0;
      while (done.get() < count) {
        if (spins < SPINS) {
          spins++;
          Thread.onSpinWait();
        } else {
          LockSupport.park(this);
        }
      }
      switch (failure.get()) {
        case null -> {}
        case Error e -> throw e;
        case RuntimeException e -> throw e;
        case Throwable e -> throw new IllegalStateException(e);
      }
    }
  }
}
