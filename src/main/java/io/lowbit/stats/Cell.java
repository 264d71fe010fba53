// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import io.lowbit.results.ItemRecord;
import io.lowbit.results.ItemRecord.Aggregation;
import io.lowbit.results.ItemRecord.Metric;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * All items of one model under one scheme on one task, seen through one metric of the task.
 *
 * @param key which
 * @param metric how the items become one number
 * @param primary whether it is the task's first metric
 * @param items the records, sorted by item, one per item
 */
public record Cell(Key key, Metric metric, boolean primary, List<ItemRecord> items) {

  /** Tells labels of clusters from names of items; it sorts before them. */
  private static final String CLUSTER = "\0";

  /** Names a cell. */
  public record Key(String model, String scheme, String task, String metric) {
    @Override
    public String toString() {
      return model + " / " + scheme + " / " + task + " / " + metric;
    }
  }

  private record Unit(String model, String scheme, String task) {}

  /**
   * Groups records into cells, sorted by model, task, bits (most first), scheme and metric, so that
   * nothing depends on the order of the records. Identical copies of a record count once.
   *
   * @throws IllegalArgumentException if an item has two different records, or a cell mixes
   *     protocols, data, weights, schemes or back-ends
   */
  public static List<Cell> of(List<ItemRecord> records) {
    Map<Unit, TreeMap<String, ItemRecord>> units = new LinkedHashMap<>();
    for (ItemRecord record : records) {
      Unit unit = new Unit(record.model(), record.scheme(), record.task());
      ItemRecord other =
          units.computeIfAbsent(unit, u -> new TreeMap<>()).putIfAbsent(record.item(), record);
      if (other != null && !other.equals(record)) {
        throw new IllegalArgumentException(
            "%s / %s / %s: item '%s' has two different records (keys %s and %s); give one run only"
                .formatted(
                    record.model(),
                    record.scheme(),
                    record.task(),
                    record.item(),
                    other.key(),
                    record.key()));
      }
    }
    List<Cell> cells = new ArrayList<>();
    for (Unit unit : sorted(units)) {
      List<ItemRecord> items = List.copyOf(units.get(unit).values());
      requireUniform(unit, items);
      List<Metric> metrics = items.getFirst().metrics();
      for (int i = 0; i < metrics.size(); i++) {
        Metric metric = metrics.get(i);
        Key key = new Key(unit.model, unit.scheme, unit.task, metric.name());
        cells.add(new Cell(key, metric, i == 0, items));
      }
    }
    return cells;
  }

  private static List<Unit> sorted(Map<Unit, TreeMap<String, ItemRecord>> units) {
    Comparator<Unit> order =
        Comparator.comparing(Unit::model)
            .thenComparing(Unit::task)
            .thenComparingDouble(unit -> -units.get(unit).firstEntry().getValue().modelBits())
            .thenComparing(Unit::scheme);
    return units.keySet().stream().sorted(order).toList();
  }

  private static void requireUniform(Unit unit, List<ItemRecord> items) {
    String where = unit.model + " / " + unit.scheme + " / " + unit.task;
    requireSame(where, "protocols", items, ItemRecord::protocol);
    requireSame(where, "task versions", items, ItemRecord::taskVersion);
    requireSame(where, "data files", items, ItemRecord::dataSha256);
    requireSame(where, "models' weights", items, ItemRecord::modelSha256);
    requireSame(where, "definitions of the scheme", items, ItemRecord::schemeJson);
    requireSame(where, "base types", items, ItemRecord::base);
    requireSame(where, "back-ends", items, ItemRecord::backend);
    requireSame(where, "metrics", items, ItemRecord::metrics);
  }

  static void requireSame(
      String where, String what, List<ItemRecord> items, Function<ItemRecord, Object> field) {
    Object first = field.apply(items.getFirst());
    for (ItemRecord item : items) {
      if (!Objects.equals(first, field.apply(item))) {
        throw new IllegalArgumentException(
            "%s: the records mix two %s: '%s' (item '%s') and '%s' (item '%s'); compare them apart"
                .formatted(
                    where, what, first, items.getFirst().item(), field.apply(item), item.item()));
      }
    }
  }

  /** The first record, for everything all items share. */
  public ItemRecord example() {
    return items.getFirst();
  }

