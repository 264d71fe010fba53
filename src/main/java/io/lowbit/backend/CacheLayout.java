// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend;

import io.lowbit.quant.CacheScheme;
import java.util.Optional;

/**
 * What a cache holds.
 *
 * @param layers decoder blocks
 * @param keyHeads key and value heads per layer
 * @param headDim values per head
 * @param scheme how entries are quantized; empty = kept in the back-end's base type
 */
public record CacheLayout(int layers, int keyHeads, int headDim, Optional<CacheScheme> scheme) {}
