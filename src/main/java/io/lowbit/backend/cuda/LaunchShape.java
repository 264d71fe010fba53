// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

/**
 * Geometry of a launch.
 *
 * @param grid blocks
 * @param block threads of a block
 * @param sharedBytes dynamic shared memory of a block; above 48 KB the function must have been
 *     prepared with {@link GpuFunction#allowSharedBytes}
 */
public record LaunchShape(Dim3 grid, Dim3 block, int sharedBytes) {
  /** Refuses a negative size of shared memory. */
  public LaunchShape {
    if (sharedBytes < 0) {
      throw new IllegalArgumentException(
          "%,d bytes of shared memory; give zero or more".formatted(sharedBytes));
    }
  }

  /** A line of blocks of a line of threads, without dynamic shared memory. */
  public static LaunchShape of(int blocks, int threads) {
    return new LaunchShape(Dim3.of(blocks), Dim3.of(threads), 0);
  }

  /** The same geometry with another size of dynamic shared memory. */
  public LaunchShape withShared(int bytes) {
    return new LaunchShape(grid, block, bytes);
  }

  @Override
  public String toString() {
    return "grid %s block %s shared %,d bytes".formatted(grid, block, sharedBytes);
  }
}
