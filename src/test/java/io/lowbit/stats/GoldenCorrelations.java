// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The correlation files of golden/statistics. */
final class GoldenCorrelations {
  private GoldenCorrelations() {}

  static Map<String, Object> correlation(JsonObject in) {
    return correlation(GoldenFunctions.doubles(in, "x"), GoldenFunctions.doubles(in, "y"));
  }

  static Map<String, Object> correlation(double[] x, double[] y) {
    Pairs pairs = Pairs.complete(x, y);
    int n = pairs.n();
    Correlation pearson = Correlation.of(Correlation.Coefficient.PEARSON, x, y, 0.95);
    Correlation spearman = Correlation.of(Correlation.Coefficient.SPEARMAN, x, y, 0.95);
    Correlation kendall = Correlation.of(Correlation.Coefficient.KENDALL, x, y, 0.95);
    Kendall counts = Kendall.of(pairs);
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("n", n);
    out.put("pearson_r", pearson.value());
    // A p at |r| = 1 is rounding noise; the reference says only that it is tiny.
    boolean perfect = 1 - Math.abs(pearson.value()) < 1e-12 && n > 2;
    out.put("pearson_p", perfect ? GoldenStatisticsTest.TINY : pearson.p());
    double r = pearson.value();
    double t = r * Math.sqrt((n - 2) / ((1 - r) * (1 + r)));
    out.put("pearson_t", perfect ? r * Double.POSITIVE_INFINITY : t);
    out.put("pearson_ci95", pearson.interval());
    out.put("pearson_ci90", Correlation.of(Correlation.Coefficient.PEARSON, x, y, 0.9).interval());
    out.put("spearman_rho", spearman.value());
    boolean perfectRanks = 1 - Math.abs(spearman.value()) < 1e-12 && n > 2;
    out.put(
        "spearman_p_t",
        perfectRanks
            ? GoldenStatisticsTest.TINY
            : n == 2 ? Double.NaN : Correlation.tTestP(spearman.value(), n - 2));
    if (!perfectRanks) {
      out.put("spearman_ci95_bonett_wright", spearman.interval());
    }
    out.put("kendall_tau_b", kendall.value());
    out.put("kendall_p_asymptotic", counts.asymptoticP());
    out.put("kendall_tau_c", counts.tauC());
    if (n <= Kendall.EXACT_LIMIT) {
      out.put("kendall_p_exact", counts.exactP());
    }
    if (1 - Math.abs(kendall.value()) >= 1e-12) {
      out.put("kendall_ci95_fieller", kendall.interval());
    }
    out.put("ties", counts.hasTies());
    if (!pairs.isConstant()) {
      RobustLine line = RobustLine.of(pairs, 0.95);
      out.put("theil_sen_separate", line(line, line.intercept()));
      out.put("theil_sen_joint", line(line, line.jointIntercept()));
      PercentageBend bend = PercentageBend.of(pairs);
      out.put("percentage_bend", Map.of("r", bend.value(), "p", bend.p()));
    }
    if (n <= 8 && n > 1) {
      out.put("permutation_exact", permutations(pairs));
    }
    return out;
  }

  private static Map<String, Object> line(RobustLine line, double intercept) {
    return Map.of(
        "slope", line.slope(),
        "intercept", intercept,
        "low", line.slopeInterval().low(),
        "high", line.slopeInterval().high());
  }

  private static Map<String, Object> permutations(Pairs pairs) {
    Clusters all = new Clusters(new int[pairs.n()], 1);
    Permutations pearson = Permutations.ofPearson(pairs, all, 0, 0);
    Permutations spearman = Permutations.ofPearson(pairs.ranks(), all, 0, 0);
    Permutations kendall =
        Permutations.within(
            all,
            arrangement -> new Pairs(pairs.x(), pairs.select(arrangement).y()).kendall(),
            0,
            0);
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("arrangements", pearson.arrangements());
    out.put("pearson_count", pearson.twoSided());
    out.put("pearson_p", pearson.p());
    out.put("pearson_p_greater", pearson.pGreater());
    out.put("pearson_p_less", pearson.pLess());
    out.put("spearman_count", spearman.twoSided());
    out.put("spearman_p", spearman.p());
    out.put("spearman_p_greater", spearman.pGreater());
    out.put("spearman_p_less", spearman.pLess());
    out.put("kendall_count", kendall.twoSided());
    out.put("kendall_p", kendall.p());
    return out;
  }

