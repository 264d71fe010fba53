// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import com.google.gson.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** golden/statistics/two_proportions, power and several_systems. */
final class GoldenSystems {
  private GoldenSystems() {}

  static Map<String, Object> twoProportions(JsonObject in) {
    TwoProportions two =
        new TwoProportions(
            new Proportion(in.get("k1").getAsInt(), in.get("n1").getAsInt()),
            new Proportion(in.get("k2").getAsInt(), in.get("n2").getAsInt()));
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("difference", two.difference());
    out.put("cohens_h", two.cohensH());
    out.put("unpooled_se", two.standardError());
    out.put("newcombe_ci95", two.newcombe(0.95));
    out.put("wald_ci95", two.wald(0.95));
    out.put("fisher_p", two.fisherP());
    out.put("pooled_z_p", two.pooledP());
    out.put("odds_ratio", two.oddsRatio());
    out.put("odds_ratio_ci95", two.oddsRatioInterval(0.95));
    out.put("haldane", two.hasEmptyCell());
    out.put("tost_unpaired_wald_margin_0.05_p", two.equivalence(0.05).p());
    return out;
  }

  static Map<String, Object> power(String kind, JsonObject in) {
    double alpha = in.get("alpha").getAsDouble();
    double power = in.get("power").getAsDouble();
    int n = in.get("n").getAsInt();
    return switch (kind) {
      case "paired_mean" -> {
        double delta = in.get("delta").getAsDouble();
        Power.PairedVariance variance =
            new Power.PairedVariance(
                in.get("omega2").getAsDouble(),
                in.get("sigma2_a").getAsDouble(),
                in.get("sigma2_b").getAsDouble(),
                in.get("k").getAsInt());
        yield Map.of(
            "n_required", Power.itemsForMean(delta, variance, alpha, power),
            "mde_at_n", Power.smallestMean(n, variance, alpha, power),
            "power_at_n", Power.ofMean(delta, n, variance, alpha));
      }
      case "mcnemar" -> {
        double flips = in.get("flip_rate").getAsDouble();
        double delta = in.get("delta").getAsDouble();
        yield Map.of(
            "n_required_connor", Power.itemsForFlips(flips, delta, alpha, power),
            "mde_bound_at_n", Power.smallestFlipDifference(n, flips, alpha, power),
            "exact_test_power_at_n", Power.ofFlips(n, flips, delta, alpha, false),
            "mid_p_test_power_at_n", Power.ofFlips(n, flips, delta, alpha, true));
      }
      case "mde_bound" ->
          Map.of(
              "mde",
              Power.smallestFlipDifference(n, in.get("flip_rate").getAsDouble(), alpha, power));
      case "tost" -> {
        double sd = in.get("sd").getAsDouble();
        double margin = in.get("margin").getAsDouble();
        yield Map.of(
            "power_at_delta_0", Power.ofEquivalence(sd, margin, n, alpha),
            "n_required_at_delta_0", Power.itemsForEquivalence(sd, margin, alpha, power));
      }
      default -> throw new AssertionError("unknown kind " + kind);
    };
  }

  static Map<String, Object> several(String kind, JsonObject in) {
    return switch (kind) {
      case "friedman" -> friedman(GoldenFunctions.rows(in, "scores"));
      case "kruskal" -> {
        KruskalWallis test = KruskalWallis.of(GoldenFunctions.rows(in, "groups"));
        yield Map.of("h", test.h(), "p", test.p());
      }
      case "cochran_q" -> {
        CochranQ test = CochranQ.of(GoldenFunctions.rows(in, "correct"));
        yield Map.of("q", test.q(), "df", test.degreesOfFreedom(), "p", test.p());
      }
      case "bradley_terry" -> {
        BradleyTerry model = BradleyTerry.of(GoldenFunctions.rows(in, "wins"));
        yield Map.of(
            "log_strength_sum_zero", model.logStrengths(), "loglik", model.logLikelihood());
      }
      default -> throw new AssertionError("unknown kind " + kind);
    };
  }

  private static Map<String, Object> friedman(double[][] scores) {
    Friedman test = Friedman.of(scores);
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("average_rank", test.averageRank());
    out.put("chi2", test.chiSquared());
    out.put("p", test.p());
    out.put("kendall_w", test.concordance());
    out.put("iman_davenport_f", test.imanDavenport());
    out.put("iman_davenport_p", test.imanDavenportP());
    out.put("nemenyi_p", List.of(test.nemenyiP()));
    out.put("nemenyi_cd_05", test.criticalDifference(0.05));
    return out;
  }
}
