// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** From a golden file's input to its expected keys, by the functions of this package. */
final class GoldenFunctions {
  private GoldenFunctions() {}

  /** Computes what a file's cases expect. */
  interface Function {
    Map<String, Object> compute(String kind, JsonObject input, JsonObject expected);
  }

  static final Map<String, Function> ALL = new LinkedHashMap<>();

  static {
    ALL.put("proportion_intervals", (kind, in, out) -> proportion(in));
    ALL.put("clustered_mean", (kind, in, out) -> clusteredMean(in));
    ALL.put("mcnemar", (kind, in, out) -> mcnemar(in, out));
    ALL.put("paired_continuous", (kind, in, out) -> pairedContinuous(in));
    ALL.put("flips", (kind, in, out) -> flips(in));
    ALL.put("moments_quantiles", (kind, in, out) -> moments(in));
    ALL.put("multiplicity", (kind, in, out) -> multiplicity(in));
    ALL.put("correlation", (kind, in, out) -> GoldenCorrelations.correlation(in));
    ALL.put("partial_correlation", (kind, in, out) -> GoldenCorrelations.partial(in));
    ALL.put("within_group_correlation", (kind, in, out) -> GoldenCorrelations.grouped(in));
    ALL.put("dependent_correlations", (kind, in, out) -> GoldenCorrelations.dependent(in));
    ALL.put("meta_correlation", (kind, in, out) -> GoldenCorrelations.pooled(in));
    ALL.put("jin2024", GoldenPublished::compute);
    ALL.put("prediction", GoldenModels::prediction);
    ALL.put("distributions", (kind, in, out) -> GoldenDistributions.compute(in, out));
    ALL.put("regression", (kind, in, out) -> GoldenModels.regression(in, out));
    ALL.put("logistic", (kind, in, out) -> GoldenModels.logistic(in));
    ALL.put("mixed_model", (kind, in, out) -> GoldenModels.mixedModel(in, out));
    ALL.put("two_proportions", (kind, in, out) -> GoldenSystems.twoProportions(in));
    ALL.put("power", (kind, in, out) -> GoldenSystems.power(kind, in));
    ALL.put("several_systems", (kind, in, out) -> GoldenSystems.several(kind, in));
    ALL.put("agreement", (kind, in, out) -> GoldenAgreement.compute(kind, in));
    ALL.put("calibration", (kind, in, out) -> GoldenCalibration.compute(kind, in));
    ALL.put("perplexity", GoldenPerplexity::compute);
    ALL.put("resampling", (kind, in, out) -> GoldenResampling.compute(kind, in));
  }

  static double number(JsonElement element) {
    return element.isJsonNull() || element.getAsString().equals("NaN")
        ? Double.NaN
        : element.getAsDouble();
  }

  static double[] doubles(JsonObject in, String key) {
    return doubles(in.getAsJsonArray(key));
  }

  static double[] doubles(JsonArray array) {
    return array.asList().stream().mapToDouble(GoldenFunctions::number).toArray();
  }

  static double[][] rows(JsonObject in, String key) {
    return in.getAsJsonArray(key).asList().stream()
        .map(row -> doubles(row.getAsJsonArray()))
        .toArray(double[][]::new);
  }

  static int[][] integerRows(JsonObject in, String key) {
    return in.getAsJsonArray(key).asList().stream()
        .map(
            row -> row.getAsJsonArray().asList().stream().mapToInt(JsonElement::getAsInt).toArray())
        .toArray(int[][]::new);
  }

  static List<String> strings(JsonObject in, String key) {
    return in.getAsJsonArray(key).asList().stream().map(JsonElement::getAsString).toList();
  }

  private static Map<String, Object> proportion(JsonObject in) {
    Proportion p = new Proportion(in.get("successes").getAsInt(), in.get("n").getAsInt());
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("p", p.value());
    out.put("bernoulli_se", p.standardError());
    out.put("sample_se_bessel", p.sampleStandardError());
    for (int percent : new int[] {90, 95, 99}) {
      double level = percent / 100.0;
      out.put("wilson_" + percent, p.wilson(level));
      out.put("clopper_pearson_" + percent, p.clopperPearson(level));
      out.put("jeffreys_" + percent, p.jeffreys(level));
      out.put("wald_" + percent, p.wald(level));
      out.put("agresti_coull_" + percent, p.agrestiCoull(level));
    }
    return out;
  }

