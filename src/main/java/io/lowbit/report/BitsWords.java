// SPDX-License-Identifier: Apache-2.0
package io.lowbit.report;

import io.lowbit.report.FindingsView.Card;
import io.lowbit.report.FindingsView.Cell;
import io.lowbit.report.FindingsView.Detail;
import io.lowbit.report.FindingsView.Row;
import io.lowbit.report.FindingsView.Table;
import io.lowbit.stats.Claim.Kind;
import io.lowbit.stats.Findings;
import io.lowbit.stats.Interval;
import io.lowbit.stats.PooledChange;
import io.lowbit.stats.PooledChange.Outcome;
import io.lowbit.stats.SchemeChange.Axis;
import io.lowbit.stats.TaskType;
import io.lowbit.stats.Tolerance;
import io.lowbit.stats.Tolerance.Step;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** How many bits each task type tolerates, in words. */
final class BitsWords {
  static final String ID = "bits";
  private static final List<Axis> AXES = List.of(Axis.WEIGHTS, Axis.ACTIVATIONS, Axis.CACHE);

  private final Findings findings;
  private final List<TaskType> types;

  BitsWords(Findings findings) {
    this.findings = findings;
    this.types = findings.types();
  }

  Card card() {
    return new Card(
        ID,
        "How many bits does each task type tolerate?",
        answer(),
        findings.tolerances().isEmpty() ? List.of() : heads(),
        findings.tolerances().isEmpty() ? List.of() : types.stream().map(this::row).toList(),
        List.of(),
        findings.tolerances().isEmpty() ? List.of() : List.of(underTheTable()),
        new ClaimWords(findings).onBits());
  }

  private String underTheTable() {
    return "Below: %.0f %% interval of the change in points; of a perplexity, its ratio."
        .formatted(100 * findings.settings().level());
  }

  /** For activations, the line beside the most weight bits. */
  private Optional<Tolerance> line(TaskType type, Axis axis) {
    return lines(type).filter(one -> one.axis() == axis).findFirst();
  }

  private Stream<Tolerance> lines(TaskType type) {
    return findings.tolerances().stream().filter(one -> one.type().equals(type));
  }

  private List<Axis> axes() {
    return AXES.stream()
        .filter(axis -> findings.tolerances().stream().anyMatch(one -> one.axis() == axis))
        .toList();
  }

  private String answer() {
    if (findings.changes().isEmpty()) {
      return "Nothing to compare yet: a study needs a baseline and a second scheme.";
    }
    if (findings.tolerances().isEmpty()) {
      return "No scheme differs from the baseline in weights, activations or cache alone.";
    }
    boolean hasScores = findings.tolerances().stream().anyMatch(one -> !one.type().isText());
    Map<Axis, List<Tolerance>> lines = new EnumMap<>(Axis.class);
    for (TaskType type : types) {
      if (!type.isText() || !hasScores) {
        AXES.forEach(axis ->
            line(type, axis)
                .ifPresent(one -> lines.computeIfAbsent(axis, _ -> new ArrayList<>()).add(one)));
      }
    }
    return answer(lines);
  }

  private static String answer(Map<Axis, List<Tolerance>> lines) {
    List<Tolerance> all = lines.values().stream().flatMap(List::stream).toList();
    List<String> parts = new ArrayList<>();
    if (all.stream().map(Tolerance::type).distinct().count() == 1) {
      lines.forEach((axis, one) ->
          parts.add(bits(one) + " " + part(axis) + " bits " + word(one.getFirst().outcome())));
      return Words.sentenceCase(label(all.getFirst().type())) + ": " + Words.listed(parts) + ".";
    }
    if (all.stream().allMatch(BitsWords::isTolerated)) {
      lines.forEach((axis, ones) -> parts.add(bits(ones) + " " + part(axis)));
      return "Every task type tolerates " + Words.listed(parts) + " bits.";
    }
    lines.forEach((axis, ones) -> {
      long count = ones.stream().filter(BitsWords::isTolerated).count();
      parts.add(
          "%d %s bits%s by %s%s"
              .formatted(
                  bits(ones),
                  part(axis),
                  parts.isEmpty() ? " are surely tolerated" : "",
                  count == 0 ? "none" : Long.toString(count),
                  parts.isEmpty() ? " of %d task types".formatted(ones.size()) : ""));
    });
    return Words.listed(parts) + ".";
  }

  private static boolean isTolerated(Tolerance line) {
    return line.outcome() == Outcome.TOLERATED;
  }

  /** The fewest bits that suit every type which tolerates any, or else the most that were run. */
  private static int bits(List<Tolerance> lines) {
    return lines.stream()
        .mapToInt(line -> line.bits().orElse(line.steps().getFirst().bits()))
        .max()
        .orElseThrow();
  }

