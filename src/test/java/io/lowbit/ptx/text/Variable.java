// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx.text;

/**
 * A variable or parameter in memory.
 *
 * @param name as written; unique in its module or function for nvcc's output
 * @param space where it lives
 * @param alignment in bytes
 * @param bytes its size; zero for {@code .extern .shared name[]}
 * @param initial its first bytes; the rest is zero (empty: not initialised explicitly)
 * @param external declared elsewhere, as dynamic shared memory is
 */
public record Variable(
    String name, Space space, int alignment, int bytes, byte[] initial, boolean external) {}
