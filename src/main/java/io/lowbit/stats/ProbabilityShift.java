// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

/**
 * Change of the probability of the right token, Δp = p_q − p_b. Symmetric tails are noise, a heavy
 * negative tail is damage.
 *
 * @param values Δp of each token
 * @param mean mean and its standard error
 * @param rms √mean Δp²
 * @param rmsStandardError SE(Δp²)/(2·rms)
 */
public record ProbabilityShift(
    double[] values, SampleMean mean, double rms, double rmsStandardError) {

  /** Of the negative log-likelihoods of the same tokens. */
  public static ProbabilityShift of(double[] nllBase, double[] nllQuant) {
    Moments.requireSameLength(nllBase, nllQuant);
    double[] shifts = new double[nllBase.length];
    double[] squares = new double[nllBase.length];
    for (int i = 0; i < shifts.length; i++) {
      shifts[i] = Math.exp(-nllQuant[i]) - Math.exp(-nllBase[i]);
      squares[i] = shifts[i] * shifts[i];
    }
    double rms = Moments.rootMeanSquare(shifts);
    return new ProbabilityShift(
        shifts, SampleMean.of(shifts), rms, Moments.standardError(squares) / (2 * rms));
  }
}
