// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx.text;

import java.util.List;
import java.util.Optional;

/**
 * One instruction as written.
 *
 * @param line line of the text, from 1
 * @param text as written, for messages
 * @param guard predicate
 * @param opcode with all suffixes, such as {@code ld.global.nc.f32}
 * @param operands in order
 */
public record Statement(
    int line, String text, Optional<Guard> guard, String opcode, List<Operand> operands) {
  /** {@code @%p} or {@code @!%p}. */
  public record Guard(Register register, boolean negated) {}
}
