// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend;

/** Element-wise activation functions. */
public enum Activation {
  /** max(x, 0). */
  RELU,
  /** x * Phi(x) with the error function. */
  GELU,
  /** The tanh approximation of GELU (Hendrycks and Gimpel 2016). */
  GELU_TANH,
  /** x * sigmoid(x). */
  SILU
}