  static Map<String, Object> partial(JsonObject in) {
    double[] x = GoldenFunctions.doubles(in, "x");
    double[] y = GoldenFunctions.doubles(in, "y");
    double[][] covariates = GoldenFunctions.rows(in, "covariates");
    PartialCorrelation partial = PartialCorrelation.of(x, y, covariates, 0.95);
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("n", partial.n());
    out.put("k", covariates.length);
    out.put("r", partial.value());
    out.put("df", partial.degreesOfFreedom());
    double r = partial.value();
    out.put("t", r * Math.sqrt(partial.degreesOfFreedom() / ((1 - r) * (1 + r))));
    out.put("p", partial.p());
    out.put("ci95", partial.interval());
    out.put("semipartial_x", partial.semipartialX());
    out.put("semipartial_y", partial.semipartialY());
    out.put("zero_order_r", new Pairs(x, y).pearson());
    out.put("spearman_partial_r", PartialCorrelation.spearman(x, y, covariates));
    return out;
  }

  static Map<String, Object> grouped(JsonObject in) {
    Pairs pairs = new Pairs(GoldenFunctions.doubles(in, "x"), GoldenFunctions.doubles(in, "y"));
    List<String> labels = GoldenFunctions.strings(in, "group");
    GroupedCorrelation grouped = GroupedCorrelation.of(pairs, labels, 0.95);
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("n", grouped.n());
    out.put("groups", grouped.groups());
    out.put("df", grouped.degreesOfFreedom());
    out.put("r", grouped.within());
    out.put("p", grouped.p());
    out.put("slope", grouped.slope());
    boolean perfect = 1 - Math.abs(grouped.within()) < 1e-12;
    out.put("ci95", perfect ? Optional.empty() : grouped.interval());
    out.put("pooled_r", grouped.pooled());
    out.put("between_r", grouped.between());
    out.put("sign_reversal", grouped.signReversal());
    Map<String, Object> perGroup = new LinkedHashMap<>();
    GroupedCorrelation.split(pairs, labels)
        .forEach((label, one) -> perGroup.put(label, Map.of("n", one.n(), "r", one.pearson())));
    out.put("per_group", perGroup);
    Map<String, Object> rest = new LinkedHashMap<>();
    GroupedCorrelation.leaveOneGroupOut(pairs, labels)
        .forEach((label, one) ->
            rest.put(
                label,
                Map.of(
                    "n", one.n(),
                    "pearson_r", one.pearson(),
                    "spearman_rho", one.spearman())));
    out.put("leave_one_group_out", rest);
    out.put("leave_one_out_r_range", GroupedCorrelation.leaveOneOutRange(pairs));
    Permutations test = GroupedCorrelation.permute(pairs, labels, 0, 0);
    if (test.exact()) {
      out.put(
          "within_permutation",
          Map.of("arrangements", test.arrangements(), "count", test.twoSided(), "p", test.p()));
    }
    return out;
  }

  static Map<String, Object> dependent(JsonObject in) {
    DependentCorrelations both =
        new DependentCorrelations(
            in.get("r12").getAsDouble(),
            in.get("r13").getAsDouble(),
            in.get("r23").getAsDouble(),
            in.get("n").getAsInt());
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("williams_t", both.williamsT());
    out.put("williams_df", both.n() - 3);
    out.put("williams_p", both.williamsP());
    out.put("steiger_z_pooled", both.steigerZ());
    out.put("steiger_p", Distributions.normalTwoSided(both.steigerZ()));
    out.put("dunn_clark_z", both.dunnClarkZ());
    out.put("dunn_clark_p", Distributions.normalTwoSided(both.dunnClarkZ()));
    out.put("meng_z", both.mengZ());
    out.put("meng_p", Distributions.normalTwoSided(both.mengZ()));
    out.put("zou_ci95", both.zou(0.95));
    return out;
  }

  static Map<String, Object> pooled(JsonObject in) {
    int[] n = in.getAsJsonArray("n").asList().stream().mapToInt(JsonElement::getAsInt).toArray();
    PooledCorrelation pooled = PooledCorrelation.of(GoldenFunctions.doubles(in, "r"), n);
    Map<String, Object> random = pool(pooled.random());
    random.put("tau2", pooled.betweenVariance());
    return Map.of(
        "fixed", pool(pooled.fixed()),
        "random_dl", random,
        "Q", pooled.heterogeneity(),
        "df", pooled.degreesOfFreedom(),
        "Q_p", pooled.heterogeneityP(),
        "I2", pooled.inconsistency());
  }

  private static Map<String, Object> pool(PooledCorrelation.Pool pool) {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("z", pool.z());
    out.put("se", pool.standardError());
    out.put("r", pool.value());
    out.put("ci95", pool.interval(0.95));
    out.put("p", pool.p());
    return out;
  }
}
