// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

/** Compiled PTX; closing unloads it and makes its functions invalid. */
public interface GpuModule extends AutoCloseable {
  /** The name it was loaded under, for messages. */
  String name();

  /**
   * A kernel by the name of its entry.
   *
   * @throws GpuException with {@link GpuException#NOT_FOUND} if the module has none of that name
   */
  GpuFunction function(String name);

  @Override
  void close();
}
