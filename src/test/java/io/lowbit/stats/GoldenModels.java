// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import com.google.gson.JsonObject;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** golden/statistics/regression, logistic, mixed_model and the second half of prediction. */
final class GoldenModels {
  private GoldenModels() {}

  static Map<String, Object> regression(JsonObject in, JsonObject expected) {
    double[] y = GoldenFunctions.doubles(in, "y");
    double[][] x = GoldenFunctions.rows(in, "x");
    LeastSquares fit =
        in.has("weights")
            ? LeastSquares.of(y, x, GoldenFunctions.doubles(in, "weights"))
            : LeastSquares.of(y, x);
    FitQuality quality = FitQuality.of(fit);
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("params", fit.coefficients());
    out.put("r2", quality.r2());
    // With residuals at rounding level only these mean something.
    double scale = Math.sqrt(Moments.dot(y, y));
    if (Math.sqrt(Moments.dot(fit.residuals(), fit.residuals())) < 1e-12 * scale) {
      return out;
    }
    double df = fit.degreesOfFreedom();
    double[] errors = fit.standardErrors();
    double[] t = ratios(fit.coefficients(), errors);
    double quantile = Interval.tQuantile(0.95, df);
    double[][] intervals = new double[t.length][];
    for (int k = 0; k < t.length; k++) {
      double center = fit.coefficients()[k];
      intervals[k] = new double[] {center - quantile * errors[k], center + quantile * errors[k]};
    }
    out.put("se", errors);
    out.put("t", t);
    out.put("p", Arrays.stream(t).map(v -> Distributions.tTwoSided(v, df)).toArray());
    out.put("ci95", List.of(intervals));
    out.put("sigma2", fit.residualVariance());
    out.put("df_resid", df);
    quality(quality, out);
    out.put("leverage", fit.leverage());
    for (LeastSquares.Robust kind : LeastSquares.Robust.values()) {
      out.put("se_" + kind, fit.robustErrors(kind));
    }
    if (expected.has("se_cluster_CR1")) {
      Clusters groups = Clusters.of(GoldenFunctions.strings(in, "groups"));
      double[] clustered = fit.clusterErrors(groups, true);
      out.put("groups", groups.count());
      out.put("se_cluster_CR0", fit.clusterErrors(groups, false));
      out.put("se_cluster_CR1", clustered);
      out.put(
          "p_cluster_CR1_t_Gm1",
          Arrays.stream(ratios(fit.coefficients(), clustered))
              .map(v -> Distributions.tTwoSided(v, groups.count() - 1))
              .toArray());
    }
    return out;
  }

  private static void quality(FitQuality quality, Map<String, Object> out) {
    out.put("r2_adj", quality.adjustedR2());
    out.put("loglik", quality.logLikelihood());
    out.put("aic", quality.aic());
    out.put("bic", quality.bic());
    out.put("f", quality.f());
    out.put("f_p", quality.fP());
    out.put("aicc_with_sigma", quality.correctedAic());
    out.put("cooks_d", quality.cooksDistance());
    out.put("durbin_watson", quality.durbinWatson());
  }

  private static double[] ratios(double[] above, double[] below) {
    double[] ratios = new double[above.length];
    for (int k = 0; k < ratios.length; k++) {
      ratios[k] = above[k] / below[k];
    }
    return ratios;
  }

  static Map<String, Object> logistic(JsonObject in) {
    LogisticFit fit =
        LogisticFit.of(GoldenFunctions.doubles(in, "y"), GoldenFunctions.rows(in, "x"));
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("converged", fit.converged());
    out.put("params", fit.coefficients());
    out.put("se", fit.standardErrors());
    out.put("z", fit.z());
    out.put("p", fit.p());
    out.put("loglik", fit.logLikelihood());
    out.put("null_loglik", fit.nullLogLikelihood());
    out.put("pseudo_r2", fit.pseudoR2());
    out.put("aic", fit.aic());
    out.put("predicted", fit.fitted());
    return out;
  }

  static Map<String, Object> mixedModel(JsonObject in, JsonObject expected) {
    Pairs pairs = new Pairs(GoldenFunctions.doubles(in, "x"), GoldenFunctions.doubles(in, "y"));
    List<String> groups = GoldenFunctions.strings(in, "group");
    // The input does not say whether slopes vary; the size of the covariance does.
    boolean isSlopeVarying = expected.getAsJsonObject("ml").getAsJsonArray("random_cov").size() > 1;
    return Map.of(
        "reml",
        mixed(MixedModel.of(pairs, groups, isSlopeVarying, MixedModel.Likelihood.RESTRICTED)),
        "ml",
        mixed(MixedModel.of(pairs, groups, isSlopeVarying, MixedModel.Likelihood.FULL)));
  }

  private static Map<String, Object> mixed(MixedModel model) {
    return Map.of(
        "fixed", new double[] {model.intercept(), model.slope()},
        "se", model.standardErrors(),
        "sigma2", model.residualVariance(),
        "random_cov", List.of(model.groupCovariance()),
        "loglik", model.logLikelihood(),
        "converged", true);
  }

  static Map<String, Object> prediction(String kind, JsonObject in, JsonObject expected) {
    return kind.equals("eiv") ? errorsInVariables(in) : GoldenPublished.prediction(in);
  }

  private static Map<String, Object> errorsInVariables(JsonObject in) {
    ErrorsInVariables line =
        ErrorsInVariables.of(
            new Pairs(GoldenFunctions.doubles(in, "x"), GoldenFunctions.doubles(in, "y")),
            GoldenFunctions.doubles(in, "se_x"),
            GoldenFunctions.doubles(in, "se_y"));
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("reliability_x", line.reliabilityX());
    out.put("reliability_y", line.reliabilityY());
    out.put("r", line.correlation());
    out.put("r_disattenuated", line.disattenuated());
    out.put("deming_ratio", line.errorRatio());
    out.put("deming_slope", line.deming().slope());
    out.put("deming_intercept", line.deming().intercept());
    out.put("york_slope", line.york().slope());
    out.put("york_intercept", line.york().intercept());
    return out;
  }
}
