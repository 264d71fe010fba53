// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * Immediate post-dominators of a function's instructions, by the iteration of Cooper, Harvey and
 * Kennedy, "A simple, fast dominance algorithm" (2001), on the reversed graph.
 */
final class ControlFlow {
  private final List<int[]> successors;
  private final int exit;
  private final List<List<Integer>> predecessors = new ArrayList<>();
  private final int[] order;
  private final int[] rank;
  private final int[] dominator;
  private int reached;

  private ControlFlow(List<int[]> successors) {
    this.successors = successors;
    exit = successors.size();
    order = new int[exit + 1];
    rank = new int[exit + 1];
    dominator = new int[exit + 1];
  }

  /**
   * For each instruction the first one that every path from it to the end passes.
   *
   * @param successors of each instruction; the number of instructions stands for the end
   * @return the number of instructions where only the end is common
   */
  static int[] postDominators(List<int[]> successors) {
    ControlFlow flow = new ControlFlow(successors);
    flow.number();
    flow.iterate();
    int[] result = Arrays.copyOf(flow.dominator, flow.exit);
    for (int i = 0; i < result.length; i++) {
      result[i] = result[i] < 0 ? flow.exit : result[i];
    }
    return result;
  }

  /** Numbers the nodes in reverse post-order of the reversed graph, starting at the end. */
  private void number() {
    for (int i = 0; i <= exit; i++) {
      predecessors.add(new ArrayList<>());
    }
    for (int i = 0; i < exit; i++) {
      for (int successor : successors.get(i)) {
        predecessors.get(successor).add(i);
      }
    }
    Arrays.fill(rank, -1);
    boolean[] seen = new boolean[exit + 1];
    int[] next = new int[exit + 1];
    Deque<Integer> path = new ArrayDeque<>();
    path.push(exit);
    seen[exit] = true;
    int last = exit;
    while (!path.isEmpty()) {
      int node = path.element();
      List<Integer> from = predecessors.get(node);
      if (next[node] < from.size()) {
        int predecessor = from.get(next[node]++);
        if (!seen[predecessor]) {
          seen[predecessor] = true;
          path.push(predecessor);
        }
      } else {
        path.pop();
        order[last] = node;
        rank[node] = last--;
      }
    }
    reached = last + 1;
  }

  private void iterate() {
    Arrays.fill(dominator, -1);
    dominator[exit] = exit;
    boolean changed = true;
    while (changed) {
      changed = false;
      for (int i = reached + 1; i <= exit; i++) {
        int node = order[i];
        int common = -1;
        for (int successor : successors.get(node)) {
          if (dominator[successor] >= 0) {
            common = common < 0 ? successor : meet(common, successor);
          }
        }
        changed |= dominator[node] != common;
        dominator[node] = common;
      }
    }
  }

  private int meet(int a, int b) {
    int one = a;
    int other = b;
    while (one != other) {
      while (rank[one] > rank[other]) {
        one = dominator[one];
      }
      while (rank[other] > rank[one]) {
        other = dominator[other];
      }
    }
    return one;
  }
}
