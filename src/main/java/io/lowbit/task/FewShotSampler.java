// SPDX-License-Identifier: Apache-2.0
package io.lowbit.task;

import io.lowbit.table.Row;
import io.lowbit.task.TaskDefinition.FewShot;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Draws examples as lm-evaluation-harness does: one generator per task, one draw per scored row in
 * row order. So a row's examples depend on its position, and on nothing that is left out later.
 */
final class FewShotSampler {
  private final List<Row> pool;
  private final FewShot rule;
  private final int shots;
  private final PythonRandom random;

  FewShotSampler(List<Row> pool, FewShot rule, int shots, long seed) {
    this.pool = pool;
    this.rule = rule;
    this.shots = shots;
    this.random = new PythonRandom(seed);
  }

  /** Positions in the pool of the examples for the next scored row. */
  List<Integer> draw(Row scored) {
    List<Integer> drawn = new ArrayList<>();
    if (shots == 0) {
      return drawn;
    }
    int wanted = rule.drawsOneMore() ? shots + 1 : shots;
    if (wanted > pool.size()) {
      throw new IllegalArgumentException(
          shots
              + " shots need a pool of "
              + wanted
              + " rows, but it has "
              + pool.size()
              + "; use fewer shots or a larger pool");
    }
    int[] positions =
        rule.firstRows()
            ? IntStream.range(0, wanted).toArray()
            : random.sample(pool.size(), wanted);
    for (int position : positions) {
      boolean isScoredRow =
          rule.drawsOneMore() && pool.get(position).values().equals(scored.values());
      if (!isScoredRow && drawn.size() < shots) {
        drawn.add(position);
      }
    }
    return drawn;
  }
}
