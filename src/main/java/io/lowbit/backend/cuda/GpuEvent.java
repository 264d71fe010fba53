// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

/** A mark in a stream, set by {@link GpuStream#record}. */
public interface GpuEvent extends AutoCloseable {
  /** Waits until the work before the last recorded mark has finished. */
  void synchronize();

  /**
   * Device time from an earlier mark to this one; waits for both.
   *
   * @return milliseconds
   */
  double millisecondsSince(GpuEvent earlier);

  @Override
  void close();
}
