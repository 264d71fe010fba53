// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text;

import io.lowbit.text.TokenizerJson.Merge;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A {@code .tiktoken} file: one piece per line, its bytes in base64 and its rank, which is both its
 * id and its place in the order of merging.
 *
 * @param pieces by rank, in the byte alphabet
 */
record TiktokenRanks(List<String> pieces) {
  /**
   * Reads the lines of a file.
   *
   * @throws IllegalArgumentException naming the line that is wrong
   */
  static TiktokenRanks read(List<String> lines) {
    List<String> pieces = new ArrayList<>(lines.size());
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      int space = line.indexOf(' ');
      if (line.isEmpty() && i == lines.size() - 1) {
        break;
      }
      try {
        if (space > 0 && Integer.parseInt(line.substring(space + 1)) == i) {
          pieces.add(BytePieces.spell(Base64.getDecoder().decode(line.substring(0, space))));
          continue;
        }
      } catch (IllegalArgumentException e) {
        throw malformed(i, line, e);
      }
      throw malformed(i, line, null);
    }
    return new TiktokenRanks(pieces);
  }

  private static IllegalArgumentException malformed(int index, String line, Exception cause) {
    return new IllegalArgumentException(
        "line %d is '%.60s', expected base64 and the rank %d".formatted(index + 1, line, index),
        cause);
  }

  /**
   * The merges in rank order: each piece is made of the two that its bytes merge into under the
   * ranks before it.
   *
   * @throws IllegalArgumentException if a piece cannot be made of two earlier ones
   */
  List<Merge> merges() {
    Map<String, Integer> ranks = new HashMap<>();
    List<Merge> merges = new ArrayList<>();
    for (int rank = 0; rank < pieces.size(); rank++) {
      String piece = pieces.get(rank);
      if (piece.length() > 1) {
        merges.add(
            lastMerge(piece, ranks)
                .orElseThrow(() ->
                    new IllegalArgumentException(
                        "piece '" + piece + "' cannot be merged from two earlier pieces")));
      }
      ranks.put(piece, rank);
    }
    return merges;
  }

  private static Optional<Merge> lastMerge(String piece, Map<String, Integer> ranks) {
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < piece.length(); i++) {
      parts.add(piece.substring(i, i + 1));
    }
    while (parts.size() > 2) {
      int best = -1;
      int bestRank = Integer.MAX_VALUE;
      for (int i = 0; i + 1 < parts.size(); i++) {
        Integer rank = ranks.get(parts.get(i) + parts.get(i + 1));
        if (rank != null && rank < bestRank) {
          bestRank = rank;
          best = i;
        }
      }
      if (best < 0) {
        return Optional.empty();
      }
      parts.set(best, parts.get(best) + parts.remove(best + 1));
    }
    boolean known = ranks.containsKey(parts.get(0)) && ranks.containsKey(parts.get(1));
    return known ? Optional.of(new Merge(parts.get(0), parts.get(1))) : Optional.empty();
  }
}
