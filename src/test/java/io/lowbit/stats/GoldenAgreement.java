// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** golden/statistics/agreement. */
final class GoldenAgreement {
  private GoldenAgreement() {}

  static Map<String, Object> compute(String kind, JsonObject in) {
    return switch (kind) {
      case "cohen_kappa" -> kappa(in);
      case "icc" -> intraclass(GoldenFunctions.rows(in, "ratings"));
      case "krippendorff" -> {
        double[][] ratings = GoldenFunctions.rows(in, "ratings_by_rater");
        yield Map.of(
            "nominal", KrippendorffAlpha.of(ratings, KrippendorffAlpha.Scale.NOMINAL),
            "ordinal", KrippendorffAlpha.of(ratings, KrippendorffAlpha.Scale.ORDINAL),
            "interval", KrippendorffAlpha.of(ratings, KrippendorffAlpha.Scale.INTERVAL),
            "ratio", KrippendorffAlpha.of(ratings, KrippendorffAlpha.Scale.RATIO));
      }
      case "fleiss" -> Map.of("kappa", FleissKappa.of(GoldenFunctions.rows(in, "counts")));
      default -> throw new AssertionError("unknown kind " + kind);
    };
  }

  private static Map<String, Object> kappa(JsonObject in) {
    List<String> a = GoldenFunctions.strings(in, "a");
    List<String> b = GoldenFunctions.strings(in, "b");
    List<String> levels = GoldenFunctions.strings(in, "levels");
    CohenKappa plain = CohenKappa.of(a, b, levels, CohenKappa.Weights.NONE);
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("n", plain.n());
    out.put("observed_agreement", plain.observed());
    out.put("expected_agreement", plain.expected());
    out.put("kappa_unweighted", plain.value());
    out.put("kappa_linear", CohenKappa.of(a, b, levels, CohenKappa.Weights.LINEAR).value());
    out.put("kappa_quadratic", CohenKappa.of(a, b, levels, CohenKappa.Weights.QUADRATIC).value());
    out.put("kappa_se", plain.standardError());
    out.put("kappa_se_null", plain.nullStandardError());
    return out;
  }

  private static Map<String, Object> intraclass(double[][] ratings) {
    Map<String, Object> out = new LinkedHashMap<>();
    List<Object> table = new ArrayList<>();
    for (IntraclassCorrelation one : IntraclassCorrelation.all(ratings, 0.95)) {
      String letter =
          switch (one.model()) {
            case ONE_WAY -> "1";
            case AGREEMENT -> "A";
            case CONSISTENCY -> "C";
          };
      String name = "ICC(" + letter + "," + (one.average() ? "k" : "1") + ")";
      out.put(name, one.value());
      table.add(
          Map.of(
              "Type", name,
              "ICC", one.value(),
              "F", one.f(),
              "df1", one.numeratorDf(),
              "df2", one.denominatorDf(),
              "pval", one.p(),
              // The reference prints two decimals.
              "CI95", one.interval().map(end -> Math.rint(100 * end) / 100)));
    }
    out.put("pingouin_table", table);
    return out;
  }
}
