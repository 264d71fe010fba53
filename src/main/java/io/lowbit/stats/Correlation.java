// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A correlation coefficient with what is needed to read it. Pairs with a missing value (NaN) are
 * dropped; constant input gives NaN and a note, never zero.
 *
 * @param coefficient which one
 * @param n number of complete pairs
 * @param value the coefficient, NaN if undefined
 * @param p two-sided p-value, NaN if undefined
 * @param method where p comes from
 * @param interval confidence interval; none below the number of pairs it needs
 * @param notes what a reader must know, as sentences
 */
public record Correlation(
    Coefficient coefficient,
    int n,
    double value,
    double p,
    String method,
    Optional<Interval> interval,
    List<String> notes) {

  /** Fewest pairs for an interval. */
  public static final int FEWEST_FOR_INTERVAL = 4;

  /** Below this many pairs a coefficient comes with a warning. */
  public static final int FEW = 10;

  private static final int EXACT_SPEARMAN_LIMIT = 9;

  /** Kind of coefficient. */
  public enum Coefficient {
    /** Linear association; interval by Fisher's z. */
    PEARSON,
    /** Monotone association by ranks; interval by Bonett and Wright (2000). */
    SPEARMAN,
    /** τ-b, concordance of pairs; interval by Fieller et al. (1957). */
    KENDALL
  }

  /** The coefficient of complete pairs of x and y, with an interval of the given level. */
  public static Correlation of(Coefficient coefficient, double[] x, double[] y, double level) {
    Pairs pairs = Pairs.complete(x, y);
    return switch (coefficient) {
      case PEARSON -> pearson(pairs, level);
      case SPEARMAN -> spearman(pairs, level);
      case KENDALL -> kendall(pairs, level);
    };
  }

  /** All coefficients, in the order of {@link Coefficient}. */
  public static List<Correlation> all(double[] x, double[] y, double level) {
    return Arrays.stream(Coefficient.values()).map(c -> of(c, x, y, level)).toList();
  }

  private static Correlation pearson(Pairs pairs, double level) {
    double r = pairs.pearson();
    int n = pairs.n();
    String method = "Student's t, " + (n - 2) + " df";
    return with(
        Coefficient.PEARSON, pairs, r, tTestP(r, n - 2), method, fisher(r, 1.0 / (n - 3), level));
  }

  private static Correlation spearman(Pairs pairs, double level) {
    int n = pairs.n();
    double rho = pairs.spearman();
    Optional<Interval> interval = fisher(rho, (1 + rho * rho / 2) / (n - 3), level);
    if (n >= 2 && n <= EXACT_SPEARMAN_LIMIT && !Double.isNaN(rho)) {
      Permutations all = Permutations.ofPearson(pairs.ranks(), new Clusters(new int[n], 1), 0, 0);
      String method = "exact, all " + all.arrangements() + " pairings";
      return with(Coefficient.SPEARMAN, pairs, rho, all.p(), method, interval);
    }
    String method = "Student's t, " + (n - 2) + " df";
    return with(Coefficient.SPEARMAN, pairs, rho, tTestP(rho, n - 2), method, interval);
  }

  private static Correlation kendall(Pairs pairs, double level) {
    Kendall kendall = Kendall.of(pairs);
    double tau = kendall.tauB();
    int n = pairs.n();
    boolean exact = !kendall.hasTies() && n >= 2 && n <= Kendall.EXACT_LIMIT;
    return with(
        Coefficient.KENDALL,
        pairs,
        tau,
        exact ? kendall.exactP() : kendall.asymptoticP(),
        exact ? "exact null distribution" : "normal approximation with tie correction",
        n <= FEWEST_FOR_INTERVAL ? Optional.empty() : fisher(tau, 0.437 / (n - 4), level));
  }

  private static Correlation with(
      Coefficient coefficient,
      Pairs pairs,
      double value,
      double p,
      String method,
      Optional<Interval> interval) {
    int n = pairs.n();
    boolean refused = n < FEWEST_FOR_INTERVAL;
    return new Correlation(
        coefficient,
        n,
        value,
        p,
        method,
        refused ? Optional.empty() : interval,
        notes(pairs, interval.isEmpty()));
  }

  private static List<String> notes(Pairs pairs, boolean noInterval) {
    int n = pairs.n();
    List<String> notes = new ArrayList<>();
    if (n < 2) {
      notes.add("No correlation: it needs at least 2 complete pairs, there are " + n + ".");
    } else if (pairs.isConstant()) {
      notes.add(
          "No correlation: "
              + (Moments.isConstant(pairs.x()) ? "x" : "y")
              + " has the same value everywhere.");
    } else if (n < FEWEST_FOR_INTERVAL || noInterval) {
      notes.add("No interval: " + n + " pairs are too few for one.");
    }
    if (n >= 2 && n < FEW) {
      notes.add("Only " + n + " pairs: read this as a hint, not a finding.");
    }
    return List.copyOf(notes);
  }

  /** Two-sided p of a correlation by Student's t; exactly 1 for two pairs. */
  static double tTestP(double r, double degreesOfFreedom) {
    if (Double.isNaN(r) || degreesOfFreedom < 0) {
      return Double.NaN;
    }
    return degreesOfFreedom == 0
        ? 1
        : Distributions.betaCdf((1 - r) * (1 + r), degreesOfFreedom / 2, 0.5);
  }

  /** tanh(atanh r ± z√variance); none if r is undefined or the variance is not positive. */
  static Optional<Interval> fisher(double r, double variance, double level) {
    if (Double.isNaN(r) || !(variance > 0) || Double.isInfinite(variance)) {
      return Optional.empty();
    }
    double z = 0.5 * (Math.log1p(r) - Math.log1p(-r));
    return Optional.of(
        Interval.around(z, Math.sqrt(variance), Interval.normalQuantile(level), level)
            .map(Math::tanh));
  }
}
