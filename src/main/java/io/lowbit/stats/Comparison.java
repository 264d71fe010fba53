// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import io.lowbit.results.ItemRecord;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Everything the records at hand say: each cell's number, each scheme against its model's baseline,
 * and perplexity against scores. A pure function of the records, whatever their order.
 *
 * @param settings what was asked
 * @param baselines the baseline scheme of each model
 * @param cells one per model, scheme, task and metric, sorted as {@link Cell#of} does
 * @param comparisons one per cell that is not a baseline's
 * @param adjustedP Holm-adjusted p of each comparison, over all comparisons of primary metrics with
 *     a defined p; empty for the others
 * @param discoveryP the same by Benjamini and Hochberg
 * @param correlations perplexities against scores over schemes
 * @param notes what a reader must know, as sentences
 */
public record Comparison(
    Settings settings,
    Map<String, String> baselines,
    List<CellSummary> cells,
    List<SchemeComparison> comparisons,
    List<OptionalDouble> adjustedP,
    List<OptionalDouble> discoveryP,
    List<ProxyCorrelation> correlations,
    List<String> notes) {

  /**
   * What to compare and how.
   *
   * @param baseline scheme to compare with; if empty, each model's scheme with the most bits
   * @param level coverage of the intervals
   * @param scoreMargin what counts as the same for mean scores, in units of the score
   * @param lnPerplexityMargin what counts as the same for perplexities, in nats (0.01 is 1 %)
   */
  public record Settings(
      Optional<String> baseline, double level, double scoreMargin, double lnPerplexityMargin) {

    /** 95 % intervals, one point of score, one percent of perplexity. */
    public static final Settings DEFAULT = new Settings(Optional.empty(), 0.95, 0.01, 0.01);

    /** Checks the numbers. */
    public Settings {
      if (!(level > 0 && level < 1)) {
        throw new IllegalArgumentException(
            "an interval's level lies between 0 and 1, not " + level);
      }
      Equivalence.requireMargin(scoreMargin);
      Equivalence.requireMargin(lnPerplexityMargin);
    }
  }

  /** Unquantized schemes, preferred in this order among schemes with as many bits. */
  private static final List<String> UNQUANTIZED = List.of("fp32", "bf16", "fp16");

  /**
   * Compares.
   *
   * @throws IllegalArgumentException if there is no record, the records contradict each other, or
   *     no model has the named baseline
   */
  public static Comparison of(List<ItemRecord> records, Settings settings) {
    if (records.isEmpty()) {
      throw new IllegalArgumentException("there is no record to compare; give files with results");
    }
    return ofCells(Cell.of(records), settings);
  }

  /**
   * Compares records that are grouped already.
   *
   * @param cells of all records, from {@link Cell#of}
   * @throws IllegalArgumentException if the cells contradict each other, or no model has the named
   *     baseline
   */
  public static Comparison ofCells(List<Cell> cells, Settings settings) {
    List<String> notes = new ArrayList<>();
    Map<String, String> baselines = baselines(cells, settings.baseline(), notes);
    List<SchemeComparison> comparisons = comparisons(cells, baselines, settings, notes);
    List<OptionalDouble> adjusted = adjusted(comparisons, Multiplicity.Method.HOLM);
    long family = adjusted.stream().filter(OptionalDouble::isPresent).count();
    if (family > 1) {
      notes.add("Adjusted p-values are Holm's over these " + family + " comparisons.");
    }
    List<CellSummary> summaries =
        cells.stream().map(cell -> CellSummary.of(cell, settings.level())).toList();
    return new Comparison(
        settings,
        baselines,
        summaries,
        comparisons,
        adjusted,
        adjusted(comparisons, Multiplicity.Method.BENJAMINI_HOCHBERG),
        ProxyCorrelation.of(summaries, settings.level()),
        List.copyOf(notes));
  }

  private static Map<String, String> baselines(
      List<Cell> cells, Optional<String> named, List<String> notes) {
    Map<String, Map<String, Double>> bitsOfSchemes = new LinkedHashMap<>();
    for (Cell cell : cells) {
      bitsOfSchemes
          .computeIfAbsent(cell.key().model(), m -> new LinkedHashMap<>())
          .put(cell.key().scheme(), cell.example().modelBits());
    }
    Map<String, String> baselines = new LinkedHashMap<>();
    bitsOfSchemes.forEach((model, schemes) -> {
      if (named.isEmpty()) {
        baselines.put(model, mostBits(schemes));
      } else if (schemes.containsKey(named.get())) {
        baselines.put(model, named.get());
      } else {
        notes.add(
            "%s has no results under the baseline %s and is not compared; it has %s."
                .formatted(model, named.get(), String.join(", ", schemes.keySet())));
      }
    });
    if (baselines.isEmpty()) {
      throw new IllegalArgumentException(
          "no model has results under the baseline '%s'; schemes are %s"
              .formatted(named.orElseThrow(), bitsOfSchemes));
    }
    return baselines;
  }

  private static String mostBits(Map<String, Double> schemes) {
    Comparator<Map.Entry<String, Double>> order =
        Comparator.<Map.Entry<String, Double>>comparingDouble(entry -> -entry.getValue())
            .thenComparingInt(entry -> {
              int place = UNQUANTIZED.indexOf(entry.getKey());
              return place < 0 ? UNQUANTIZED.size() : place;
            })
            .thenComparing(Map.Entry::getKey);
    return schemes.entrySet().stream().min(order).orElseThrow().getKey();
  }

  private static List<SchemeComparison> comparisons(
      List<Cell> cells, Map<String, String> baselines, Settings settings, List<String> notes) {
    Map<Cell.Key, Cell> byKey = new HashMap<>();
    cells.forEach(cell -> byKey.put(cell.key(), cell));
    List<SchemeComparison> comparisons = new ArrayList<>();
    for (Cell cell : cells) {
      Cell.Key key = cell.key();
      String baseline = baselines.get(key.model());
      if (baseline == null || baseline.equals(key.scheme())) {
        continue;
      }
      Cell base = byKey.get(new Cell.Key(key.model(), baseline, key.task(), key.metric()));
      if (base == null) {
        notes.add("%s is not compared: %s has no results there.".formatted(key, baseline));
      } else if (unpaired(base, cell).isPresent()) {
        notes.add("%s is not compared: %s.".formatted(key, unpaired(base, cell).get()));
      } else {
        comparisons.add(SchemeComparison.of(base, cell, settings));
      }
    }
    notes.addAll(withoutCounterpart(cells, baselines));
    return List.copyOf(comparisons);
  }

  /** Why results of another program cannot be paired; our own must fit or are an error. */
  private static Optional<String> unpaired(Cell base, Cell cell) {
    if (!base.example().isForeign() && !cell.example().isForeign()) {
      return Optional.empty();
    }
    Optional<Cell> shared = cell.sharedWith(base);
    if (shared.isEmpty()) {
      return Optional.of(
          "no item has the same name in %s (such as '%s' and '%s')"
              .formatted(base.key().scheme(), cell.example().item(), base.example().item()));
    }
    return base.metric().aggregation() == cell.metric().aggregation()
            && Arrays.equals(shared.get().units(), base.sharedWith(cell).orElseThrow().units())
        ? Optional.empty()
        : Optional.of(
            base.key().scheme() + " counts other tokens, words or bytes for the same items");
  }

  /** What a baseline has and another program's results beside it do not. */
  private static List<String> withoutCounterpart(List<Cell> cells, Map<String, String> baselines) {
    List<String> notes = new ArrayList<>();
    for (Cell foreign : cells) {
      Cell.Key key = foreign.key();
      String baseline = baselines.get(key.model());
      if (baseline == null || baseline.equals(key.scheme()) || !foreign.example().isForeign()) {
        continue;
      }
      for (Cell base : cells) {
        if (base.primary()
            && base.key().model().equals(key.model())
            && base.key().scheme().equals(baseline)
            && cells.stream().noneMatch(cell -> isOfTask(cell, key, base.key().task()))) {
          notes.add("%s has no results on %s.".formatted(key.scheme(), base.key().task()));
        }
      }
    }
    return notes.stream().distinct().toList();
  }

  private static boolean isOfTask(Cell cell, Cell.Key key, String task) {
    return cell.key().model().equals(key.model())
        && cell.key().scheme().equals(key.scheme())
        && cell.key().task().equals(task);
  }

  private static List<OptionalDouble> adjusted(
      List<SchemeComparison> comparisons, Multiplicity.Method method) {
    double[] family =
        comparisons.stream()
            .filter(Comparison::isTested)
            .mapToDouble(SchemeComparison::p)
            .toArray();
    double[] adjusted = Multiplicity.adjust(method, family);
    List<OptionalDouble> all = new ArrayList<>();
    int next = 0;
    for (SchemeComparison comparison : comparisons) {
      all.add(isTested(comparison) ? OptionalDouble.of(adjusted[next++]) : OptionalDouble.empty());
    }
    return List.copyOf(all);
  }

  private static boolean isTested(SchemeComparison comparison) {
    return comparison.primary() && !Double.isNaN(comparison.p());
  }

  /**
   * The cells as a table with one row per model and scheme: columns {@code model, scheme,
   * weightBits, modelBits, modelParameters}, and {@code TASK/METRIC} for each metric.
   */
  public List<Map<String, Object>> table() {
    Map<List<String>, Map<String, Object>> rows = new LinkedHashMap<>();
    for (CellSummary cell : cells) {
      Map<String, Object> row =
          rows.computeIfAbsent(
              List.of(cell.key().model(), cell.key().scheme()), _ -> new LinkedHashMap<>());
      row.put("model", cell.key().model());
      row.put("scheme", cell.key().scheme());
      row.put("weightBits", cell.example().weightBits());
      row.put("modelBits", cell.example().modelBits());
      row.put("modelParameters", cell.example().modelParameters());
      row.put(cell.key().task() + "/" + cell.key().metric(), cell.value());
    }
    return List.copyOf(rows.values());
  }
}