  private static Map<String, Object> clusteredMean(JsonObject in) {
    if (in.has("mean")) {
      return pooled(in);
    }
    ClusteredMean mean =
        ClusteredMean.of(doubles(in, "score"), Clusters.of(strings(in, "cluster")));
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("n", mean.n());
    out.put("clusters", mean.clusters());
    out.put("mean", mean.mean());
    out.put("se_naive", mean.naive());
    out.put("se_cr0", mean.cr0());
    out.put("se_cr1", mean.cr1());
    out.put("se_miller", mean.miller());
    out.put("ci95_cr1_t", mean.interval(0.95));
    out.put("inflation", mean.inflation());
    out.put("icc_anova", mean.intraclassCorrelation());
    if (in.has("rademacher")) {
      WildBootstrap wild =
          WildBootstrap.of(
              doubles(in, "score"),
              Clusters.of(strings(in, "cluster")),
              integerRows(in, "rademacher"));
      Map<String, Object> t = new LinkedHashMap<>();
      t.put("t0", wild.t());
      t.put("replicate_t", wild.replicates());
      t.put("p", wild.p());
      out.put("wild_restricted_t", t);
    }
    return out;
  }

  private static Map<String, Object> pooled(JsonObject in) {
    int[] n = in.getAsJsonArray("n").asList().stream().mapToInt(JsonElement::getAsInt).toArray();
    PooledMean pooled = PooledMean.of(doubles(in, "mean"), doubles(in, "stderr"), n);
    return Map.of(
        "group_mean", pooled.weightedMean(),
        "macro_mean", pooled.macroMean(),
        "group_stderr", pooled.weightedStandardError(),
        "macro_stderr", pooled.macroStandardError());
  }

  private static Map<String, Object> mcnemar(JsonObject in, JsonObject expected) {
    PairedBinary pair =
        new PairedBinary(
            in.get("both_right").getAsInt(),
            in.get("base_only").getAsInt(),
            in.get("quant_only").getAsInt(),
            in.get("both_wrong").getAsInt());
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("n", pair.n());
    out.put("discordant", pair.discordant());
    out.put("delta", pair.delta());
    out.put("flips", pair.flipRate());
    out.put("se_n", pair.standardError());
    out.put("se_n_minus_1", pair.sampleStandardError());
    out.put("wald_ci95", pair.wald(0.95));
    out.put("newcombe_ci95", pair.newcombe(0.95));
    out.put("tango_ci95", pair.tango(0.95));
    out.put("exact_p", pair.exactP());
    out.put("mid_p", pair.midP());
    out.put("one_sided_degraded_p", pair.degradedP());
    out.put("one_sided_degraded_mid_p", pair.degradedMidP());
    out.put("chi2", pair.chiSquared());
    out.put("chi2_p", Distributions.chiSquaredUpper(pair.chiSquared(), 1));
    out.put("chi2_cc", pair.correctedChiSquared());
    out.put("chi2_cc_p", Distributions.chiSquaredUpper(pair.correctedChiSquared(), 1));
    out.put("cohens_g", pair.cohensG());
    out.put("odds_ratio", pair.oddsRatio());
    out.put("odds_ratio_exact_ci95", pair.exactOddsRatioInterval(0.95));
    out.put("odds_ratio_wald_ci95", pair.waldOddsRatioInterval(0.95));
    Map<String, Object> tost = new LinkedHashMap<>();
    for (String margin : expected.getAsJsonObject("tost").keySet()) {
      Equivalence wald = pair.equivalence(Double.parseDouble(margin));
      Equivalence score = pair.scoreEquivalence(Double.parseDouble(margin));
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("p_lower", wald.lowerP());
      one.put("p_upper", wald.upperP());
      one.put("p", wald.p());
      one.put("non_inferiority_p", wald.lowerP());
      one.put("ci90", pair.wald(0.9));
      one.put("tango_score_p_lower", score.lowerP());
      one.put("tango_score_p_upper", score.upperP());
      tost.put(margin, one);
    }
    out.put("tost", tost);
    return out;
  }

