// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

/** A kernel of a loaded module. */
public interface GpuFunction {
  /** Name of the entry in the PTX text. */
  String name();

  /** What it needs to run. */
  FunctionAttributes attributes();

  /**
   * Permits launches with more than 48 KB of dynamic shared memory.
   *
   * @param bytes most dynamic shared memory of the launches to come
   * @throws GpuException if the device has less
   */
  void allowSharedBytes(int bytes);
}
