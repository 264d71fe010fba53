// SPDX-License-Identifier: Apache-2.0
package io.lowbit.quant;

import java.util.Locale;

/** Methods that choose codes, or change the matrix before; none means round to nearest. */
public enum WeightMethod {
  /** Error compensation along the columns (Frantar et al. 2023). */
  GPTQ,
  /** Activation-aware scaling and clipping (Lin et al. 2024). */
  AWQ,
  /** Half-quadratic fit of the zero point, without calibration (Badri and Shaji 2023). */
  HQQ,
  /** Sparse outliers beside two levels of grids (Dettmers et al. 2023). */
  SPQR,
  /** Scale moved from activations to weights (Xiao et al. 2023). */
  SMOOTHQUANT,
  /** Outlier columns in 16 bits (LLM.int8(), Dettmers et al. 2022). */
  INT8,
  /** Hadamard rotations folded into the weights (QuaRot, Ashkboos et al. 2024). */
  ROTATE;

  /** The name in a scheme, for example {@code gptq}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
