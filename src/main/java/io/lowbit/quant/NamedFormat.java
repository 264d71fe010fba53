// SPDX-License-Identifier: Apache-2.0
package io.lowbit.quant;

import java.util.Locale;

/** Weight formats that fix bits, block and scale by their name. */
public enum NamedFormat implements WeightFormat {
  NF4,
  FP4,
  FP8,
  MXFP4,
  MXFP8,
  NVFP4,
  Q4_0,
  Q4_1,
  Q5_0,
  Q5_1,
  Q8_0,
  Q2_K,
  Q3_K,
  Q4_K,
  Q5_K,
  Q6_K;

  /** The name in a scheme, for example {@code q4_k}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
