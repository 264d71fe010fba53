// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend;

/**
 * Causal grouped-query attention: query head h reads key head {@code h / (heads / keyHeads)}.
 *
 * @param heads query heads
 * @param keyHeads key and value heads, a divisor of {@code heads}
 * @param headDim values per head
 * @param scale factor on q.k, usually 1/sqrt(headDim)
 * @param window a token sees itself and {@code window - 1} tokens before it; 0 = all
 */
public record AttentionShape(int heads, int keyHeads, int headDim, float scale, int window) {}
