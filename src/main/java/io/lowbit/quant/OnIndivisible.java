// SPDX-License-Identifier: Apache-2.0
package io.lowbit.quant;

/** What happens to a matrix whose columns do not split into the groups its scheme asks for. */
public enum OnIndivisible {
  /** It is an error that names the nearest group that works. */
  ERROR,
  /** That matrix gets one grid per output channel, and the choice is reported. */
  CHANNEL
}
