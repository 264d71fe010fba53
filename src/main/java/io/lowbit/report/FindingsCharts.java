// SPDX-License-Identifier: Apache-2.0
package io.lowbit.report;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.lowbit.stats.Configuration;
import io.lowbit.stats.Correlation;
import io.lowbit.stats.Findings;
import io.lowbit.stats.FittedValue;
import io.lowbit.stats.Interval;
import io.lowbit.stats.PooledChange;
import io.lowbit.stats.ProxyFit;
import io.lowbit.stats.SchemeChange.Axis;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** The charts of the first screen. */
final class FindingsCharts {
  private static final String MEGABYTES = "memory of all weights, MB";
  private static final double PERCENT = 100;

  private final Findings findings;
  private final List<ProxyFit> fits;
  private final ChartData data;

  FindingsCharts(Findings findings, List<ProxyFit> fits, ChartData data) {
    this.findings = findings;
    this.fits = fits;
    this.data = data;
  }

  /** Change of score by scheme, a chart for each part that is low-bit. */
  List<Page.Chart> bits() {
    List<Page.Chart> charts = new ArrayList<>();
    for (Axis axis : Axis.values()) {
      List<PooledChange> changes =
          findings.changes().stream()
              .filter(one -> one.change().axis() == axis && !one.type().isText())
              .filter(one -> Double.isFinite(one.effect()))
              .toList();
      if (!changes.isEmpty()) {
        charts.add(bits(axis, changes));
      }
    }
    return List.copyOf(charts);
  }

  private Page.Chart bits(Axis axis, List<PooledChange> changes) {
    // The overall changes name every scheme once, most bits first.
    List<String> schemes =
        findings.overall().stream()
            .map(PooledChange::scheme)
            .filter(scheme -> changes.stream().anyMatch(one -> one.scheme().equals(scheme)))
            .toList();
    Map<String, JsonArray> groups = new LinkedHashMap<>();
    for (PooledChange one : changes) {
      String type = Words.sentenceCase(BitsWords.label(one.type()));
      String text =
          "%s\n%s %s%s"
              .formatted(
                  one.scheme(),
                  type,
                  Figures.points(one.effect()),
                  one.interval().map(i -> " (" + Figures.pointRange(i) + ")").orElse(""));
      groups
          .computeIfAbsent(type, _ -> new JsonArray())
          .add(
              ChartData.point(
                  one.scheme(),
                  schemes.indexOf(one.scheme()),
                  one.effect(),
                  one.interval(),
                  PERCENT,
                  text));
    }
    Page.Chart chart = new Page.Chart("bits-" + charts(axis), heading(axis), "");
    JsonObject json =
        data.add(
            chart.id(),
            ChartData.categories("", schemes),
            ChartData.stretched("change of score, points"),
            groups);
    json.addProperty("margin", -PERCENT * findings.settings().scoreMargin());
    return chart;
  }

  private static String charts(Axis axis) {
    return switch (axis) {
      case WEIGHTS -> "weights";
      case ACTIVATIONS -> "activations";
      case CACHE -> "cache";
      case OTHER -> "other";
    };
  }

  private static String heading(Axis axis) {
    return switch (axis) {
      case WEIGHTS -> "Weights alone";
      case ACTIVATIONS -> "Weights and activations";
      case CACHE -> "Cache alone";
      case OTHER -> "Several parts, or something else";
    };
  }

  /** Perplexity against accuracy, where there are enough points for an answer. */
  List<Page.Chart> perplexity() {
    return perplexity("proxy-chart", false);
  }

  /** The same without names. */
  List<Page.Chart> smallPerplexity() {
    return perplexity("proxy-small", true);
  }

  private List<Page.Chart> perplexity(String id, boolean isSmall) {
    if (findings.perplexity().n() < Correlation.FEWEST_FOR_INTERVAL) {
      return List.of();
    }
    String note = isSmall || fits.isEmpty() ? "" : readLines();
    Page.Chart chart = new Page.Chart(id, "Accuracy against perplexity", note);
    Map<String, JsonArray> groups = accuracies(Configuration::perplexity);
    JsonObject json =
        data.add(
            id, ChartData.axis("perplexity", true), ChartData.axis("accuracy, %", false), groups);
    json.addProperty("isSmall", isSmall);
    if (!isSmall) {
      json.add("lines", lines(List.copyOf(groups.keySet())));
    }
    return List.of(chart);
  }

  private String readLines() {
    boolean isPooled = fits.stream().anyMatch(ProxyFit::isPooled);
    boolean isWithin = fits.stream().anyMatch(fit -> !fit.isPooled());
    return (isPooled ? "Black: the line over all configurations. " : "")
        + (isWithin ? "Coloured: each model's own line, all with one slope. " : "")
        + "Dotted: the %.0f %% interval of a line."
            .formatted(PERCENT * findings.settings().level());
  }

