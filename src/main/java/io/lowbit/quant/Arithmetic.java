// SPDX-License-Identifier: Apache-2.0
package io.lowbit.quant;

/** The two arithmetic modes of a quantizer. */
public enum Arithmetic {
  /** fp32 arithmetic; an asymmetric range is widened to contain zero. */
  EXACT,
  /**
   * The quantizer of qllm-eval: every operation rounded in the tensor's own type, range floored at
   * 1e-5, zero point clamped to the code range even when the range does not contain zero.
   */
  COMPAT
}
