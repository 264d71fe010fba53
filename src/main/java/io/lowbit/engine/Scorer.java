// SPDX-License-Identifier: Apache-2.0
package io.lowbit.engine;

import io.lowbit.backend.KvCache;
import io.lowbit.backend.TargetScores;
import io.lowbit.model.Batch;
import io.lowbit.model.Decoder;
import io.lowbit.model.Pass;
import io.lowbit.text.Request;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * Scores sequences. Shared beginnings are read once, sequences of any length share a pass; neither
 * changes a score, because every back-end operation is a function of its own row and sequence only.
 */
public final class Scorer {
  private final Decoder decoder;
  private final int tokensPerPass;

  /**
   * A scorer over a decoder.
   *
   * @param tokensPerPass tokens a pass should hold; a longer run is read in pieces
   */
  public Scorer(Decoder decoder, int tokensPerPass) {
    this.decoder = decoder;
    this.tokensPerPass = tokensPerPass;
  }

  /** Scores of the sequences, in their order. */
  public List<SequenceScore> score(List<Request.Tokens> sequences) {
    double[][] logProbabilities = new double[sequences.size()][];
    boolean[] greedy = new boolean[sequences.size()];
    for (int i = 0; i < sequences.size(); i++) {
      Request.Tokens sequence = sequences.get(i);
      logProbabilities[i] = new double[sequence.scored()];
      greedy[i] = true;
    }
    run(
        PrefixTree.of(sequences),
        (target, logProbability, rank) -> {
          logProbabilities[target.sequence()][target.index()] = logProbability;
          greedy[target.sequence()] &= rank == 0;
        });
    List<SequenceScore> scores = new ArrayList<>();
    for (int i = 0; i < logProbabilities.length; i++) {
      scores.add(new SequenceScore(logProbabilities[i], greedy[i]));
    }
    return scores;
  }

  private interface Sink {
    void accept(PrefixTree.Target target, double logProbability, int rank);
  }

  /** A piece of a node that is ready to be read. */
  private record Piece(PrefixTree.Node node, int from, int to, KvCache cache) {
    int tokens() {
      return to - from;
    }
  }

  private void run(List<PrefixTree.Node> roots, Sink sink) {
    Deque<PrefixTree.Node> waiting = new ArrayDeque<>(roots);
    Deque<Piece> ready = new ArrayDeque<>();
    try {
      while (!ready.isEmpty() || !waiting.isEmpty()) {
        List<Piece> batch = new ArrayList<>();
        int tokens = 0;
        while (tokens < tokensPerPass) {
          // Deepest first: caches of half-read sequences are few that way.
          Piece next =
              !ready.isEmpty() ? ready.pop() : waiting.isEmpty() ? null : open(waiting.poll());
          if (next == null) {
            break;
          }
          int take = Math.min(next.tokens(), tokensPerPass - tokens);
          batch.add(new Piece(next.node, next.from, next.from + take, next.cache));
          tokens += take;
        }
        read(batch, sink);
        for (Piece piece : batch) {
          follow(piece, ready);
        }
      }
    } finally {
      ready.forEach(piece -> piece.cache.close());
    }
  }

  private Piece open(PrefixTree.Node root) {
    return new Piece(root, 0, root.tokens().length, decoder.newCache());
  }

  /** Queues what comes after a piece that has been read: the rest of its node, or the children. */
  private static void follow(Piece piece, Deque<Piece> ready) {
    PrefixTree.Node node = piece.node;
    if (piece.to < node.tokens().length) {
      ready.push(new Piece(node, piece.to, node.tokens().length, piece.cache));
      return;
    }
    List<PrefixTree.Node> children = node.children();
    for (int i = children.size() - 1; i >= 0; i--) {
      PrefixTree.Node child = children.get(i);
      KvCache cache = i == 0 ? piece.cache : piece.cache.fork();
      ready.push(new Piece(child, 0, child.tokens().length, cache));
    }
    if (children.isEmpty()) {
      piece.cache.close();
    }
  }

  private void read(List<Piece> pieces, Sink sink) {
    List<Batch.Continuation> continuations = new ArrayList<>();
    List<PrefixTree.Target> targets = new ArrayList<>();
    List<Integer> rows = new ArrayList<>();
    int row = 0;
    for (Piece piece : pieces) {
      int[] ids = Arrays.copyOfRange(piece.node.tokens(), piece.from, piece.to);
      continuations.add(new Batch.Continuation(piece.cache, ids));
      for (PrefixTree.Target target : piece.node.targets()) {
        if (target.row() >= piece.from && target.row() < piece.to) {
          targets.add(target);
          rows.add(row + target.row() - piece.from);
        }
      }
      row += ids.length;
    }
    try (Pass pass = decoder.forward(Batch.of(continuations))) {
      TargetScores scores =
          decoder.logProbs(
              pass,
              rows.stream().mapToInt(Integer::intValue).toArray(),
              targets.stream().mapToInt(PrefixTree.Target::token).toArray());
      for (int i = 0; i < targets.size(); i++) {
        sink.accept(targets.get(i), scores.logProbability()[i], scores.rank()[i]);
      }
    }
  }
}
