// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Writes and changes {@code tokenizer.json}, the one description the tokenizer library reads. */
final class TokenizerJson {
  private TokenizerJson() {}

  /** Two neighbouring pieces that become one; the earlier in a list, the sooner. */
  record Merge(String left, String right) {
    /**
     * Reads a merge as vocabularies write it, two pieces separated by a space.
     *
     * @param where how an error names it
     * @throws IllegalArgumentException if it is not of that form or speaks of unknown pieces
     */
    static Merge parse(String text, String where, Set<String> known) {
      int space = text.indexOf(' ', 1);
      if (space < 0 || space == text.length() - 1) {
        throw new IllegalArgumentException(
            where + " is '" + text + "', expected two pieces separated by a space");
      }
      Merge merge = new Merge(text.substring(0, space), text.substring(space + 1));
      for (String piece : List.of(merge.left, merge.right, merge.left + merge.right)) {
        if (!known.contains(piece)) {
          throw new IllegalArgumentException(
              where + " is '" + text + "' but '" + piece + "' is not in the vocabulary");
        }
      }
      return merge;
    }
  }

  /**
   * A token that is cut out of the text before anything else.
   *
   * @param special left out by decoding without special tokens
   */
  record AddedToken(int id, String content, boolean special) {}

  /** What is put before and after every text when special tokens are asked for. */
  record Frame(Optional<AddedToken> before, Optional<AddedToken> after) {}

  /**
   * What every kind of BPE tokenizer has.
   *
   * @param pieces by id; empty text where there is none
   */
  record Vocabulary(List<String> pieces, List<Merge> merges, List<AddedToken> added, Frame frame) {}

  /** Byte-level BPE as GPT-2 has it. */
  static String byteLevel(Vocabulary vocabulary, PreTokenizer rule, boolean prefixSpace) {
    JsonObject model = bpe(vocabulary);
    model.addProperty("ignore_merges", rule.wholePieces());
    JsonArray steps = new JsonArray();
    for (int i = 0; i < rule.splits().size(); i++) {
      JsonObject pattern = new JsonObject();
      pattern.addProperty("Regex", rule.splits().get(i));
      JsonObject step = typed("Split");
      step.add("pattern", pattern);
      step.addProperty("behavior", "Isolated");
      step.addProperty("invert", false);
      steps.add(step);
    }
    JsonObject byteLevel = typed("ByteLevel");
    byteLevel.addProperty("add_prefix_space", prefixSpace);
    byteLevel.addProperty("trim_offsets", false);
    byteLevel.addProperty("use_regex", false);
    steps.add(byteLevel);
    JsonObject preTokenizer = typed("Sequence");
    preTokenizer.add("pretokenizers", steps);
    JsonObject root = document(vocabulary, model);
    root.add("normalizer", rule.compose() ? typed("NFC") : JsonNull.INSTANCE);
    root.add("pre_tokenizer", preTokenizer);
    root.add("decoder", byteLevel.deepCopy());
    return root.toString();
  }

  /** BPE over characters with U+2581 for a space, as SentencePiece has it. */
  static String sentencePiece(Vocabulary vocabulary, SpaceRule spaces, Optional<String> unknown) {
    JsonObject model = bpe(vocabulary);
    unknown.ifPresent(piece -> model.addProperty("unk_token", piece));
    model.addProperty("fuse_unk", true);
    model.addProperty("byte_fallback", vocabulary.pieces().contains("<0x00>"));
    JsonObject root = document(vocabulary, model);
    root.add("normalizer", spaces.normalizer());
    root.add("pre_tokenizer", spaces.preTokenizer());
    root.add("decoder", spaces.decoder());
    return root.toString();
  }

