// SPDX-License-Identifier: Apache-2.0
package io.lowbit.engine;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import io.lowbit.text.Request;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.testng.annotations.Test;

public class PrefixTreeTest {
  @Test
  public void choicesOfOneQuestionReadItsContextOnce() {
    int[] context = Arrays.copyOf(new int[] {7, 8, 9}, 20);
    List<Request.Tokens> choices =
        List.of(after(context, 1), after(context, 2), after(context, 3, 4));
    List<PrefixTree.Node> roots = PrefixTree.of(choices);
    assertEquals(roots.size(), 1);
    PrefixTree.Node root = roots.get(0);
    assertEquals(root.tokens(), context);
    assertEquals(
        root.targets().size(), 3, "the first target of each choice is predicted by the context");
    assertEquals(root.children().size(), 1, "single-token choices need no pass of their own");
    assertEquals(root.children().get(0).tokens(), new int[] {3});
  }

  @Test
  public void everyTargetIsPredictedByItsOwnPrefix() {
    Random random = new Random(5);
    for (int round = 0; round < 200; round++) {
      List<Request.Tokens> sequences = new ArrayList<>();
      int[] trunk = random.ints(60, 0, 3).toArray();
      for (int i = 0; i < 8; i++) {
        int[] tokens = Arrays.copyOf(trunk, 2 + random.nextInt(58));
        for (int j = random.nextInt(tokens.length); j < tokens.length; j++) {
          tokens[j] = random.nextInt(3);
        }
        sequences.add(new Request.Tokens(tokens, 1 + random.nextInt(tokens.length - 1)));
      }
      Map<String, Integer> seen = new HashMap<>();
      PrefixTree.of(sequences).forEach(root -> walk(root, new int[0], sequences, seen));
      for (int i = 0; i < sequences.size(); i++) {
        Request.Tokens sequence = sequences.get(i);
        for (int k = 0; k < sequence.ids().length - sequence.firstScored(); k++) {
          assertEquals(seen.get(i + ":" + k), Integer.valueOf(1), "each target exactly once");
        }
      }
    }
  }

  private static void walk(
      PrefixTree.Node node,
      int[] before,
      List<Request.Tokens> sequences,
      Map<String, Integer> seen) {
    assertEquals(node.start(), before.length);
    assertTrue(node.tokens().length > 0);
    int[] path = Arrays.copyOf(before, before.length + node.tokens().length);
    System.arraycopy(node.tokens(), 0, path, before.length, node.tokens().length);
    int lastRow = 0;
    for (PrefixTree.Target target : node.targets()) {
      assertTrue(target.row() >= lastRow, "rows do not fall");
      lastRow = target.row();
      Request.Tokens sequence = sequences.get(target.sequence());
      int position = sequence.firstScored() + target.index();
      assertEquals(target.token(), sequence.ids()[position]);
      assertEquals(before.length + target.row(), position - 1);
      assertEquals(Arrays.copyOf(path, position), Arrays.copyOf(sequence.ids(), position));
      seen.merge(target.sequence() + ":" + target.index(), 1, Integer::sum);
    }
    node.children().forEach(child -> walk(child, path, sequences, seen));
  }

  private static Request.Tokens after(int[] context, int... continuation) {
    int[] ids = Arrays.copyOf(context, context.length + continuation.length);
    System.arraycopy(continuation, 0, ids, context.length, continuation.length);
    return new Request.Tokens(ids, context.length);
  }
}
