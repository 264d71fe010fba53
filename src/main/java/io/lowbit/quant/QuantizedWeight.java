// SPDX-License-Identifier: Apache-2.0
package io.lowbit.quant;

import java.util.Optional;

/**
 * A quantized matrix and what a reader of the results must know about how it came to be.
 *
 * @param tensor the packed matrix
 * @param note a sentence where the matrix is not quantized just as the scheme says
 */
public record QuantizedWeight(QuantizedTensor tensor, Optional<String> note) {}