  private static Map<String, Object> pairedContinuous(JsonObject in) {
    double[] base = doubles(in, "base");
    double[] quant = doubles(in, "quant");
    PairedDifference paired = PairedDifference.of(base, quant);
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("n", paired.n());
    out.put("mean", paired.mean());
    out.put("sd", paired.standardDeviation());
    out.put("se", paired.naive());
    out.put("t", paired.t());
    out.put("df", paired.degreesOfFreedom());
    out.put("t_p", paired.p());
    out.put("ci95", paired.interval(0.95));
    out.put("cohens_dz", paired.cohensDz());
    out.put("hedges_gz", paired.hedgesGz());
    out.put("cohens_d_av", paired.cohensDav());
    out.put("corr", paired.correlation());
    out.put("unpaired_se", paired.unpaired());
    Map<String, Object> tost = new LinkedHashMap<>();
    for (JsonElement margin : in.getAsJsonArray("margins")) {
      Equivalence test = paired.equivalence(margin.getAsDouble());
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("p", test.p());
      one.put("t_lower", test.lowerStatistic());
      one.put("p_lower", test.lowerP());
      one.put("t_upper", test.upperStatistic());
      one.put("p_upper", test.upperP());
      one.put("ci90", paired.interval(0.9));
      tost.put(margin.getAsString(), one);
    }
    out.put("tost", tost);
    double[] d = Moments.difference(quant, base);
    out.put("sign_test", signTest(d));
    out.put("wilcoxon", wilcoxon(d));
    return out;
  }

  private static Map<String, Object> signTest(double[] d) {
    SignTest test = SignTest.of(d);
    return Map.of(
        "positive",
        test.positive(),
        "negative",
        test.negative(),
        "zero",
        test.zero(),
        "p",
        test.p());
  }

  private static Map<String, Object> wilcoxon(double[] d) {
    Map<String, Object> out = new LinkedHashMap<>();
    if (IntStream.range(0, d.length).allMatch(i -> d[i] == 0)) {
      out.put("p", SignedRank.exactP(d));
      return out;
    }
    Map<String, SignedRank.Zeros> names =
        Map.of(
            "wilcox", SignedRank.Zeros.DROP,
            "pratt", SignedRank.Zeros.RANK_AND_DROP,
            "zsplit", SignedRank.Zeros.SPLIT);
    names.forEach((name, zeros) -> {
      SignedRank test = SignedRank.of(d, zeros);
      out.put(name, Map.of("w", test.statistic(), "z", test.z(), "p", test.p()));
      out.put(
          name + "_cc",
          Map.of("w", test.statistic(), "z", test.correctedZ(), "p", test.correctedP()));
    });
    SignedRank dropped = SignedRank.of(d, SignedRank.Zeros.DROP);
    out.put("w_plus", dropped.positive());
    out.put("w_minus", dropped.negative());
    out.put("exact_p", SignedRank.exactP(d));
    out.put("exact_midrank_p", SignedRank.exactP(d));
    out.put("rank_biserial", dropped.rankBiserial());
    return out;
  }

