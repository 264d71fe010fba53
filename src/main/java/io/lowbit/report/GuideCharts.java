// SPDX-License-Identifier: Apache-2.0
package io.lowbit.report;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.lowbit.report.FindingsView.Cell;
import io.lowbit.report.FindingsView.Row;
import io.lowbit.report.FindingsView.Table;
import io.lowbit.report.GuideView.Figure;
import io.lowbit.stats.Findings;
import io.lowbit.stats.Guidance;
import io.lowbit.stats.Interval;
import io.lowbit.stats.NullFloor;
import io.lowbit.stats.PooledChange;
import io.lowbit.stats.SchemeChange.Axis;
import io.lowbit.stats.SizeTrend;
import io.lowbit.stats.TaskType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The figures behind the recommendation, each with its numbers as a table. */
final class GuideCharts {
  private static final double PERCENT = 100;
  private static final String POINTS = "change of score, points";

  private final Findings findings;
  private final Guidance guidance;
  private final ChartData data;

  GuideCharts(Findings findings, Guidance guidance, ChartData data) {
    this.findings = findings;
    this.guidance = guidance;
    this.data = data;
  }

  List<Figure> figures() {
    List<Figure> figures = new ArrayList<>();
    figures.add(forest("forest-scores", "Paired differences: scores", false));
    if (findings.types().stream().anyMatch(TaskType::isText)) {
      figures.add(forest("forest-texts", "Paired differences: perplexity", true));
    }
    figures.add(noise());
    figures.add(byKind());
    figures.add(byModelSize());
    figures.addAll(new TraitCharts(guidance.curves(), data).figures());
    return List.copyOf(figures);
  }

  /** One change on the scale of the figure. */
  private record Bar(String group, double value, Optional<Interval> interval) {

    Cell cell(boolean isText) {
      return Cell.number(
          isText ? Figures.logChange(value) : Figures.points(value),
          interval
              .map(i -> isText ? Figures.logChangeRange(i) : Figures.pointRange(i))
              .orElse("no interval"));
    }
  }

  /** A rise of perplexity is drawn to the left, as a loss of score is. */
  private static Optional<Bar> bar(PooledChange change) {
    return change
        .gain()
        .map(gain ->
            new Bar(
                Words.sentenceCase(BitsWords.label(change.type())),
                gain.value(),
                change.interval()));
  }

  private boolean isNoise(String scheme) {
    return guidance.floors().stream().anyMatch(floor -> floor.second().equals(scheme));
  }

  private Figure forest(String id, String heading, boolean isText) {
    Map<String, List<Bar>> rows = new LinkedHashMap<>();
    findings.changes().stream()
        .filter(change -> change.type().isText() == isText)
        .forEach(change ->
            bar(change)
                .ifPresent(
                    bar -> rows.computeIfAbsent(change.scheme(), _ -> new ArrayList<>()).add(bar)));
    if (rows.isEmpty()) {
      return Figure.missing(
          heading, "Not drawn: it needs a scheme beside the baseline, scored on the same items.");
    }
    List<String> schemes = rows.keySet().stream().sorted(noiseFirst()).toList();
    List<String> labels =
        schemes.stream().map(scheme -> isNoise(scheme) ? scheme + " (noise)" : scheme).toList();
    Map<String, JsonArray> groups = new LinkedHashMap<>();
    for (String scheme : schemes) {
      for (Bar bar : rows.get(scheme)) {
        groups
            .computeIfAbsent(bar.group, _ -> new JsonArray())
            .add(
                ChartData.point(
                    scheme,
                    schemes.indexOf(scheme),
                    bar.value,
                    bar.interval,
                    PERCENT,
                    scheme + "\n" + bar.group + "\n" + words(bar, isText)));
      }
    }
    JsonObject json =
        data.add(
            id,
            ChartData.categories("", labels),
            ChartData.stretched(isText ? "change of ln perplexity, %, loss to the left" : POINTS),
            groups);
    double margin =
        isText ? findings.settings().lnPerplexityMargin() : findings.settings().scoreMargin();
    json.addProperty("isForest", true);
    json.addProperty("margin", -PERCENT * margin);
    floor(isText).ifPresent(reach -> json.addProperty("floor", PERCENT * reach));
    List<String> sentences = new ArrayList<>();
    sentences.add(
        "Each row is a scheme, each mark a task type pooled over models and tasks, with its %.0f %%"
                .formatted(PERCENT * findings.settings().level())
            + " interval. Dashed: the margin of %s. The scale is stretched around 0."
                .formatted(isText ? Figures.percent(margin) : Figures.size(margin)));
    if (floor(isText).isPresent()) {
      sentences.add(
          "Between the dotted lines lies what another arithmetic of the same scheme can do.");
    }
    return new Figure(
        heading,
        sentences,
        List.of(new Page.Chart(id, heading, "")),
        List.of(table("Scheme", "Task type", schemes, rows, isText)));
  }

