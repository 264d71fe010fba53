// SPDX-License-Identifier: Apache-2.0
/**
 * What is low-bit and how: {@link io.lowbit.quant.Scheme} says it, {@link
 * io.lowbit.quant.QuantizedTensor} holds it, and the weight methods turn a matrix into one. Must
 * not know files, models or back-ends.
 */
package io.lowbit.quant;
