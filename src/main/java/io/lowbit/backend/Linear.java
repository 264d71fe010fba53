// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend;

import io.lowbit.quant.ActivationScheme;
import java.util.Optional;

/**
 * {@code y = x W^T + b}, with the input quantized per token first if {@code activations} says so.
 *
 * @param weight {@code [outputs, inputs]}
 * @param bias one row of {@code outputs} values
 * @param activations dynamic quantization of the input
 */
public record Linear(
    Weight weight, Optional<Buffer> bias, Optional<ActivationScheme> activations) {}
