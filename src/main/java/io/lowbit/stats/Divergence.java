// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

/**
 * Distances between two next-token distributions, in nats.
 *
 * @param kl Σ p_b(ln p_b − ln p_q), base against quantized
 * @param reverseKl the other way round
 * @param jensenShannon mean of both against their mixture
 * @param totalVariation ½Σ|p_b − p_q|
 */
public record Divergence(double kl, double reverseKl, double jensenShannon, double totalVariation) {

  /** Rounding may leave a divergence this far below zero. */
  private static final double ROUNDING = -1e-7;

  /** Of two probability vectors; 0·ln 0 = 0, and infinite where only the second is 0. */
  public static Divergence of(double[] base, double[] quant) {
    Moments.requireSameLength(base, quant);
    double[] mixture = new double[base.length];
    double[] gaps = new double[base.length];
    for (int i = 0; i < base.length; i++) {
      mixture[i] = (base[i] + quant[i]) / 2;
      gaps[i] = Math.abs(base[i] - quant[i]);
    }
    return new Divergence(
        relativeEntropy(base, quant),
        relativeEntropy(quant, base),
        (relativeEntropy(base, mixture) + relativeEntropy(quant, mixture)) / 2,
        Moments.sum(gaps) / 2);
  }

  /** Of two logit vectors. */
  public static Divergence ofLogits(double[] base, double[] quant) {
    Moments.requireSameLength(base, quant);
    double[] lnBase = logSoftmax(base);
    double[] lnQuant = logSoftmax(quant);
    double[] p = exp(lnBase);
    double[] q = exp(lnQuant);
    double[] forward = new double[p.length];
    double[] reverse = new double[p.length];
    for (int i = 0; i < p.length; i++) {
      forward[i] = p[i] * (lnBase[i] - lnQuant[i]);
      reverse[i] = q[i] * (lnQuant[i] - lnBase[i]);
    }
    Divergence plain = of(p, q);
    return new Divergence(
        clamped(Moments.sum(forward)),
        clamped(Moments.sum(reverse)),
        plain.jensenShannon(),
        plain.totalVariation());
  }

  private static double relativeEntropy(double[] p, double[] q) {
    double[] terms = new double[p.length];
    for (int i = 0; i < p.length; i++) {
      terms[i] = p[i] == 0 ? 0 : p[i] * Math.log(p[i] / q[i]);
    }
    return clamped(Moments.sum(terms));
  }

  private static double clamped(double divergence) {
    return divergence < 0 && divergence >= ROUNDING ? 0 : divergence;
  }

  /** ln softmax. */
  public static double[] logSoftmax(double[] logits) {
    double max = Double.NEGATIVE_INFINITY;
    for (double logit : logits) {
      max = Math.max(max, logit);
    }
    double[] shifted = new double[logits.length];
    for (int i = 0; i < logits.length; i++) {
      shifted[i] = logits[i] - max;
    }
    double lnSum = Math.log(Moments.sum(exp(shifted)));
    for (int i = 0; i < logits.length; i++) {
      shifted[i] -= lnSum;
    }
    return shifted;
  }

  /** Entropy of the distribution of a logit vector. */
  public static double entropy(double[] logits) {
    double[] ln = logSoftmax(logits);
    return -Moments.dot(exp(ln), ln);
  }

  private static double[] exp(double[] values) {
    double[] result = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      result[i] = Math.exp(values[i]);
    }
    return result;
  }
}