  private static String word(Outcome outcome) {
    return switch (outcome) {
      case TOLERATED -> "tolerated";
      case NOT_TOLERATED -> "not tolerated";
      case UNDECIDED -> "undecided";
    };
  }

  private static String part(Axis axis) {
    return switch (axis) {
      case WEIGHTS -> "weight";
      case ACTIVATIONS -> "activation";
      case CACHE -> "cache";
      case OTHER -> "other";
    };
  }

  static String label(TaskType type) {
    return type.name().replace('-', ' ');
  }

  private List<String> heads() {
    return Stream.concat(
            Stream.of("Task type"), axes().stream().map(axis -> Words.sentenceCase(part(axis))))
        .toList();
  }

  private Row row(TaskType type) {
    List<Cell> cells = new ArrayList<>();
    cells.add(Cell.of(Words.sentenceCase(label(type))));
    axes().forEach(axis -> cells.add(line(type, axis).map(BitsWords::cell).orElse(notRun())));
    return new Row(cells);
  }

  private static Cell notRun() {
    return new Cell("not run", List.of(), "missing");
  }

  /** The verdict over the interval of the change that it rests on. */
  private static Cell cell(Tolerance line) {
    Step most = line.steps().getFirst();
    return switch (line.outcome()) {
      case TOLERATED -> {
        int bits = line.bits().orElseThrow();
        Step fewest =
            line.steps().stream().filter(step -> step.bits() == bits).findFirst().orElseThrow();
        yield new Cell(bits + " bits", interval(fewest, ""), "better");
      }
      case NOT_TOLERATED ->
          new Cell("not " + most.bits(), interval(most, most.bits() + ": "), "worse");
      case UNDECIDED -> new Cell("un\u00addecided", interval(most, most.bits() + ": "), "unclear");
    };
  }

  private static List<String> interval(Step step, String before) {
    PooledChange change = step.best();
    String sign = change.type().isText() ? "× " : "";
    return change.effectInterval().map(i -> before + sign + range(change, i)).stream().toList();
  }

  Detail detail(List<Page.Chart> charts) {
    List<Page.Group> groups = new ArrayList<>(types.stream().map(this::group).toList());
    if (!findings.leftOut().isEmpty()) {
      groups.add(
          new Page.Group(
              "Left out",
              findings.leftOut().stream()
                  .map(task -> task + ": its score is no share of right items.")
                  .toList()));
    }
    List<Table> tables = new ArrayList<>();
    if (!findings.changes().isEmpty()) {
      tables.add(table());
    }
    tables.add(new ClaimWords(findings).table(List.copyOf(claims())));
    return new Detail(
        ID, "Bits and task types", introduction(), groups, charts, List.copyOf(tables));
  }

  private static EnumSet<Kind> claims() {
    return EnumSet.range(Kind.WEIGHTS_8_LOSSLESS, Kind.LONG_CONTEXT_CACHE);
  }

  private String introduction() {
    return ("Change against each model's baseline on the same items, averaged over models, every"
            + " task of a type with the same weight; %.0f %% intervals count items of one cluster"
            + " together. A number of bits is tolerated if its loss is surely less than %s of score"
            + " (%s of perplexity; one-sided test at 5 %%) and so is that of every larger number"
            + " that was run. Models and tasks are taken as they are: the interval is about other"
            + " items.")
        .formatted(
            100 * findings.settings().level(),
            Figures.size(findings.settings().scoreMargin()),
            Figures.percent(findings.settings().lnPerplexityMargin()));
  }

  /** A type with a sentence for each part that is low-bit. */
  private Page.Group group(TaskType type) {
    PooledChange first =
        findings.changes().stream()
            .filter(one -> one.type().equals(type))
            .findFirst()
            .orElseThrow();
    String heading =
        "%s: %s, %s of %s"
            .formatted(
                Words.sentenceCase(label(type)),
                Words.counted(first.models(), "model"),
                Words.counted(first.items(), "item"),
                Words.listed(first.tasks()));
    List<String> sentences = lines(type).map(BitsWords::sentence).toList();
    return new Page.Group(
        heading, sentences.isEmpty() ? List.of("No scheme changes one part alone.") : sentences);
  }

  private static String sentence(Tolerance line) {
    List<String> steps = new ArrayList<>();
    for (Step step : line.steps()) {
      String scheme =
          step.schemes() > 1
              ? " (%s, best of %d)".formatted(step.best().scheme(), step.schemes())
              : "";
      steps.add("%d bits%s %s".formatted(step.bits(), scheme, effect(step.best())));
    }
    return "%s%s: %s. It %s."
        .formatted(
            Words.sentenceCase(plural(line.axis())),
            beside(line),
            String.join(", ", steps),
            verdict(line));
  }

