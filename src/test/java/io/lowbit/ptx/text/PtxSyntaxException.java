// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx.text;

/** PTX text that this interpreter cannot read. */
public final class PtxSyntaxException extends RuntimeException {
  /** A complaint about a line. */
  public PtxSyntaxException(int line, String message) {
    super("PTX line %,d: %s".formatted(line, message));
  }
}
