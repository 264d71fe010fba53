// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import com.google.gson.JsonObject;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** golden/statistics/resampling. */
final class GoldenResampling {
  private GoldenResampling() {}

  static Map<String, Object> compute(String kind, JsonObject in) {
    return switch (kind) {
      case "bootstrap" -> bootstrap(in);
      case "bootstrap_pairs" -> pairs(in);
      case "cluster_bootstrap" -> cluster(in);
      case "two_level_bootstrap" -> twoLevel(in);
      case "sign_flip_permutation" -> signFlip(in);
      default -> throw new AssertionError("unknown kind " + kind);
    };
  }

  private static Map<String, Object> bootstrap(JsonObject in) {
    double[] x = GoldenFunctions.doubles(in, "x");
    int[][] draws = GoldenFunctions.integerRows(in, "indices");
    Map<String, ToDoubleFunction<double[]>> statistics =
        Map.of(
            // Ties with the estimate count, so the sum must round as the reference's does.
            "mean", values -> blockedSum(values) / values.length,
            "median", Quantiles::median,
            "sd", GoldenResampling::plainDeviation);
    Map<String, Object> out = new LinkedHashMap<>();
    statistics.forEach((name, statistic) -> {
      Bootstrap bootstrap =
          Bootstrap.of(
              x.length,
              drawn ->
                  statistic.applyAsDouble(Arrays.stream(drawn).mapToDouble(i -> x[i]).toArray()),
              draws);
      Map<String, Object> one = describe(bootstrap);
      one.put("se", bootstrap.standardError());
      one.put("basic_ci95", bootstrap.basic(0.95));
      one.put("bca_levels", bootstrap.bcaLevels(0.95));
      one.put("first_replicates", Arrays.copyOf(bootstrap.replicates(), 5));
      out.put(name, one);
    });
    return out;
  }

  private static Map<String, Object> describe(Bootstrap bootstrap) {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("estimate", bootstrap.estimate());
    out.put("percentile_ci95", bootstrap.percentile(0.95));
    out.put("bca_z0", bootstrap.biasCorrection());
    out.put("bca_acceleration", bootstrap.acceleration());
    out.put("bca_ci95", bootstrap.bca(0.95));
    return out;
  }

  private static Map<String, Object> pairs(JsonObject in) {
    Pairs pairs = new Pairs(GoldenFunctions.doubles(in, "x"), GoldenFunctions.doubles(in, "y"));
    return describe(
        Bootstrap.of(
            pairs.n(),
            drawn -> pairs.select(drawn).pearson(),
            GoldenFunctions.integerRows(in, "indices")));
  }

  private static Map<String, Object> cluster(JsonObject in) {
    double[] scores = GoldenFunctions.doubles(in, "score");
    Clusters clusters = Clusters.of(GoldenFunctions.strings(in, "cluster"));
    Bootstrap bootstrap =
        Bootstrap.of(
            clusters.count(),
            Bootstrap.clusterMean(scores, clusters),
            GoldenFunctions.integerRows(in, "cluster_draws"));
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("estimate", bootstrap.estimate());
    out.put("se", bootstrap.standardError());
    out.put("percentile_ci95", bootstrap.percentile(0.95));
    out.put("first_replicates", Arrays.copyOf(bootstrap.replicates(), 5));
    return out;
  }

  private static Map<String, Object> twoLevel(JsonObject in) {
    TwoLevelBootstrap bootstrap =
        TwoLevelBootstrap.of(
            GoldenFunctions.doubles(in, "ppl"),
            GoldenFunctions.rows(in, "correct"),
            GoldenFunctions.integerRows(in, "config_draws"),
            GoldenFunctions.integerRows(in, "item_draws"));
    return Map.of(
        "estimate", bootstrap.estimate(),
        "replicates", bootstrap.replicates(),
        "undefined", bootstrap.undefined(),
        "percentile_ci95", bootstrap.percentile(0.95));
  }

  private static Map<String, Object> signFlip(JsonObject in) {
    double[] differences = GoldenFunctions.doubles(in, "difference");
    SignFlips drawn = SignFlips.of(differences, GoldenFunctions.integerRows(in, "signs"));
    SignFlips all = SignFlips.exact(differences);
    return Map.of(
        "mean", Moments.mean(differences),
        "count", drawn.twoSided(),
        "p", drawn.p(),
        "p_less", drawn.pLess(),
        "exact_count", all.twoSided(),
        "exact_p", all.p());
  }

  /** Ties with the estimate count, so the deviation must round as the reference's does. */
  private static double plainDeviation(double[] values) {
    double mean = blockedSum(values) / values.length;
    double[] squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).toArray();
    return Math.sqrt(blockedSum(squares) / (values.length - 1));
  }

  /** The order of additions of numpy's sum for up to 128 values: eight running sums. */
  private static double blockedSum(double[] values) {
    if (values.length < 8) {
      return Arrays.stream(values).reduce(0, Double::sum);
    }
    double[] running = Arrays.copyOf(values, 8);
    int next = 8;
    for (; next + 8 <= values.length; next += 8) {
      for (int k = 0; k < 8; k++) {
        running[k] += values[next + k];
      }
    }
    double sum =
        ((running[0] + running[1]) + (running[2] + running[3]))
            + ((running[4] + running[5]) + (running[6] + running[7]));
    for (; next < values.length; next++) {
      sum += values[next];
    }
    return sum;
  }
}
