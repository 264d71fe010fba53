// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import com.google.gson.JsonObject;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** golden/statistics/jin2024 and prediction. */
final class GoldenPublished {
  private GoldenPublished() {}

  static Map<String, Object> compute(String kind, JsonObject in, JsonObject expected) {
    return switch (kind) {
      case "metric" -> metric(in, expected);
      case "delta" -> delta(in);
      default -> throw new AssertionError("unknown kind " + kind);
    };
  }

  private static Map<String, Object> delta(JsonObject in) {
    Map<String, Object> out = GoldenCorrelations.correlation(in);
    Map<String, Object> sizes = new LinkedHashMap<>();
    GroupedCorrelation.split(
            new Pairs(GoldenFunctions.doubles(in, "x"), GoldenFunctions.doubles(in, "y")),
            GoldenFunctions.strings(in, "group"))
        .forEach((label, pairs) -> sizes.put(label, pairs.n()));
    out.put("n_by_model", sizes);
    return out;
  }

  private static Map<String, Object> metric(JsonObject in, JsonObject expected) {
    double[] x = GoldenFunctions.doubles(in, "x");
    double[] ln = Arrays.stream(x).map(Math::log).toArray();
    double[] y = GoldenFunctions.doubles(in, "y");
    List<String> models = GoldenFunctions.strings(in, "group");
    double[] log2Size =
        models.stream()
            .mapToDouble(m -> Math.log(Double.parseDouble(m.replace("B", ""))) / Math.log(2))
            .toArray();
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("raw_perplexity", GoldenCorrelations.correlation(x, y));
    out.put("ln_perplexity", GoldenCorrelations.correlation(ln, y));
    out.put("within_model_ln", within(new Pairs(ln, y), models));
    out.put("within_model_raw", within(new Pairs(x, y), models));
    out.put("partial_given_log2_size_ln", partial(ln, y, log2Size));
    out.put("partial_given_log2_size_raw", partial(x, y, log2Size));
    Map<String, Object> perModel = new LinkedHashMap<>();
    GroupedCorrelation.split(new Pairs(ln, y), models)
        .forEach((model, pairs) ->
            perModel.put(
                model,
                Map.of(
                    "n", pairs.n(),
                    "pearson_r_ln", pairs.pearson(),
                    "spearman_rho", pairs.spearman(),
                    "kendall_tau_b", pairs.kendall())));
    out.put("per_model", perModel);
    Map<String, Object> without = new LinkedHashMap<>();
    GroupedCorrelation.leaveOneGroupOut(new Pairs(x, y), models)
        .forEach((model, pairs) -> without.put(model, pairs.pearson()));
    out.put("leave_one_model_out_r_raw", without);
    out.put("sign_reversal", GroupedCorrelation.of(new Pairs(ln, y), models, 0.95).signReversal());
    double published = expected.get("published_r").getAsDouble();
    out.put(
        "reproduces_published_to_0.02", Math.abs(new Pairs(x, y).pearson() - published) <= 0.02);
    return out;
  }

  private static Map<String, Object> within(Pairs pairs, List<String> models) {
    GroupedCorrelation grouped = GroupedCorrelation.of(pairs, models, 0.95);
    Permutations test = GroupedCorrelation.permute(pairs, models, 0, 0);
    return Map.of(
        "r", grouped.within(),
        "df", grouped.degreesOfFreedom(),
        "p", grouped.p(),
        "ci95", grouped.interval(),
        "slope", grouped.slope(),
        "permutation",
            Map.of("arrangements", test.arrangements(), "count", test.twoSided(), "p", test.p()));
  }

  private static Map<String, Object> partial(double[] x, double[] y, double[] covariate) {
    PartialCorrelation partial = PartialCorrelation.of(x, y, new double[][] {covariate}, 0.95);
    return Map.of("r", partial.value(), "df", partial.degreesOfFreedom(), "p", partial.p());
  }

  static Map<String, Object> prediction(JsonObject in) {
    Pairs pairs = new Pairs(GoldenFunctions.doubles(in, "x"), GoldenFunctions.doubles(in, "y"));
    LeaveOneGroupOut result = LeaveOneGroupOut.of(pairs, GoldenFunctions.strings(in, "group"));
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("linear", skill(result.linear()));
    out.put("through_origin", skill(result.throughOrigin()));
    out.put("null_zero", skill(result.noChange()));
    out.put("through_origin_slopes", result.slopes());
    out.put("predictions_linear", result.linear().values());
    out.put("within_group_rank_accuracy", result.rankAccuracy());
    out.put("conformal_90_half_width", result.linear().conformalHalfWidth(0.9));
    return out;
  }

  private static Map<String, Object> skill(LeaveOneGroupOut.Prediction prediction) {
    return Map.of(
        "mae", prediction.meanAbsoluteError(),
        "rmse", prediction.rootMeanSquareError(),
        "q2_vs_zero", prediction.skillOverZero(),
        "q2_vs_mean", prediction.skillOverMean());
  }
}