  private Comparator<String> noiseFirst() {
    return Comparator.comparing(scheme -> !isNoise(scheme));
  }

  private static String words(Bar bar, boolean isText) {
    Cell cell = bar.cell(isText);
    return cell.text() + " (" + String.join(", ", cell.notes()) + ")";
  }

  private static Table table(
      String first,
      String second,
      List<String> names,
      Map<String, List<Bar>> rows,
      boolean isText) {
    List<Row> lines = new ArrayList<>();
    for (String name : names) {
      for (Bar bar : rows.get(name)) {
        lines.add(new Row(List.of(Cell.of(name), Cell.of(bar.group), bar.cell(isText))));
      }
    }
    return new Table("The numbers of this figure", true, List.of(first, second, "Change"), lines);
  }

  /** The widest reach of noise over the types of a kind. */
  private Optional<Double> floor(boolean isText) {
    return guidance.floors().stream()
        .flatMap(floor -> floor.rows().stream())
        .filter(row -> row.type().isText() == isText && Double.isFinite(row.reach()))
        .map(NullFloor.Row::reach)
        .max(Comparator.naturalOrder());
  }

  private Figure noise() {
    String heading = "What noise looks like";
    if (guidance.floors().isEmpty()) {
      return Figure.missing(
          heading,
          "Not shown: it needs the same model and scheme under two arithmetics, such as the bases"
              + " fp32 and fp16, or two back-ends. Without it nothing here says how much of a small"
              + " difference is rounding.");
    }
    List<String> sentences = new ArrayList<>();
    List<Row> rows = new ArrayList<>();
    for (NullFloor floor : guidance.floors()) {
      sentences.add(
          "%s against %s: the same scheme with %s. A difference of this size says nothing about"
                  .formatted(floor.second(), floor.first(), floor.difference())
              + " quantization.");
      floor.rows().forEach(row -> rows.add(row(floor, row)));
    }
    return new Figure(
        heading,
        sentences,
        List.of(),
        List.of(
            new Table(
                "Two arithmetics of one scheme",
                false,
                List.of("Pair", "Task type", "Models", "Change", "Answers that flip"),
                rows)));
  }

  private static Row row(NullFloor floor, NullFloor.Row row) {
    Bar bar = new Bar(BitsWords.label(row.type()), row.gain().value(), row.interval());
    return new Row(
        List.of(
            Cell.of(floor.second() + " − " + floor.first()),
            Cell.of(Words.sentenceCase(bar.group)),
            Cell.number(Integer.toString(row.models())),
            bar.cell(row.type().isText()),
            Cell.number(
                row.flips()
                    .map(flips ->
                        "%s of %s".formatted(Figures.count(flips), Figures.count(row.pairs())))
                    .orElse(Figures.NONE))));
  }