  private static Map<String, Object> flips(JsonObject in) {
    List<String> gold = strings(in, "gold");
    List<String> base = strings(in, "base");
    List<String> quant = strings(in, "quant");
    Flips flips = Flips.of(gold, base, quant);
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("n", flips.n());
    out.put("correct_to_incorrect", flips.rightToWrong());
    out.put("incorrect_to_correct", flips.wrongToRight());
    out.put("wrong_to_other_wrong", flips.wrongToOtherWrong());
    out.put("flip_rate", flips.rate());
    out.put("all_flip_rate", flips.anyRate());
    out.put("delta", flips.delta());
    out.put("agreement", 1 - flips.anyRate());
    out.put("kappa", CohenKappa.of(base, quant).value());
    List<Object> parts = new ArrayList<>();
    for (Flips.ByMargin part : Flips.byMarginDecile(gold, base, quant, doubles(in, "margin"))) {
      Flips f = part.flips();
      parts.add(
          Map.of(
              "n", f.n(),
              "flips", f.rightToWrong() + f.wrongToRight(),
              "changed", f.rightToWrong() + f.wrongToRight() + f.wrongToOtherWrong(),
              "margin_low", part.lowestMargin(),
              "margin_high", part.highestMargin()));
    }
    out.put("by_margin_decile", parts);
    return out;
  }

  private static Map<String, Object> moments(JsonObject in) {
    double[] x = doubles(in, "x");
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("n", x.length);
    out.put("mean", Moments.mean(x));
    out.put("var_n", Moments.populationVariance(x));
    out.put("var_n_minus_1", Moments.variance(x));
    out.put("median", Quantiles.median(x));
    out.put("mad_raw", Quantiles.medianAbsoluteDeviation(x));
    out.put(
        "mad_normal", Quantiles.medianAbsoluteDeviation(x) / Distributions.normalQuantile(0.75));
    out.put("rms", Moments.rootMeanSquare(x));
    out.put("skew_biased", Moments.skewness(x));
    out.put("kurtosis_excess_biased", Moments.excessKurtosis(x));
    out.put("kurtosis_raw_biased", Moments.excessKurtosis(x) + 3);
    out.put("skew_unbiased", Moments.unbiasedSkewness(x));
    out.put("kurtosis_excess_unbiased", Moments.unbiasedExcessKurtosis(x));
    out.put("trimmed_mean_10", Quantiles.trimmedMean(x, 0.1));
    out.put("winsorised_mean_10", Quantiles.winsorizedMean(x, 0.1));
    out.put("iqr_type7", Quantiles.interquartileRange(x));
    out.put("geometric_mean", Moments.geometricMean(x));
    out.put("medcouple", Quantiles.medcouple(x));
    Map<String, Object> quantiles = new LinkedHashMap<>();
    for (int type = 1; type <= 9; type++) {
      double[] values = doubles(in, "p");
      for (int i = 0; i < values.length; i++) {
        values[i] = Quantiles.quantile(x, values[i], type);
      }
      quantiles.put("type" + type, values);
    }
    out.put("quantiles", quantiles);
    return out;
  }

  private static Map<String, Object> multiplicity(JsonObject in) {
    Map<String, Object> out = new LinkedHashMap<>();
    if (in.has("observed")) {
      MaxT test = MaxT.of(doubles(in, "observed"), rows(in, "permuted"));
      out.put("single_step", test.singleStep());
      out.put("step_down", test.stepDown());
      return out;
    }
    double[] p = doubles(in, "p");
    Map<String, Multiplicity.Method> names =
        Map.of(
            "bonferroni", Multiplicity.Method.BONFERRONI,
            "sidak", Multiplicity.Method.SIDAK,
            "holm", Multiplicity.Method.HOLM,
            "holm_sidak", Multiplicity.Method.HOLM_SIDAK,
            "hochberg", Multiplicity.Method.HOCHBERG,
            "hommel", Multiplicity.Method.HOMMEL,
            "bh", Multiplicity.Method.BENJAMINI_HOCHBERG,
            "by", Multiplicity.Method.BENJAMINI_YEKUTIELI);
    names.forEach((name, method) -> out.put(name, Multiplicity.adjust(method, p)));
    out.put("fisher", pair(Combined.fisher(p)));
    out.put("stouffer", Combined.stouffer(p, Perplexity.ones(p.length)).map(GoldenFunctions::pair));
    if (in.has("weights")) {
      out.put(
          "stouffer_weighted",
          Combined.stouffer(p, doubles(in, "weights")).map(GoldenFunctions::pair));
    }
    return out;
  }

  private static double[] pair(Combined combined) {
    return new double[] {combined.statistic(), combined.p()};
  }
}
