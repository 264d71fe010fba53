// SPDX-License-Identifier: Apache-2.0
package io.lowbit.results;

import io.lowbit.results.ItemRecord.Metric;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/** Records as a table with a row per item and metric. */
public final class RecordTable {
  /** Name of the table. */
  public static final String NAME = "records";

  private record Source(ItemRecord item, Metric metric) {}

  /** By model, task, scheme and item, numbered items in the order of their numbers. */
  public static final Comparator<ItemRecord> ORDER =
      Comparator.comparing(ItemRecord::model)
          .thenComparing(ItemRecord::task)
          .thenComparing(ItemRecord::scheme)
          .thenComparingLong(record -> number(record.item()))
          .thenComparing(ItemRecord::item)
          .thenComparing(ItemRecord::key);

  private static final List<ResultTable.Field<Source>> FIELDS =
      Stream.of(
              item("key", String.class, ItemRecord::key),
              item("model", String.class, ItemRecord::model),
              item("modelSha256", String.class, ItemRecord::modelSha256),
              item("modelParameters", Long.class, ItemRecord::modelParameters),
              item("scheme", String.class, ItemRecord::scheme),
              item("schemeJson", String.class, ItemRecord::schemeJson),
              item("base", String.class, ItemRecord::base),
              item("weightBits", Double.class, ItemRecord::weightBits),
              item("modelBits", Double.class, ItemRecord::modelBits),
              item("execution", String.class, ItemRecord::execution),
              item("backend", String.class, ItemRecord::backend),
              item("task", String.class, ItemRecord::task),
              item("taskVersion", Long.class, ItemRecord::taskVersion),
              item("taskType", String.class, ItemRecord::taskType),
              item("protocol", String.class, ItemRecord::protocol),
              item("dataSha256", String.class, ItemRecord::dataSha256),
              item("item", String.class, ItemRecord::item),
              item("cluster", String.class, ItemRecord::cluster),
              metric("metric", String.class, s -> s.metric.name()),
              metric("aggregation", String.class, s -> s.metric.aggregation()),
              metric("higherIsBetter", Boolean.class, s -> s.metric.higherIsBetter()),
              metric("chance", Double.class, s -> s.metric.chance()),
              metric("primary", Boolean.class, s -> s.metric.equals(s.item.metrics().getFirst())),
              metric("value", Double.class, s -> s.item.numerator(s.metric)),
              metric("weight", Double.class, s -> s.item.denominator(s.metric)),
              item("logLikelihoods", List.class, r -> finite(r.logLikelihoods())),
              item("prediction", String.class, ItemRecord::prediction),
              item("target", String.class, ItemRecord::target))
          .toList();

  private RecordTable() {}

  /**
   * The table, in an order that does not depend on that of the records. {@code value} is an item's
   * score, or its nats for perplexities, and {@code weight} what it counts: the sum of values over
   * the sum of weights is the mean, or the logarithm of the perplexity.
   */
  public static ResultTable of(List<ItemRecord> records) {
    List<Source> sources = new ArrayList<>();
    records.stream()
        .distinct()
        .sorted(ORDER)
        .forEach(item -> item.metrics().forEach(metric -> sources.add(new Source(item, metric))));
    return ResultTable.of(NAME, FIELDS, sources);
  }

  /** Items that are numbered in their numbers' order, before all others. */
  private static long number(String item) {
    return item.matches("[0-9]{1,18}") ? Long.parseLong(item) : Long.MAX_VALUE;
  }

  private static List<Double> finite(List<Double> values) {
    return values.stream().allMatch(v -> v != null && Double.isFinite(v)) ? values : null;
  }

  private static ResultTable.Field<Source> item(
      String name, Class<?> type, Function<ItemRecord, Object> value) {
    return ResultTable.Field.of(name, type, source -> value.apply(source.item));
  }

  private static ResultTable.Field<Source> metric(
      String name, Class<?> type, Function<Source, Object> value) {
    return ResultTable.Field.of(name, type, value);
  }
}