  /** Whether the metric is exp of something per token, word, byte or document. */
  public boolean isPerplexity() {
    return switch (metric.aggregation()) {
      case MEAN, BITS_PER_BYTE -> false;
      case EXP_NEGATIVE_MEAN, TOKEN_PERPLEXITY, WORD_PERPLEXITY, BYTE_PERPLEXITY -> true;
    };
  }

  /** What each item adds above the fraction bar, see {@link ItemRecord#numerator}. */
  double[] numerators() {
    double[] numerators = new double[items.size()];
    for (int i = 0; i < numerators.length; i++) {
      numerators[i] = items.get(i).numerator(metric);
    }
    return numerators;
  }

  /** What each item adds below the fraction bar, see {@link ItemRecord#denominator}. */
  double[] units() {
    return items.stream().mapToDouble(item -> item.denominator(metric)).toArray();
  }

  Clusters clusters() {
    return hasClusters()
        ? Clusters.of(items.stream().map(Cell::cluster).toList())
        : Clusters.singletons(items.size());
  }

  /** Whether any item belongs to a cluster. */
  boolean hasClusters() {
    for (ItemRecord item : items) {
      if (!isAlone(item)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isAlone(ItemRecord item) {
    return item.cluster() == null || item.cluster().isEmpty();
  }

  /**
   * Label of an item's cluster. An item without one is a cluster of its own, whose label is the
   * item's name: no text is made for it, as there are millions.
   */
  static String cluster(ItemRecord item) {
    if (!isAlone(item)) {
      return CLUSTER + item.cluster();
    }
    return item.item().startsWith(CLUSTER) ? CLUSTER + CLUSTER + item.item() : item.item();
  }

  /** The same cell with only the items whose numbers are given. */
  Cell select(List<ItemRecord> kept) {
    return new Cell(
        key,
        metric,
        primary,
        kept.stream().sorted(Comparator.comparing(ItemRecord::item)).toList());
  }

  /** The same cell with only the items that another cell has too; none if there are none. */
  Optional<Cell> sharedWith(Cell other) {
    if (hasSameItems(other)) {
      return Optional.of(this);
    }
    Set<String> others = other.items.stream().map(ItemRecord::item).collect(Collectors.toSet());
    List<ItemRecord> kept = items.stream().filter(item -> others.contains(item.item())).toList();
    return kept.isEmpty() ? Optional.empty() : Optional.of(select(kept));
  }

  private boolean hasSameItems(Cell other) {
    if (items.size() != other.items.size()) {
      return false;
    }
    for (int i = 0; i < items.size(); i++) {
      if (!items.get(i).item().equals(other.items.get(i).item())) {
        return false;
      }
    }
    return true;
  }

  /** Whether an item's value is NaN or infinite. */
  boolean isBroken() {
    return !Arrays.stream(numerators()).allMatch(Double::isFinite);
  }

  /** Whether this is the task's score, see {@link CellSummary#isScore}. */
  public boolean isScore() {
    return isFirst(example(), metric, Cell::isMean);
  }

  /**
   * Whether this is the perplexity of the task's text, see {@link CellSummary#isTextPerplexity}.
   */
  boolean isTextPerplexity() {
    return isFirst(example(), metric, Cell::isOfText);
  }

  /** Whether a metric is the first of its kind among a task's metrics. */
  static boolean isFirst(ItemRecord example, Metric metric, Predicate<Aggregation> kind) {
    return example.metrics().stream()
        .filter(one -> kind.test(one.aggregation()))
        .findFirst()
        .filter(first -> first.name().equals(metric.name()))
        .isPresent();
  }

  /** Whether the aggregation is a plain mean. */
  boolean isMean() {
    return isMean(metric.aggregation());
  }

  static boolean isMean(Aggregation aggregation) {
    return aggregation == Aggregation.MEAN;
  }

  /** Whether it is about each token, word or byte of a text. */
  static boolean isOfText(Aggregation aggregation) {
    return switch (aggregation) {
      case MEAN, EXP_NEGATIVE_MEAN -> false;
      case TOKEN_PERPLEXITY, WORD_PERPLEXITY, BYTE_PERPLEXITY, BITS_PER_BYTE -> true;
    };
  }
}
