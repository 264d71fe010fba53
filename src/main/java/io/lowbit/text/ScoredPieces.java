// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text;

import io.lowbit.text.TokenizerJson.AddedToken;
import io.lowbit.text.TokenizerJson.Frame;
import io.lowbit.text.TokenizerJson.Merge;
import io.lowbit.text.TokenizerJson.Vocabulary;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A SentencePiece BPE vocabulary, which merges by score: of all neighbouring pairs whose
 * concatenation is a piece, the one with the highest score is merged first, the leftmost among
 * equals.
 *
 * @param pieces by id
 * @param scores one per piece
 * @param types one per piece
 */
record ScoredPieces(List<String> pieces, List<Float> scores, List<PieceType> types) {
  /** The kinds of piece, numbered from 1 as SentencePiece and GGUF do. */
  enum PieceType {
    NORMAL,
    UNKNOWN,
    CONTROL,
    USER_DEFINED,
    UNUSED,
    BYTE;

    /**
     * The kind of that number.
     *
     * @throws IllegalArgumentException if there is none
     */
    static PieceType of(int number, int id) {
      if (number < 1 || number > values().length) {
        throw new IllegalArgumentException(
            "piece " + id + " has type " + number + ", expected 1 to " + values().length);
      }
      return values()[number - 1];
    }
  }

  private record Ranked(Merge merge, float score, int id) {}

  /** The tokenizer as {@code tokenizer.json}. */
  String toJson(SpaceRule spaces, Frame frame) {
    List<AddedToken> added = new ArrayList<>();
    Optional<String> unknown = Optional.empty();
    for (int id = 0; id < pieces.size(); id++) {
      switch (types.get(id)) {
        case UNKNOWN -> {
          added.add(new AddedToken(id, pieces.get(id), true));
          unknown = Optional.of(pieces.get(id));
        }
        case CONTROL -> added.add(new AddedToken(id, pieces.get(id), true));
        case USER_DEFINED -> added.add(new AddedToken(id, pieces.get(id), false));
        case NORMAL, UNUSED, BYTE -> {}
      }
    }
    return TokenizerJson.sentencePiece(
        new Vocabulary(pieces, merges(), added, frame), spaces, unknown);
  }

  /**
   * Every way to make a piece out of two others, best score first. A list of ranks cannot express
   * "leftmost among equals" for different splits of one piece; the longer left part first comes
   * closest, because merging from the left makes left parts grow.
   */
  private List<Merge> merges() {
    Map<String, Integer> ids = new HashMap<>();
    for (int id = 0; id < pieces.size(); id++) {
      // Only these are found by merging; text that reads "<s>" or "<0x0A>" is ordinary text.
      if (types.get(id) == PieceType.NORMAL || types.get(id) == PieceType.UNUSED) {
        ids.put(pieces.get(id), id);
      }
    }
    List<Ranked> merges = new ArrayList<>();
    ids.forEach((piece, id) -> {
      for (int cut = 1; cut < piece.length(); cut++) {
        String left = piece.substring(0, cut);
        String right = piece.substring(cut);
        if (ids.containsKey(left) && ids.containsKey(right)) {
          merges.add(new Ranked(new Merge(left, right), scores.get(id), id));
        }
      }
    });
    Comparator<Ranked> byScore = Comparator.comparing(Ranked::score, Comparator.reverseOrder());
    Comparator<Ranked> byLeft =
        Comparator.comparing(r -> r.merge().left().length(), Comparator.reverseOrder());
    merges.sort(byScore.thenComparingInt(Ranked::id).thenComparing(byLeft));
    return merges.stream().map(Ranked::merge).toList();
  }
}
