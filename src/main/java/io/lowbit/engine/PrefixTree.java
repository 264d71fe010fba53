// SPDX-License-Identifier: Apache-2.0
package io.lowbit.engine;

import io.lowbit.text.Request;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Sequences that begin alike, arranged so that what they share is read once. A node is a run of
 * tokens after its parent's; a sequence ends in the node that holds its last input token.
 */
final class PrefixTree {
  /**
   * Sharing costs a pass of its own and a copied cache page; shorter common beginnings are read
   * twice instead.
   */
  private static final int SHORTEST_SHARED = 16;

  /**
   * A run of tokens.
   *
   * @param tokens what the model reads here
   * @param start position of the first of them
   * @param targets what is scored here, in row order
   * @param children continuations
   */
  record Node(int[] tokens, int start, List<Target> targets, List<Node> children) {}

  /**
   * A scored token.
   *
   * @param row row within the node that predicts it
   * @param token its id
   * @param sequence index of the sequence it belongs to
   * @param index index among that sequence's targets
   */
  record Target(int row, int token, int sequence, int index) {}

  private final List<Request.Tokens> sequences;
  private final Integer[] order;

  private PrefixTree(List<Request.Tokens> sequences) {
    this.sequences = sequences;
    this.order = new Integer[sequences.size()];
    for (int i = 0; i < order.length; i++) {
      order[i] = i;
    }
    Arrays.sort(
        order,
        Comparator.comparing(
            (Integer i) -> sequences.get(i),
            (a, b) -> Arrays.compare(a.ids(), 0, input(a), b.ids(), 0, input(b))));
  }

  /** The roots for a set of sequences; targets name sequences by their index in the list. */
  static List<Node> of(List<Request.Tokens> sequences) {
    PrefixTree tree = new PrefixTree(sequences);
    return tree.split(0, sequences.size(), 0);
  }

  /**
   * Nodes for the sorted sequences {@code [low, high)}, which agree in their first {@code from}
   * tokens.
   */
  private List<Node> split(int low, int high, int from) {
    List<Node> nodes = new ArrayList<>();
    int begin = low;
    while (begin < high) {
      if (input(begin) == from) {
        begin++; // read completely by the parent
        continue;
      }
      int end = begin + 1;
      int shared = input(begin);
      while (end < high) {
        int common = Math.min(shared, commonPrefix(end - 1, end));
        if (common - from < SHORTEST_SHARED && common < shared) {
          break;
        }
        shared = common;
        end++;
      }
      nodes.add(node(begin, end, from, shared));
      begin = end;
    }
    return nodes;
  }

  private Node node(int low, int high, int from, int to) {
    int[] tokens = Arrays.copyOfRange(sequences.get(order[low]).ids(), from, to);
    List<Target> targets = new ArrayList<>();
    for (int i = low; i < high; i++) {
      Request.Tokens sequence = sequences.get(order[i]);
      int first = Math.max(sequence.firstScored(), from + 1);
      for (int position = first; position <= Math.min(to, input(sequence)); position++) {
        targets.add(
            new Target(
                position - 1 - from,
                sequence.ids()[position],
                order[i],
                position - sequence.firstScored()));
      }
    }
    targets.sort(Comparator.comparingInt(Target::row));
    return new Node(tokens, from, targets, split(low, high, to));
  }

  private int input(int sorted) {
    return input(sequences.get(order[sorted]));
  }

  /** The model reads all tokens but the last. */
  private static int input(Request.Tokens sequence) {
    return sequence.ids().length - 1;
  }

  private int commonPrefix(int a, int b) {
    Request.Tokens left = sequences.get(order[a]);
    Request.Tokens right = sequences.get(order[b]);
    int mismatch = Arrays.mismatch(left.ids(), 0, input(left), right.ids(), 0, input(right));
    return mismatch < 0 ? input(left) : mismatch;
  }
}
