// SPDX-License-Identifier: Apache-2.0
package io.lowbit.report;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.lowbit.stats.Interval;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the page's drawing code reads: one object per chart. */
final class ChartData {
  private final JsonArray charts = new JsonArray();

  /** The data, with every {@code <} escaped so that no text can end the script element. */
  String json() {
    return charts.toString().replace("<", "\\u003c");
  }

  /** An axis of numbers; of ratios it becomes logarithmic where that helps. */
  static JsonObject axis(String name, boolean isRatio) {
    JsonObject axis = new JsonObject();
    axis.addProperty("name", name);
    axis.addProperty("isRatio", isRatio);
    return axis;
  }

  /** An axis of names; a point's x is the place of its name. */
  static JsonObject categories(String name, List<String> names) {
    JsonObject axis = axis(name, false);
    JsonArray all = new JsonArray();
    names.forEach(all::add);
    axis.add("categories", all);
    return axis;
  }

  /** An axis of changes, stretched around 0, where the small ones lie. */
  static JsonObject stretched(String name) {
    JsonObject axis = axis(name, false);
    axis.addProperty("isStretched", true);
    return axis;
  }

  /** A point with its interval and what a pointer shows; y and interval are multiplied. */
  static JsonObject point(
      String name, double x, double y, Optional<Interval> interval, double scale, String text) {
    JsonObject point = new JsonObject();
    point.addProperty("name", name);
    point.addProperty("x", x);
    point.addProperty("y", scale * y);
    // JSON has no infinity: an end that overflowed is left to the tables.
    interval
        .filter(i -> Double.isFinite(i.low()) && Double.isFinite(i.high()))
        .ifPresent(i -> {
          point.addProperty("low", scale * i.low());
          point.addProperty("high", scale * i.high());
        });
    point.addProperty("text", text);
    return point;
  }

  /** Adds a chart of points in groups; returns it for what only some charts have. */
  JsonObject add(String id, JsonObject x, JsonObject y, Map<String, JsonArray> groups) {
    JsonArray series = new JsonArray();
    groups.forEach((name, points) -> {
      JsonObject group = new JsonObject();
      group.addProperty("name", name);
      group.add("points", points);
      series.add(group);
    });
    JsonObject chart = new JsonObject();
    chart.addProperty("id", id);
    chart.add("x", x);
    chart.add("y", y);
    chart.add("groups", series);
    charts.add(chart);
    return chart;
  }
}