  /** Over all scores, by the number of bits of the one part that is low-bit. */
  private Figure byKind() {
    String heading = "By tensor kind and bits";
    List<PooledChange> changes =
        findings.overall().stream()
            .filter(one -> one.change().axis() != Axis.OTHER && one.change().bits().isPresent())
            .filter(one -> one.gain().isPresent())
            .toList();
    if (changes.stream().map(one -> one.change().axis()).distinct().count() < 2) {
      return Figure.missing(
          heading,
          "Not drawn: it needs scores under schemes of two kinds (weights, activations, cache), each"
              + " with one number of bits.");
    }
    List<String> bits =
        changes.stream()
            .map(one -> one.change().bits().getAsInt())
            .distinct()
            .sorted(Comparator.reverseOrder())
            .map(count -> count + " bits")
            .toList();
    Map<String, List<Bar>> rows = new LinkedHashMap<>();
    Map<String, JsonArray> groups = new LinkedHashMap<>();
    for (PooledChange one : changes) {
      String place = one.change().bits().getAsInt() + " bits";
      String group = kind(one);
      Bar bar = new Bar(group, one.effect(), one.interval());
      rows.computeIfAbsent(one.scheme(), _ -> new ArrayList<>()).add(bar);
      groups
          .computeIfAbsent(group, _ -> new JsonArray())
          .add(
              ChartData.point(
                  one.scheme(),
                  bits.indexOf(place),
                  bar.value,
                  bar.interval,
                  PERCENT,
                  one.scheme() + "\n" + group + "\n" + words(bar, false)));
    }
    return drawn(
        "tensor-kinds",
        heading,
        "Change over all scores, pooled over models and tasks, of schemes that lower one part alone."
            + " Bits of activations count the activations; their weights are low-bit too.",
        bits,
        groups,
        table("Scheme", "Kind", List.copyOf(rows.keySet()), rows, false));
  }

  private static String kind(PooledChange one) {
    return switch (one.change().axis()) {
      case WEIGHTS -> "Weights";
      case ACTIVATIONS ->
          one.change().weightBits().isPresent()
              ? "Activations, weights at " + one.change().weightBits().getAsInt() + " bits"
              : "Activations";
      case CACHE -> "Cache";
      case OTHER -> "Other";
    };
  }

  private Figure byModelSize() {
    String heading = "By model size";
    Map<String, Long> models = new LinkedHashMap<>();
    guidance.trends().stream()
        .map(SizeTrend::configuration)
        .sorted(Comparator.comparingLong(one -> one.parameters()))
        .forEach(one -> models.put(one.model(), one.parameters()));
    if (models.values().stream().distinct().count() < 2) {
      return Figure.missing(
          heading, "Not drawn: it needs scores of two models of different size under one scheme.");
    }
    List<String> names = List.copyOf(models.keySet());
    Map<String, List<Bar>> rows = new LinkedHashMap<>();
    Map<String, JsonArray> groups = new LinkedHashMap<>();
    for (SizeTrend one : guidance.trends()) {
      String scheme = one.configuration().scheme();
      String model = one.configuration().model();
      Bar bar = new Bar(scheme, one.gain().value(), one.interval());
      rows.computeIfAbsent(model, _ -> new ArrayList<>()).add(bar);
      groups
          .computeIfAbsent(scheme, _ -> new JsonArray())
          .add(
              ChartData.point(
                  scheme,
                  names.indexOf(model),
                  bar.value,
                  bar.interval,
                  PERCENT,
                  scheme + "\n" + model + "\n" + words(bar, false)));
    }
    List<String> labels =
        names.stream()
            .map(model -> "%s (%s)".formatted(model, millions(models.get(model))))
            .toList();
    return drawn(
        "model-sizes",
        heading,
        "Change over all scores of each model against its own baseline, smallest model first (M: million weights).",
        labels,
        groups,
        table("Model", "Scheme", names, rows, false));
  }

  private static String millions(long parameters) {
    return Figures.bits(parameters / 1e6) + " M";
  }

  private Figure drawn(
      String id,
      String heading,
      String sentence,
      List<String> places,
      Map<String, JsonArray> groups,
      Table table) {
    data.add(id, ChartData.categories("", places), ChartData.stretched(POINTS), groups)
        .addProperty("margin", -PERCENT * findings.settings().scoreMargin());
    return new Figure(
        heading,
        List.of(sentence, "Dashed: the margin. The scale is stretched around 0."),
        List.of(new Page.Chart(id, heading, "")),
        List.of(table));
  }
}
