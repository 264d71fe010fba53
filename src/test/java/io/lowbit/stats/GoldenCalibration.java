// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** golden/statistics/calibration. */
final class GoldenCalibration {
  private GoldenCalibration() {}

  static Map<String, Object> compute(String kind, JsonObject in) {
    return switch (kind) {
      case "binary" -> binary(GoldenFunctions.doubles(in, "p"), GoldenFunctions.doubles(in, "y"));
      case "temperature" -> temperature(in);
      case "isotonic" -> isotonic(in);
      default -> throw new AssertionError("unknown kind " + kind);
    };
  }

  private static Map<String, Object> binary(double[] p, double[] y) {
    Calibration calibration = Calibration.of(p, y);
    List<Calibration.Bin> ten = Calibration.bins(p, y, 10);
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("brier", calibration.brier());
    out.put("log_loss", calibration.logLoss());
    out.put("ece_10", Calibration.expectedError(ten));
    out.put("mce_10", Calibration.largestError(ten));
    out.put(
        "bins_10",
        ten.stream()
            .map(bin ->
                Map.of(
                    "bin", bin.index(),
                    "n", bin.n(),
                    "confidence", bin.confidence(),
                    "accuracy", bin.accuracy()))
            .toList());
    out.put("ece_15", Calibration.expectedError(Calibration.bins(p, y, 15)));
    out.put("ece_equal_mass_5", Calibration.expectedError(Calibration.equalMassBins(p, y, 5)));
    RankingCurve curve = RankingCurve.of(p, y);
    out.put("auroc", curve.auroc());
    out.put("average_precision", curve.averagePrecision());
    out.put("auprc_trapezoid", curve.precisionRecallArea());
    return out;
  }

  private static Map<String, Object> temperature(JsonObject in) {
    double[][] logits = GoldenFunctions.rows(in, "logits");
    int[] label =
        in.getAsJsonArray("label").asList().stream().mapToInt(JsonElement::getAsInt).toArray();
    TemperatureScaling scaling = TemperatureScaling.of(logits, label);
    double[][] before = probabilities(logits, 1);
    return Map.of(
        "temperature", scaling.temperature(),
        "nll_before", scaling.lossBefore(),
        "nll_after", scaling.lossAfter(),
        "ece_10_before", confidenceError(before, label),
        "ece_10_after", confidenceError(probabilities(logits, scaling.temperature()), label),
        "multiclass_brier_before", Calibration.multiclassBrier(before, label));
  }

  private static double[][] probabilities(double[][] logits, double temperature) {
    return Arrays.stream(logits)
        .map(row -> Calibration.softmax(row, temperature))
        .toArray(double[][]::new);
  }

  /** Calibration error of the largest probability, right if it is the label's. */
  private static double confidenceError(double[][] probabilities, int[] label) {
    double[] confidence =
        Arrays.stream(probabilities)
            .mapToDouble(row -> Arrays.stream(row).max().orElseThrow())
            .toArray();
    double[] right =
        IntStream.range(0, label.length)
            .mapToDouble(i -> probabilities[i][label[i]] == confidence[i] ? 1 : 0)
            .toArray();
    return Calibration.expectedError(Calibration.bins(confidence, right, 10));
  }

  private static Map<String, Object> isotonic(JsonObject in) {
    double[] x = GoldenFunctions.doubles(in, "x");
    double[] y = GoldenFunctions.doubles(in, "y");
    boolean increasing = in.get("increasing").getAsBoolean();
    IsotonicRegression curve =
        in.get("weights").isJsonNull()
            ? IsotonicRegression.of(x, y, increasing)
            : IsotonicRegression.of(x, y, GoldenFunctions.doubles(in, "weights"), increasing);
    double[] midpoints =
        IntStream.range(1, x.length).mapToDouble(i -> curve.at((x[i - 1] + x[i]) / 2)).toArray();
    return Map.of("fitted", curve.fitted(), "r2", curve.r2(), "at_midpoints", midpoints);
  }
}
