// SPDX-License-Identifier: Apache-2.0
package io.lowbit.format;

/**
 * A file is not what it should be. The message says which file, what is wrong, what was expected
 * and what to do.
 */
public final class FormatException extends RuntimeException {
  /** With a complete sentence for the user. */
  public FormatException(String message) {
    super(message);
  }

  /** With a complete sentence for the user and the underlying failure. */
  public FormatException(String message, Throwable cause) {
    super(message, cause);
  }
}
