// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text;

import io.lowbit.text.ScoredPieces.PieceType;
import io.lowbit.text.TokenizerJson.AddedToken;
import io.lowbit.text.TokenizerJson.Frame;
import io.lowbit.text.TokenizerJson.Merge;
import io.lowbit.text.TokenizerJson.Vocabulary;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;

/** Opens tokenizers. */
public final class Tokenizers {
  private Tokenizers() {}

  /**
   * Builds the tokenizer a description asks for.
   *
   * @throws IllegalArgumentException if the description contradicts itself or asks for something
   *     that is not known
   */
  public static Tokenizer open(TokenizerSpec spec) {
    return open(spec, NativeTokenizer.PART_CHARS);
  }

  /** Like {@link #open(TokenizerSpec)}, with texts encoded in parts of so many UTF-16 units. */
  static NativeTokenizer open(TokenizerSpec spec, int partChars) {
    String json =
        switch (spec) {
          case TokenizerSpec.HuggingFace h -> h.json();
          case TokenizerSpec.Ggml g -> json(g);
        };
    return new NativeTokenizer(json, spec.bos(), spec.eos(), partChars);
  }

  /** What a user should be told about results with this tokenizer; one sentence each. */
  public static List<String> warnings(TokenizerSpec spec) {
    if (spec instanceof TokenizerSpec.Ggml g
        && g.model().equals("gpt2")
        && g.preTokenizer().isEmpty()) {
      return List.of(
          "the GGUF file names no pre-tokenizer (tokenizer.ggml.pre), so GPT-2's rule is used;"
              + " token ids may differ from the model's own tokenizer and from other programs");
    }
    return List.of();
  }

  private static String json(TokenizerSpec.Ggml spec) {
    List<PieceType> types = types(spec);
    Frame frame =
        new Frame(
            spec.addBos() ? Optional.of(special(spec, spec.bos(), "BOS")) : Optional.empty(),
            spec.addEos() ? Optional.of(special(spec, spec.eos(), "EOS")) : Optional.empty());
    return switch (spec.model()) {
      case "gpt2" -> byteLevel(spec, types, frame);
      case "llama" -> {
        if (spec.scores().size() != spec.pieces().size()) {
          throw new IllegalArgumentException(
              "the vocabulary has "
                  + spec.pieces().size()
                  + " pieces but "
                  + spec.scores().size()
                  + " scores; a SentencePiece vocabulary needs one score per piece");
        }
        SpaceRule.Prefix prefix =
            spec.addSpacePrefix() ? SpaceRule.Prefix.EVERY_FRAGMENT : SpaceRule.Prefix.NONE;
        yield new ScoredPieces(spec.pieces(), spec.scores(), types)
            .toJson(new SpaceRule(prefix, false), frame);
      }
      default ->
          throw new IllegalArgumentException(
              "the vocabulary is of the kind '"
                  + spec.model()
                  + "' (tokenizer.ggml.model), which is not known; known are gpt2 and llama; use the"
                  + " model's tokenizer.json instead");
    };
  }

  private static String byteLevel(TokenizerSpec.Ggml spec, List<PieceType> types, Frame frame) {
    List<AddedToken> added = new ArrayList<>();
    for (int id = 0; id < types.size(); id++) {
      PieceType type = types.get(id);
      if (type == PieceType.CONTROL || type == PieceType.USER_DEFINED) {
        added.add(new AddedToken(id, spec.pieces().get(id), type == PieceType.CONTROL));
      }
    }
    Set<String> known = new HashSet<>(spec.pieces());
    List<Merge> merges = new ArrayList<>();
    for (int i = 0; i < spec.merges().size(); i++) {
      merges.add(Merge.parse(spec.merges().get(i), "merge " + i, known));
    }
    return TokenizerJson.byteLevel(
        new Vocabulary(spec.pieces(), merges, added, frame),
        PreTokenizer.named(spec.preTokenizer()),
        false);
  }

  /** Types as given, or all normal; BOS and EOS are special whatever the file calls them. */
  private static List<PieceType> types(TokenizerSpec.Ggml spec) {
    int count = spec.pieces().size();
    if (!spec.types().isEmpty() && spec.types().size() != count) {
      throw new IllegalArgumentException(
          "the vocabulary has " + count + " pieces but " + spec.types().size() + " types");
    }
    List<PieceType> types =
        spec.types().isEmpty()
            ? new ArrayList<>(Collections.nCopies(count, PieceType.NORMAL))
            : new ArrayList<>(
                IntStream.range(0, count)
                    .mapToObj(id -> PieceType.of(spec.types().get(id), id))
                    .toList());
    for (OptionalInt id : List.of(spec.bos(), spec.eos())) {
      if (id.isPresent()) {
        types.set(inRange(id.getAsInt(), count, "BOS or EOS"), PieceType.CONTROL);
      }
    }
    if (spec.model().equals("llama") && spec.unknown().isPresent()) {
      types.set(inRange(spec.unknown().getAsInt(), count, "unknown"), PieceType.UNKNOWN);
    }
    return types;
  }

  private static AddedToken special(TokenizerSpec.Ggml spec, OptionalInt id, String name) {
    int value =
        id.orElseThrow(() ->
            new IllegalArgumentException(
                "the vocabulary asks for " + name + " around every text but names no " + name));
    return new AddedToken(value, spec.pieces().get(value), true);
  }

  private static int inRange(int id, int count, String name) {
    if (id < 0 || id >= count) {
      throw new IllegalArgumentException(
          "the " + name + " token has id " + id + " but the vocabulary has " + count + " pieces");
    }
    return id;
  }
}