  /**
   * The same tokenizer, but text that reads like a special token is ordinary text.
   *
   * @throws IllegalStateException if the model is not BPE
   */
  static String withoutSpecialTokens(String json) {
    JsonObject root = JsonParser.parseString(json).getAsJsonObject();
    JsonObject model = root.getAsJsonObject("model");
    if (!model.has("merges")) {
      throw new IllegalStateException(
          "special-token text can be read as ordinary text only by a BPE tokenizer");
    }
    JsonObject vocabulary = model.getAsJsonObject("vocab");
    JsonArray kept = new JsonArray();
    for (JsonElement element : root.getAsJsonArray("added_tokens")) {
      JsonObject token = element.getAsJsonObject();
      // The library numbers an added token that is not in the vocabulary by its place in the list,
      // so those that stay must be in the vocabulary to keep their ids.
      vocabulary.add(token.get("content").getAsString(), token.get("id"));
      if (!token.has("special") || !token.get("special").getAsBoolean()) {
        kept.add(token);
      }
    }
    root.add("added_tokens", kept);
    return root.toString();
  }

  /** The same tokenizer with another rule for what is put before and after a text. */
  static String withFrame(String json, Frame frame) {
    JsonObject root = JsonParser.parseString(json).getAsJsonObject();
    root.add("post_processor", postProcessor(frame));
    return root.toString();
  }

  static JsonObject typed(String type) {
    JsonObject object = new JsonObject();
    object.addProperty("type", type);
    return object;
  }

  private static JsonObject bpe(Vocabulary vocabulary) {
    JsonObject vocab = new JsonObject();
    for (int id = 0; id < vocabulary.pieces().size(); id++) {
      if (!vocabulary.pieces().get(id).isEmpty()) {
        vocab.addProperty(vocabulary.pieces().get(id), id);
      }
    }
    JsonArray merges = new JsonArray(vocabulary.merges().size());
    for (Merge merge : vocabulary.merges()) {
      JsonArray pair = new JsonArray(2);
      pair.add(merge.left());
      pair.add(merge.right());
      merges.add(pair);
    }
    JsonObject model = typed("BPE");
    model.add("vocab", vocab);
    model.add("merges", merges);
    return model;
  }

  private static JsonObject document(Vocabulary vocabulary, JsonObject model) {
    JsonArray addedTokens = new JsonArray();
    for (AddedToken token : vocabulary.added()) {
      JsonObject entry = new JsonObject();
      entry.addProperty("id", token.id());
      entry.addProperty("content", token.content());
      entry.addProperty("single_word", false);
      entry.addProperty("lstrip", false);
      entry.addProperty("rstrip", false);
      entry.addProperty("normalized", false);
      entry.addProperty("special", token.special());
      addedTokens.add(entry);
    }
    JsonObject root = new JsonObject();
    root.addProperty("version", "1.0");
    root.add("added_tokens", addedTokens);
    root.add("post_processor", postProcessor(vocabulary.frame()));
    root.add("model", model);
    return root;
  }

  private static JsonElement postProcessor(Frame frame) {
    if (frame.before().isEmpty() && frame.after().isEmpty()) {
      return JsonNull.INSTANCE;
    }
    JsonObject special = new JsonObject();
    JsonArray single = new JsonArray();
    JsonArray pair = new JsonArray();
    for (int type = 0; type < 2; type++) {
      for (JsonArray template : type == 0 ? List.of(single, pair) : List.of(pair)) {
        frame.before().ifPresent(token -> addToken(template, special, token));
        template.add(templatePart("Sequence", type == 0 ? "A" : "B"));
        frame.after().ifPresent(token -> addToken(template, special, token));
      }
    }
    JsonObject processor = typed("TemplateProcessing");
    processor.add("single", single);
    processor.add("pair", pair);
    processor.add("special_tokens", special);
    return processor;
  }

  private static void addToken(JsonArray template, JsonObject special, AddedToken token) {
    template.add(templatePart("SpecialToken", token.content()));
    JsonArray ids = new JsonArray();
    ids.add(token.id());
    JsonArray tokens = new JsonArray();
    tokens.add(token.content());
    JsonObject entry = new JsonObject();
    entry.addProperty("id", token.content());
    entry.add("ids", ids);
    entry.add("tokens", tokens);
    special.add(token.content(), entry);
  }

  private static JsonObject templatePart(String kind, String id) {
    JsonObject part = new JsonObject();
    part.addProperty("id", id);
    part.addProperty("type_id", 0);
    JsonObject wrapped = new JsonObject();
    wrapped.add(kind, part);
    return wrapped;
  }
}
