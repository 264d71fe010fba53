// SPDX-License-Identifier: Apache-2.0
package io.lowbit.report;

import io.lowbit.stats.CellSummary;
import io.lowbit.stats.Comparison;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/** What in the design of a study limits what it can say. */
final class DesignWarnings {
  /** Below this the normal approximations behind intervals and tests say little. */
  static final int FEW_ITEMS = 10;

  private DesignWarnings() {}

  /** As sentences; none if nothing stands out. */
  static List<String> of(Comparison comparison) {
    List<String> warnings = new ArrayList<>();
    fewItems(comparison, warnings);
    mixed(
        comparison,
        cell -> cell.example().execution(),
        "%s: simulated (fake) and real kernels are mixed (%s). Differences between the two groups"
            + " contain that of their arithmetic.",
        warnings);
    mixed(
        comparison,
        cell -> cell.example().backend(),
        "%s: back-ends are mixed (%s). Differences between the groups contain that of their"
            + " arithmetic.",
        warnings);
    unpinned(comparison, warnings);
    return warnings;
  }

  private static void fewItems(Comparison comparison, List<String> warnings) {
    Map<String, Integer> fewest = new LinkedHashMap<>();
    for (CellSummary cell : comparison.cells()) {
      if (cell.clusters() < FEW_ITEMS) {
        fewest.merge(cell.key().task(), cell.clusters(), Math::min);
      }
    }
    fewest.forEach((task, count) ->
        warnings.add(
            "%s: only %s. Below %d its intervals and tests are rough, and a small one proves little."
                .formatted(task, Words.counted(count, "independent item"), FEW_ITEMS)));
  }

  /** Schemes of one model that were not run in the same way. */
  private static void mixed(
      Comparison comparison,
      Function<CellSummary, String> way,
      String sentence,
      List<String> warnings) {
    Map<String, Map<String, TreeSet<String>>> byModel = new LinkedHashMap<>();
    for (CellSummary cell : comparison.cells()) {
      byModel
          .computeIfAbsent(cell.key().model(), _ -> new TreeMap<>())
          .computeIfAbsent(way.apply(cell), _ -> new TreeSet<>())
          .add(cell.key().scheme());
    }
    byModel.forEach((model, ways) -> {
      if (ways.size() > 1) {
        List<String> groups = new ArrayList<>();
        ways.forEach((name, schemes) -> groups.add(name + ": " + String.join(", ", schemes)));
        warnings.add(sentence.formatted(model, String.join("; ", groups)));
      }
    });
  }

  private static void unpinned(Comparison comparison, List<String> warnings) {
    List<String> tasks =
        comparison.cells().stream()
            .filter(cell -> cell.example().isForeign())
            .map(cell -> cell.key().task())
            .distinct()
            .toList();
    if (!tasks.isEmpty()) {
      warnings.add(
          "%s: the data are not pinned by a hash, so that another run may have scored other items."
              .formatted(Words.listed(tasks)));
    }
  }
}
