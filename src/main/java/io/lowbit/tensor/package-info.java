// SPDX-License-Identifier: Apache-2.0
/**
 * Typed, shaped blocks of memory: {@link io.lowbit.tensor.Tensor} is the entry type. Knows number
 * formats and byte layouts; must not know files, models or quantization methods.
 */
package io.lowbit.tensor;
