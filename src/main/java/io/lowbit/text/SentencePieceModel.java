// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text;

import io.lowbit.text.ScoredPieces.PieceType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * A SentencePiece {@code tokenizer.model} of the BPE kind (sentencepiece_model.proto).
 *
 * @param pieces the vocabulary
 * @param bos id of the beginning of sequence, if the model has one
 * @param eos id of the end of sequence, if the model has one
 * @param dummyPrefix whether a space is put in front of text
 * @param collapse whether white space at both ends goes and runs of spaces become one
 */
record SentencePieceModel(
    ScoredPieces pieces, OptionalInt bos, OptionalInt eos, boolean dummyPrefix, boolean collapse) {
  private static final int UNIGRAM = 1;
  private static final int BPE = 2;

  /** The parts of trainer_spec that matter here, at the defaults of the format. */
  private static final class Trainer {
    int modelType = UNIGRAM;
    int bos = 1;
    int eos = 2;
    boolean spaceAsSuffix;

    void read(Protobuf in) {
      while (in.next()) {
        switch (in.field()) {
          case 3 -> modelType = (int) in.integer();
          case 24 -> spaceAsSuffix = in.bool();
          case 41 -> bos = (int) in.integer();
          case 42 -> eos = (int) in.integer();
          default -> in.skip();
        }
      }
    }
  }

  /** The parts of normalizer_spec that matter here, at the defaults of the format. */
  private static final class Normalizer {
    boolean characterMap;
    boolean dummyPrefix = true;
    boolean collapse = true;
    boolean escape = true;

    void read(Protobuf in) {
      while (in.next()) {
        switch (in.field()) {
          case 2 -> characterMap = in.bytes().length > 0;
          case 3 -> dummyPrefix = in.bool();
          case 4 -> collapse = in.bool();
          case 5 -> escape = in.bool();
          default -> in.skip();
        }
      }
    }
  }

  /**
   * Reads a model.
   *
   * @throws IllegalArgumentException if the bytes are no such model or the model is of another kind
   */
  static SentencePieceModel read(byte[] bytes) {
    List<String> pieces = new ArrayList<>();
    List<Float> scores = new ArrayList<>();
    List<PieceType> types = new ArrayList<>();
    Trainer trainer = new Trainer();
    Normalizer normalizer = new Normalizer();
    Protobuf in = Protobuf.of(bytes);
    while (in.next()) {
      switch (in.field()) {
        case 1 -> readPiece(in.message(), pieces, scores, types);
        case 2 -> trainer.read(in.message());
        case 3 -> normalizer.read(in.message());
        default -> in.skip();
      }
    }
    if (pieces.isEmpty()) {
      throw new IllegalArgumentException("it has no pieces, so it is not a SentencePiece model");
    }
    if (trainer.modelType != BPE) {
      throw new IllegalArgumentException(
          "it is of SentencePiece model type "
              + trainer.modelType
              + ", and only type 2 (BPE) is supported; use the model's tokenizer.json instead");
    }
    if (trainer.spaceAsSuffix || !normalizer.escape || normalizer.characterMap) {
      throw new IllegalArgumentException(
          "it normalises characters (precompiled_charsmap), treats white space as a suffix, or does"
              + " not escape it, which is not supported; use the model's tokenizer.json instead");
    }
    return new SentencePieceModel(
        new ScoredPieces(pieces, scores, types),
        optionalId(trainer.bos, pieces.size()),
        optionalId(trainer.eos, pieces.size()),
        normalizer.dummyPrefix,
        normalizer.collapse);
  }

  private static void readPiece(
      Protobuf in, List<String> pieces, List<Float> scores, List<PieceType> types) {
    String piece = "";
    float score = 0;
    PieceType type = PieceType.NORMAL;
    while (in.next()) {
      switch (in.field()) {
        case 1 -> piece = new String(in.bytes(), StandardCharsets.UTF_8);
        case 2 -> score = in.float32();
        case 3 -> type = PieceType.of((int) in.integer(), pieces.size());
        default -> in.skip();
      }
    }
    pieces.add(piece);
    scores.add(score);
    types.add(type);
  }

  private static OptionalInt optionalId(int id, int count) {
    if (id >= count) {
      throw new IllegalArgumentException(
          "it names the special id " + id + " but has " + count + " pieces");
    }
    return id < 0 ? OptionalInt.empty() : OptionalInt.of(id);
  }

  /**
   * How spaces are treated.
   *
   * @param legacy whether every fragment between special tokens gets the prefix, as SentencePiece
   *     itself would do
   */
  SpaceRule spaces(boolean legacy) {
    SpaceRule.Prefix prefix = SpaceRule.Prefix.NONE;
    if (dummyPrefix) {
      prefix = legacy ? SpaceRule.Prefix.EVERY_FRAGMENT : SpaceRule.Prefix.FIRST_FRAGMENT;
    }
    return new SpaceRule(prefix, collapse);
  }
}
