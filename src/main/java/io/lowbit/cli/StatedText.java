// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import io.lowbit.results.LlamaCppDivergence;
import io.lowbit.results.LlamaCppDivergence.Statistic;
import io.lowbit.stats.StatedRatio;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What llama.cpp printed, side by side, and what it lets one say. */
final class StatedText {
  private StatedText() {}

  static void print(List<StatedRatio> all, PrintWriter out) {
    Set<String> names = new LinkedHashSet<>();
    all.forEach(one -> names.addAll(one.table().statistics().keySet()));
    List<List<String>> rows = new ArrayList<>();
    rows.add(row("llama.cpp", all, LlamaCppDivergence::name));
    rows.add(
        row(
            "windows",
            all,
            table -> table.windows() == 0 ? "–" : Integer.toString(table.windows())));
    for (String name : names) {
      rows.add(
          row(
              name,
              all,
              table ->
                  table.statistics().containsKey(name)
                      ? shown(table.statistics().get(name))
                      : "–"));
    }
    out.println();
    StatisticsText.table(rows, out);
    out.println();
    all.forEach(one -> out.println(one.sentence()));
  }

  private interface Column {
    String of(LlamaCppDivergence table);
  }

  private static List<String> row(String heading, List<StatedRatio> all, Column column) {
    List<String> row = new ArrayList<>();
    row.add(heading);
    all.forEach(one -> row.add(column.of(one.table())));
    return row;
  }

  private static String shown(Statistic statistic) {
    return number(statistic.value())
        + (statistic.error().isPresent() ? " ± " + number(statistic.error().getAsDouble()) : "")
        + (statistic.isPercent() ? " %" : "");
  }

  /** The digits that were read, without an exponent. */
  private static String number(double value) {
    return Double.isNaN(value) ? "–" : BigDecimal.valueOf(value).toPlainString();
  }
}
