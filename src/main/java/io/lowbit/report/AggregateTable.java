// SPDX-License-Identifier: Apache-2.0
package io.lowbit.report;

import io.lowbit.results.ResultTable;
import io.lowbit.stats.CellSummary;
import io.lowbit.stats.Comparison;
import io.lowbit.stats.Interval;
import io.lowbit.stats.PairedBinary;
import io.lowbit.stats.SchemeComparison;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.stream.Stream;

/** A comparison as a table with a row per model, scheme, task and metric. */
public final class AggregateTable {
  /** Name of the table. */
  public static final String NAME = "aggregates";

  /** A cell and, unless it is a baseline's, its comparison with the baseline's. */
  private record Source(
      CellSummary cell, Optional<SchemeComparison> paired, OptionalDouble adjustedP) {
    Object paired(Function<SchemeComparison, Object> value) {
      return paired.map(value).orElse(null);
    }
  }

  private static final List<ResultTable.Field<Source>> FIELDS =
      Stream.of(cell(), paired()).flatMap(List::stream).toList();

  private AggregateTable() {}

  /**
   * The table. {@code effect} is the value minus the baseline's on the items both have, or their
   * ratio where {@code effectIsRatio}; its columns are null for baselines.
   */
  public static ResultTable of(Comparison comparison) {
    Map<Object, Integer> places = new HashMap<>();
    List<SchemeComparison> comparisons = comparison.comparisons();
    for (int i = 0; i < comparisons.size(); i++) {
      places.put(comparisons.get(i).key(), i);
    }
    List<Source> sources = new ArrayList<>();
    for (CellSummary cell : comparison.cells()) {
      Integer place = places.get(cell.key());
      sources.add(
          place == null
              ? new Source(cell, Optional.empty(), OptionalDouble.empty())
              : new Source(
                  cell, Optional.of(comparisons.get(place)), comparison.adjustedP().get(place)));
    }
    return ResultTable.of(NAME, FIELDS, sources);
  }

  private static List<ResultTable.Field<Source>> cell() {
    return List.of(
        ofCell("model", String.class, c -> c.key().model()),
        ofCell("modelParameters", Long.class, c -> c.example().modelParameters()),
        ofCell("scheme", String.class, c -> c.key().scheme()),
        ofCell("base", String.class, c -> c.example().base()),
        ofCell("weightBits", Double.class, c -> c.example().weightBits()),
        ofCell("modelBits", Double.class, c -> c.example().modelBits()),
        ofCell("execution", String.class, c -> c.example().execution()),
        ofCell("backend", String.class, c -> c.example().backend()),
        ofCell("task", String.class, c -> c.key().task()),
        ofCell("taskVersion", Long.class, c -> c.example().taskVersion()),
        ofCell("taskType", String.class, c -> c.example().taskType()),
        ofCell("protocol", String.class, c -> c.example().protocol()),
        ofCell("metric", String.class, c -> c.key().metric()),
        ofCell("aggregation", String.class, c -> c.metric().aggregation()),
        ofCell("higherIsBetter", Boolean.class, c -> c.metric().higherIsBetter()),
        ofCell("chance", Double.class, c -> c.metric().chance()),
        ofCell("primary", Boolean.class, CellSummary::primary),
        ofCell("items", Long.class, CellSummary::items),
        ofCell("clusters", Long.class, CellSummary::clusters),
        ofCell("value", Double.class, CellSummary::value),
        ofCell("low", Double.class, c -> low(c.interval())),
        ofCell("high", Double.class, c -> high(c.interval())),
        ofCell("level", Double.class, c -> c.interval().map(Interval::level).orElse(null)),
        ofCell("intervalMethod", String.class, CellSummary::method));
  }

  private static List<ResultTable.Field<Source>> paired() {
    return List.of(
        ofPair("baseline", String.class, SchemeComparison::baseline),
        ofPair("pairedItems", Long.class, SchemeComparison::items),
        ofPair("effect", Double.class, SchemeComparison::effect),
        ofPair("effectIsRatio", Boolean.class, SchemeComparison::isRatio),
        ofPair("effectLow", Double.class, p -> low(p.interval())),
        ofPair("effectHigh", Double.class, p -> high(p.interval())),
        ofPair("p", Double.class, SchemeComparison::p),
        ResultTable.Field.of(
            "adjustedP",
            Double.class,
            s -> s.adjustedP.isPresent() ? s.adjustedP.getAsDouble() : null),
        ofPair("test", String.class, SchemeComparison::test),
        ofPair("rightToWrong", Long.class, p -> flips(p, PairedBinary::baseOnly)),
        ofPair("wrongToRight", Long.class, p -> flips(p, PairedBinary::quantOnly)),
        ofPair("margin", Double.class, p -> p.equivalence().margin()),
        ofPair("equivalenceP", Double.class, p -> p.equivalence().p()),
        ofPair("verdict", String.class, p -> p.verdict().words()),
        ofPair("answer", String.class, p -> p.answer().word()),
        ofPair("itemsToDecide", Long.class, p -> p.itemsToDecide().orElse(null)));
  }

  /** A value that every cell has; the record that stands for its items is of one model. */
  private static ResultTable.Field<Source> ofCell(
      String name, Class<?> type, Function<CellSummary, Object> value) {
    return ResultTable.Field.of(name, type, source -> value.apply(source.cell));
  }

  private static ResultTable.Field<Source> ofPair(
      String name, Class<?> type, Function<SchemeComparison, Object> value) {
    return ResultTable.Field.of(name, type, source -> source.paired(value));
  }

  private static Object flips(SchemeComparison pair, Function<PairedBinary, Integer> count) {
    return pair.flips().map(count).orElse(null);
  }

  private static Object low(Optional<Interval> interval) {
    return interval.map(Interval::low).orElse(null);
  }

  private static Object high(Optional<Interval> interval) {
    return interval.map(Interval::high).orElse(null);
  }
}
