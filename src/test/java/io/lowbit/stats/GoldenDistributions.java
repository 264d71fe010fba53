// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import com.google.gson.JsonObject;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;

/** golden/statistics/distributions. */
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
      return Map.of(
          "sf", each(in, "x", x -> Distributions.chiSquaredUpper(x, df)),
          "cdf", each(in, "x", x -> Distributions.chiSquaredCdf(x, df)));
    }
    if (in.has("q")) {
      int k = in.get("k").getAsInt();
      return Map.of(
          "sf_inf", each(in, "q", q -> StudentizedRange.upper(q, k)),
          "ppf_inf", each(in, "p", p -> StudentizedRange.quantile(p, k)),
          "sf_df20", each(in, "q", q -> StudentizedRange.upper(q, k, 20)));
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
}
