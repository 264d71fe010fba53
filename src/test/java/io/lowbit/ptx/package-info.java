// SPDX-License-Identifier: Apache-2.0
/**
 * An interpreter of PTX that stands in for a GPU in tests: {@link io.lowbit.ptx.InterpretedDriver}
 * runs the shipped PTX lane by lane, stops at the first fault with the line of the text, and counts
 * what a profiler would. Semantics follow the PTX ISA manual.
 *
 * <p>Reading order: {@code Linker} turns text into an {@code Image} of {@link io.lowbit.ptx.Op}s
 * (one family file per group of opcodes), {@code Launch} runs blocks, {@code Block} schedules
 * {@code Warp}s in seeded random order, and the memories check every access.
 */
package io.lowbit.ptx;