  /** Fitted lines with the edges of their intervals, as far as accuracies exist. */
  private JsonArray lines(List<String> models) {
    JsonArray lines = new JsonArray();
    for (ProxyFit fit : fits) {
      JsonObject line = new JsonObject();
      line.addProperty("group", models.indexOf(fit.group()));
      line.add("middle", edge(fit, FittedValue::value, false));
      line.add("low", edge(fit, fitted -> fitted.ofLine().low(), true));
      line.add("high", edge(fit, fitted -> fitted.ofLine().high(), true));
      lines.add(line);
    }
    return lines;
  }

  private static JsonArray edge(ProxyFit fit, ToDoubleFunction<FittedValue> height, boolean isCut) {
    JsonArray edge = new JsonArray();
    for (ProxyFit.Place place : fit.line()) {
      double accuracy = height.applyAsDouble(place.fitted());
      boolean isInside = accuracy >= 0 && accuracy <= 1;
      if (isInside || isCut) {
        JsonArray point = new JsonArray();
        point.add(Math.exp(place.lnPerplexity()));
        point.add(PERCENT * Math.clamp(accuracy, 0, 1));
        edge.add(point);
      }
    }
    return edge;
  }

  private Map<String, JsonArray> accuracies(ToDoubleFunction<Configuration> x) {
    return groups(x, Configuration::accuracy, Configuration::accuracyInterval, PERCENT);
  }

  /** Accuracy over memory with the front and without names, where there are two models. */
  List<Page.Chart> smallSize() {
    return accuracyOverSize("size-small", true);
  }

  private List<Page.Chart> accuracyOverSize(String id, boolean isSmall) {
    Map<String, JsonArray> accuracies = accuracies(Configuration::megabytes);
    if (findings.size().configurations().models() < 2 || accuracies.isEmpty()) {
      return List.of();
    }
    Page.Chart chart = new Page.Chart(id, "Accuracy against memory", "");
    JsonObject json =
        data.add(
            id, ChartData.axis(MEGABYTES, true), ChartData.axis("accuracy, %", false), accuracies);
    json.add("front", front(findings.size().accuracyFront(), Configuration::accuracy, PERCENT));
    json.addProperty("isSmall", isSmall);
    return List.of(chart);
  }

  /** Quality over memory with the front, where there are two models. */
  List<Page.Chart> size() {
    List<Page.Chart> charts = new ArrayList<>(accuracyOverSize("size-accuracy", false));
    if (findings.size().configurations().models() < 2) {
      return charts;
    }
    Map<String, JsonArray> perplexities =
        groups(
            Configuration::megabytes,
            Configuration::perplexity,
            Configuration::perplexityInterval,
            1);
    if (!perplexities.isEmpty()) {
      Page.Chart chart = new Page.Chart("size-text", "Perplexity against memory", "");
      JsonObject json =
          data.add(
              chart.id(),
              ChartData.axis(MEGABYTES, true),
              ChartData.axis("perplexity", true),
              perplexities);
      json.add("front", front(findings.size().perplexityFront(), Configuration::perplexity, 1));
      charts.add(chart);
    }
    return charts;
  }

  private Map<String, JsonArray> groups(
      ToDoubleFunction<Configuration> x,
      ToDoubleFunction<Configuration> y,
      Function<Configuration, Optional<Interval>> interval,
      double scale) {
    Map<String, JsonArray> groups = new LinkedHashMap<>();
    for (Configuration one : findings.size().configurations().all()) {
      if (Double.isFinite(x.applyAsDouble(one)) && Double.isFinite(y.applyAsDouble(one))) {
        groups
            .computeIfAbsent(one.model(), _ -> new JsonArray())
            .add(
                ChartData.point(
                    one.scheme(),
                    x.applyAsDouble(one),
                    y.applyAsDouble(one),
                    interval.apply(one),
                    scale,
                    text(one)));
      }
    }
    return groups;
  }

  private static String text(Configuration one) {
    return "%s\n%s\n%s\naccuracy %s (%s)\nperplexity %s"
        .formatted(
            one.scheme(),
            one.model(),
            Figures.megabytes(one.megabytes()),
            Figures.percent(one.accuracy()),
            Figures.percentRange(one.accuracyInterval()),
            Figures.plain(one.perplexity()));
  }

  private static JsonArray front(
      List<Configuration> front, ToDoubleFunction<Configuration> y, double scale) {
    JsonArray line = new JsonArray();
    for (Configuration one : front) {
      JsonArray point = new JsonArray();
      point.add(one.megabytes());
      point.add(scale * y.applyAsDouble(one));
      line.add(point);
    }
    return line;
  }
}
