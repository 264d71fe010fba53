// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend;

/** A weight matrix {@code [rows = outputs, columns = inputs]} in a back-end's memory and layout. */
public interface Weight extends AutoCloseable {
  /** Output channels. */
  int rows();

  /** Input channels. */
  int columns();

  /** Bytes it takes in the back-end's memory. */
  long bytes();

  @Override
  void close();
}
