// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend;

import java.util.Optional;

/**
 * A normalisation over the columns of each row.
 *
 * @param kind formula
 * @param epsilon added to the variance (layer) or the mean square (RMS) before the root
 * @param weight one row of factors
 * @param bias one row of summands, layer norms only
 */
public record Norm(Kind kind, float epsilon, Buffer weight, Optional<Buffer> bias) {
  /** Which statistics are divided out. */
  public enum Kind {
    /** (x - mean) / sqrt(variance + eps) * weight + bias. */
    LAYER,
    /** x / sqrt(mean(x^2) + eps) * weight (Zhang and Sennrich 2019). */
    RMS,
    /** RMS with the factor 1 + weight, as in Gemma. */
    RMS_PLUS_ONE
  }
}
