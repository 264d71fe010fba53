// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import io.lowbit.ptx.text.PtxFunction;

/**
 * A decoded function.
 *
 * @param function its text
 * @param number position in its image
 * @param code its instructions; the last one leaves the function
 * @param reconverge for each instruction, where lanes that part there meet again ({@code
 *     code.length}: nowhere)
 * @param slots its register file
 * @param frameBytes per-lane bytes of its parameters, results and call parameters
 */
record Program(
    PtxFunction function, int number, Op[] code, int[] reconverge, Slots slots, int frameBytes) {}
