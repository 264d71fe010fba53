// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import com.google.gson.JsonObject;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;

/** golden/statistics/distributions and regression. */
final class GoldenDistributions {
  private GoldenDistributions() {}

  /** The cases have no kind; their inputs tell the distribution. */
  static Map<String, Object> compute(JsonObject in, JsonObject expected) {
    if (expected.has("logcdf")) {
      return normal(in);
    }
    if (expected.has("isf")) {
      return Map.of(
          "ppf", each(in, "p", Distributions::normalQuantile),
          "isf", each(in, "p", p -> -Distributions.normalQuantile(p)));
    }
    if (in.has("t")) {
      double df = in.get("df").getAsDouble();
      return Map.of(
          "sf", each(in, "t", t -> Distributions.tUpper(t, df)),
          "two_sided", each(in, "t", t -> Distributions.tTwoSided(t, df)),
          "ppf", each(in, "p", p -> Distributions.tQuantile(p, df)));
    }
    if (in.has("df1")) {
      double df1 = in.get("df1").getAsDouble();
      double df2 = in.get("df2").getAsDouble();
      return Map.of("sf", each(in, "x", x -> Distributions.fUpper(x, df1, df2)));
    }
    if (in.has("a")) {
      double a = in.get("a").getAsDouble();
      double b = in.get("b").getAsDouble();
      return Map.of(
          "ppf", each(in, "p", p -> Distributions.betaQuantile(p, a, b)),
          "cdf", each(in, "x", x -> Distributions.betaCdf(x, a, b)));
    }
    if (in.has("df")) {
      double df = in.get("df").getAsDouble();
      return Map.of("sf", each(in, "x", x -> Distributions.chiSquaredUpper(x, df)));
    }
    if (in.has("n") && in.has("k")) {
      int n = in.get("n").getAsInt();
      int k = in.get("k").getAsInt();
      return Map.of(
          "cdf", Distributions.binomialCdf(k, n, 0.5),
          "pmf", Distributions.binomialPmf(k, n, 0.5));
    }
    return kendall(in, expected);
  }

  private static Map<String, Object> normal(JsonObject in) {
    return Map.of(
        "cdf", each(in, "x", Distributions::normalCdf),
        "sf", each(in, "x", Distributions::normalUpper),
        "logcdf",
            each(
                in,
                "x",
                x ->
                    x > 0
                        ? Math.log1p(-Distributions.normalUpper(x))
                        : Math.log(Distributions.normalCdf(x))));
  }

  private static double[] each(JsonObject in, String key, DoubleUnaryOperator function) {
    return Arrays.stream(GoldenFunctions.doubles(in, key)).map(function).toArray();
  }

  private static Map<String, Object> kendall(JsonObject in, JsonObject expected) {
    int n = in.get("n").getAsInt();
    int[] single = new int[n];
    Arrays.fill(single, 1);
    Map<String, Object> p = new LinkedHashMap<>();
    for (String score : expected.getAsJsonObject("two_sided_p_by_tau_numerator").keySet()) {
      p.put(score, new Kendall(n, Long.parseLong(score), single, single).exactP());
    }
    return Map.of("two_sided_p_by_tau_numerator", p);
  }

  static Map<String, Object> regression(JsonObject in, JsonObject expected) {
    LeastSquares fit =
        LeastSquares.of(GoldenFunctions.doubles(in, "y"), GoldenFunctions.rows(in, "x"));
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("params", fit.coefficients());
    // With residuals at rounding level only the coefficients mean something.
    double scale =
        Math.sqrt(Moments.dot(GoldenFunctions.doubles(in, "y"), GoldenFunctions.doubles(in, "y")));
    if (Math.sqrt(Moments.dot(fit.residuals(), fit.residuals())) < 1e-12 * scale) {
      return out;
    }
    double df = fit.degreesOfFreedom();
    double[] errors = fit.standardErrors();
    double[] t = new double[errors.length];
    for (int k = 0; k < t.length; k++) {
      t[k] = fit.coefficients()[k] / errors[k];
    }
    out.put("se", errors);
    out.put("t", t);
    out.put("p", Arrays.stream(t).map(v -> Distributions.tTwoSided(v, df)).toArray());
    out.put("sigma2", fit.residualVariance());
    out.put("df_resid", df);
    out.put("leverage", fit.leverage());
    for (LeastSquares.Robust kind : LeastSquares.Robust.values()) {
      out.put("se_" + kind, fit.robustErrors(kind));
    }
    if (expected.has("se_cluster_CR1")) {
      Clusters groups = Clusters.of(GoldenFunctions.strings(in, "groups"));
      out.put("groups", groups.count());
      out.put("se_cluster_CR0", fit.clusterErrors(groups, false));
      out.put("se_cluster_CR1", fit.clusterErrors(groups, true));
    }
    return out;
  }
}
