// SPDX-License-Identifier: Apache-2.0
package io.lowbit.report;

import io.lowbit.results.ItemRecord;
import io.lowbit.stats.Cell;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The items of one task under all schemes of one model.
 *
 * @param model its name
 * @param task its name
 * @param metric what the verdict is read from: the task's score, else its first metric
 * @param schemes names, the baseline first if there is one
 * @param hasBaseline whether the first scheme is what the others are compared with
 * @param samples the items, those that turned wrong under most schemes first, then those that
 *     turned right, then the others; sorted by name among equals
 */
record SamplesUnit(
    String model,
    String task,
    String metric,
    List<String> schemes,
    boolean hasBaseline,
    List<Sample> samples) {

  /** What a score says of an answer. */
  enum Verdict {
    RIGHT('1'),
    WRONG('0'),
    /** A score between, or none: nothing that could flip. */
    NO_VERDICT('n'),
    /** The scheme has no record of the item. */
    ABSENT(' ');

    private final char letter;

    Verdict(char letter) {
      this.letter = letter;
    }

    /** As the page's script reads it. */
    char letter() {
      return letter;
    }

    static Verdict of(ItemRecord record, String metric) {
      if (record == null) {
        return ABSENT;
      }
      Double score = record.values().get(metric);
      return score == null || (score != 0 && score != 1) ? NO_VERDICT : score == 1 ? RIGHT : WRONG;
    }
  }

  /**
   * An item under each scheme.
   *
   * @param item its name
   * @param records one per scheme, null where a scheme lacks the item
   * @param lost schemes under which it turned wrong
   * @param won schemes under which it turned right
   */
  record Sample(String item, ItemRecord[] records, int lost, int won) {
    boolean isFlipped() {
      return lost + won > 0;
    }

    static Sample of(String item, ItemRecord[] records, String metric, boolean hasBaseline) {
      Verdict base = hasBaseline ? Verdict.of(records[0], metric) : Verdict.NO_VERDICT;
      int lost = 0;
      int won = 0;
      for (ItemRecord record : records) {
        Verdict verdict = Verdict.of(record, metric);
        lost += base == Verdict.RIGHT && verdict == Verdict.WRONG ? 1 : 0;
        won += base == Verdict.WRONG && verdict == Verdict.RIGHT ? 1 : 0;
      }
      return new Sample(item, records, lost, won);
    }
  }

  private static final Comparator<Sample> ORDER =
      Comparator.comparingInt((Sample sample) -> -sample.lost)
          .thenComparingInt(sample -> -sample.won)
          .thenComparing(Sample::item);

  private record Name(String model, String task) {}

  /** The units of a comparison's cells, in their order. */
  static List<SamplesUnit> of(List<Cell> cells, Map<String, String> baselines) {
    Map<Name, Map<String, Cell>> units = new LinkedHashMap<>();
    for (Cell cell : cells) {
      Cell.Key key = cell.key();
      units
          .computeIfAbsent(new Name(key.model(), key.task()), _ -> new LinkedHashMap<>())
          .merge(key.scheme(), cell, SamplesUnit::telling);
    }
    List<SamplesUnit> all = new ArrayList<>();
    units.forEach((name, byScheme) ->
        all.add(of(name, byScheme, Optional.ofNullable(baselines.get(name.model)))));
    return all;
  }

  /** Of a task's metrics the score tells right from wrong; the first one comes first. */
  private static Cell telling(Cell first, Cell next) {
    return !first.isScore() && next.isScore() ? next : first;
  }

  private static SamplesUnit of(Name name, Map<String, Cell> byScheme, Optional<String> baseline) {
    boolean hasBaseline = baseline.filter(byScheme::containsKey).isPresent();
    List<String> schemes = new ArrayList<>(byScheme.keySet());
    if (hasBaseline) {
      schemes.remove(baseline.get());
      schemes.addFirst(baseline.get());
    }
    String metric = byScheme.get(schemes.getFirst()).metric().name();
    Map<String, ItemRecord[]> items = new TreeMap<>();
    Map<String, String> same = new HashMap<>();
    for (int i = 0; i < schemes.size(); i++) {
      for (ItemRecord record : byScheme.get(schemes.get(i)).items()) {
        String item = same.computeIfAbsent(record.item(), key -> key);
        items.computeIfAbsent(item, _ -> new ItemRecord[schemes.size()])[i] = record;
      }
    }
    List<Sample> samples = new ArrayList<>();
    items.forEach((item, records) -> samples.add(Sample.of(item, records, metric, hasBaseline)));
    samples.sort(ORDER);
    return new SamplesUnit(
        name.model, name.task, metric, List.copyOf(schemes), hasBaseline, samples);
  }

  /** The same with some of the items. */
  SamplesUnit with(List<Sample> kept) {
    return new SamplesUnit(model, task, metric, schemes, hasBaseline, kept);
  }
}
