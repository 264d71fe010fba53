// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend;

import java.util.Optional;

/** A weight matrix {@code [rows = outputs, columns = inputs]} in a back-end's memory and layout. */
public interface Weight extends AutoCloseable {
  /** Output channels. */
  int rows();

  /** Input channels. */
  int columns();

  /** Bytes it takes in the back-end's memory. */
  long bytes();

  /**
   * The kernel that multiplies with the packed codes themselves; empty if the weight is kept as
   * numbers of the base type, so that a low-bit one is only simulated.
   */
  Optional<String> kernel();

  @Override
  void close();
}