  private static String plural(Axis axis) {
    return axis == Axis.CACHE ? "cache" : part(axis) + "s";
  }

  private static String beside(Tolerance line) {
    return line.weightBits().isPresent()
        ? " beside %d weight bits".formatted(line.weightBits().getAsInt())
        : "";
  }

  private static String verdict(Tolerance line) {
    String tolerated =
        line.bits().isPresent()
            ? "tolerates %d %s bits".formatted(line.bits().getAsInt(), part(line.axis()))
            : "";
    if (line.stop().isEmpty()) {
      return tolerated;
    }
    Step stop = line.stop().get();
    String bits = tolerated.isEmpty() ? " %s bits".formatted(part(line.axis())) : "";
    String failed =
        stop.outcome() == Outcome.NOT_TOLERATED
            ? "does not tolerate " + stop.bits() + bits
            : "is undecided at " + stop.bits() + bits + toDecide(stop.best());
    return tolerated.isEmpty() ? failed : tolerated + " and " + failed;
  }

  private static String toDecide(PooledChange change) {
    if (change.isBroken()) {
      return " (an item has no finite value)";
    }
    return change.itemsToDecide().isPresent()
        ? " (about %s items like these would decide)"
            .formatted(Figures.count(change.itemsToDecide().getAsLong()))
        : change.interval().isEmpty()
            ? " (one item or cluster has no interval)"
            : " (the change lies so close to the margin that more items hardly help)";
  }

  private static String effect(PooledChange change) {
    return value(change)
        + change.effectInterval().map(i -> " (" + range(change, i) + ")").orElse("");
  }

  private static String value(PooledChange change) {
    return change.type().isText()
        ? Figures.ratio(change.effect())
        : Figures.points(change.effect());
  }

  private static String range(PooledChange change, Interval interval) {
    return change.type().isText() ? Figures.range(interval) : Figures.pointRange(interval);
  }

  private Table table() {
    List<TaskType> columns = new ArrayList<>(types);
    boolean hasOverall = types.stream().filter(type -> !type.isText()).count() > 1;
    if (hasOverall) {
      columns.add(Findings.ALL);
    }
    Map<String, Map<TaskType, PooledChange>> byScheme = new LinkedHashMap<>();
    findings.overall().forEach(one -> put(byScheme, one));
    findings.changes().forEach(one -> put(byScheme, one));
    List<Row> rows = new ArrayList<>();
    byScheme.forEach((scheme, byType) -> {
      List<Cell> cells = new ArrayList<>();
      cells.add(Cell.of(scheme));
      columns.forEach(type -> cells.add(cell(Optional.ofNullable(byType.get(type)))));
      rows.add(new Row(cells));
    });
    List<String> heads = new ArrayList<>(List.of("Scheme"));
    columns.forEach(type -> heads.add(Words.sentenceCase(label(type))));
    return new Table("Change by scheme and task type", false, heads, rows);
  }

  private static void put(Map<String, Map<TaskType, PooledChange>> byScheme, PooledChange change) {
    byScheme
        .computeIfAbsent(change.scheme(), _ -> new LinkedHashMap<>())
        .put(change.type(), change);
  }

  private static Cell cell(Optional<PooledChange> found) {
    if (found.isEmpty()) {
      return notRun();
    }
    PooledChange change = found.get();
    List<String> notes = new ArrayList<>();
    change.effectInterval().ifPresent(i -> notes.add(range(change, i)));
    notes.add(words(change));
    change.retention().ifPresent(left -> notes.add(Figures.percent(left) + " kept above chance"));
    if (change.models() < change.modelsOfType()) {
      notes.add("%d of %d models".formatted(change.models(), change.modelsOfType()));
    }
    String tone =
        switch (change.outcome()) {
          case TOLERATED -> "better";
          case NOT_TOLERATED -> "worse";
          case UNDECIDED -> "unclear";
        };
    return new Cell(value(change), List.copyOf(notes), "number " + tone);
  }

  private static String words(PooledChange change) {
    return switch (change.outcome()) {
      case TOLERATED, NOT_TOLERATED -> word(change.outcome());
      case UNDECIDED ->
          change.isBroken()
              ? "no finite value"
              : change.itemsToDecide().isPresent()
                  ? "undecided, ≈ %s items needed"
                      .formatted(Figures.count(change.itemsToDecide().getAsLong()))
                  : "undecided";
    };
  }
}
