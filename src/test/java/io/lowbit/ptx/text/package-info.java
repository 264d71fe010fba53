// SPDX-License-Identifier: Apache-2.0
/**
 * PTX text as data: {@link io.lowbit.ptx.text.PtxParser} turns what nvcc emits into a {@link
 * io.lowbit.ptx.text.PtxModule}. Knows the grammar of PTX and nothing of what instructions do.
 */
package io.lowbit.ptx.text;
