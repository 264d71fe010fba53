// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import io.lowbit.results.SchemeParts;
import io.lowbit.stats.TaskPools.Pair;
import io.lowbit.stats.TaskPools.Run;
import io.lowbit.stats.TaskPools.Task;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Larger at fewer bits, or smaller at more? Each configuration of a smaller model meets each larger
 * model once: in the scheme with the most memory that is no more than a tenth above its own. Which
 * pairs are shown thus depends on sizes alone, never on scores.
 */
final class SizePairs {
  private final TaskPools pools;
  private final Configurations configurations;
  private final double level;

  private SizePairs(TaskPools pools, Configurations configurations, double level) {
    this.pools = pools;
    this.configurations = configurations;
    this.level = level;
  }

  /** All pairs, by memory of the smaller model, most first; Holm's p over all of them. */
  static List<SizePair> of(TaskPools pools, Configurations configurations, double level) {
    SizePairs pairs = new SizePairs(pools, configurations, level);
    return adjusted(
        pairs
            .matches()
            .map(match -> pairs.compare(match.larger, match.smaller))
            .flatMap(Optional::stream)
            .toList());
  }

  private record Match(Configuration larger, Configuration smaller) {
    static final Comparator<Match> ORDER =
        Comparator.<Match>comparingDouble(match -> -match.smaller.megabytes())
            .thenComparing(match -> match.smaller.model())
            .thenComparing(match -> match.larger.model());
  }

  private Stream<Match> matches() {
    Map<String, List<Configuration>> byModel = new TreeMap<>();
    for (Configuration one : configurations.scored()) {
      byModel.computeIfAbsent(one.model(), _ -> new ArrayList<>()).add(one);
    }
    byModel.replaceAll((_, all) -> oneOfEachSize(all));
    return byModel.values().stream()
        .flatMap(List::stream)
        .flatMap(smaller -> byModel.values().stream().flatMap(all -> fit(smaller, all).stream()))
        .sorted(Match.ORDER);
  }

  /** Among equal sizes the one in which the least else is low-bit. */
  private List<Configuration> oneOfEachSize(List<Configuration> ofModel) {
    Map<Double, Configuration> bySize = new TreeMap<>();
    for (Configuration one : ofModel) {
      bySize.merge(one.modelBits(), one, (a, b) -> restOrder().compare(a, b) <= 0 ? a : b);
    }
    return List.copyOf(bySize.values());
  }

  private Comparator<Configuration> restOrder() {
    Function<Configuration, Integer> activations =
        one -> parts(one).map(p -> bits(p.activations())).orElse(0);
    Function<Configuration, Integer> cache = one -> parts(one).map(p -> bits(p.cache())).orElse(0);
    return Comparator.comparing(activations)
        .thenComparing(cache)
        .thenComparing(Configuration::scheme);
  }

  /** 0 for none, then more the fewer bits there are. */
  private static int bits(SchemeParts.Part part) {
    return part.isLowBit() ? Integer.MAX_VALUE - part.bits().orElse(0) : 0;
  }

  private Optional<SchemeParts> parts(Configuration one) {
    Run run = new Run(one.model(), one.scheme());
    return pools.tasks().stream()
        .map(task -> Optional.ofNullable(pools.cells(task).get(run)))
        .flatMap(Optional::stream)
        .findFirst()
        .flatMap(cell -> SchemeParts.of(cell.example().schemeJson()));
  }

  private static Optional<Match> fit(Configuration smaller, List<Configuration> larger) {
    return larger.stream()
        .filter(one -> one.parameters() > smaller.parameters())
        .filter(one -> one.modelBits() < smaller.modelBits())
        .filter(one -> one.megabytes() <= SizePair.MOST_MEMORY * smaller.megabytes())
        .max(Comparator.comparingDouble(Configuration::megabytes))
        .map(one -> new Match(one, smaller));
  }

  private Optional<SizePair> compare(Configuration larger, Configuration smaller) {
    Run first = new Run(smaller.model(), smaller.scheme());
    Run second = new Run(larger.model(), larger.scheme());
    List<Pair> pairs = new ArrayList<>();
    for (Task task : pools.tasks()) {
      if (!task.type().isText() && configurations.scoreTasks().contains(task.name())) {
        pools.pair(task, first, second).filter(SizePairs::isSameQuestion).ifPresent(pairs::add);
      }
    }
    return pools
        .mean(pairs.stream().map(TaskPools::gain).toList())
        .map(mean -> {
          Optional<PairedBinary> flips = flips(pairs);
          boolean isMcNemar =
              flips.isPresent()
                  && pairs.size() == 1
                  && !pairs.getFirst().base().clusters().shared();
          return new SizePair(
              larger,
              smaller,
              mean,
              mean.interval(level).map(interval -> interval.cut(-1, 1)),
              flips,
              isMcNemar ? flips.get().midP() : mean.p(),
              isMcNemar ? "McNemar mid-p" : "paired t, clusters, pooled over tasks",
              Double.NaN);
        });
  }

  /** Other data or another version of the task may give other items the same name. */
  private static boolean isSameQuestion(Pair pair) {
    return pair.base().example().dataSha256().equals(pair.quant().example().dataSha256())
        && pair.base().example().taskVersion() == pair.quant().example().taskVersion();
  }

  private static Optional<PairedBinary> flips(List<Pair> pairs) {
    int[] counts = new int[4];
    for (Pair pair : pairs) {
      double[] base = pair.base().numerators();
      double[] quant = pair.quant().numerators();
      if (!CellSummary.isBinary(base) || !CellSummary.isBinary(quant)) {
        return Optional.empty();
      }
      PairedBinary table = PairedBinary.of(base, quant);
      counts[0] += table.bothRight();
      counts[1] += table.baseOnly();
      counts[2] += table.quantOnly();
      counts[3] += table.bothWrong();
    }
    return Optional.of(new PairedBinary(counts[0], counts[1], counts[2], counts[3]));
  }

  private static List<SizePair> adjusted(List<SizePair> pairs) {
    List<SizePair> tested = pairs.stream().filter(pair -> !Double.isNaN(pair.p())).toList();
    double[] p =
        Multiplicity.adjust(
            Multiplicity.Method.HOLM, tested.stream().mapToDouble(SizePair::p).toArray());
    List<SizePair> all = new ArrayList<>();
    int next = 0;
    for (SizePair pair : pairs) {
      all.add(Double.isNaN(pair.p()) ? pair : pair.withAdjustedP(p[next++]));
    }
    return List.copyOf(all);
  }
}
