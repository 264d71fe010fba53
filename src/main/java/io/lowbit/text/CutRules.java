// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import com.google.gson.stream.JsonReader;
import java.io.IOException;
import java.io.StringReader;
import java.text.Normalizer;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * Derives the {@link SafeCuts} of a tokenizer from its {@code tokenizer.json}. A text is encoded in
 * four steps: added tokens are taken out of it, what is between them is normalised, cut into words
 * by the pre-tokenizer, and each word is merged into pieces. A cut is safe if no step looks across
 * it. The rules here hold for the tokenizers of {@link #known}; for any other there are no cuts.
 *
 * <ul>
 *   <li><b>Added tokens</b> are found leftmost and longest first. Letters at a cut are chosen so
 *       that no added token ends right before it, starts right after it, or has both of its
 *       neighbours inside; so the search stands at its beginning there.
 *   <li><b>Normalising</b>: neither a space nor a line feed composes with anything in NFC. Of the
 *       rules of SentencePiece, runs of spaces and space at the ends of a text do not occur at a
 *       cut (there are no cuts at lines where ends are stripped), and the space in front of a text
 *       stands for the one that is left out.
 *   <li><b>Byte-level words</b>: the expressions of {@link PreTokenizer#isKnown} have no match in
 *       which a letter is followed by a space or a line feed by a letter, and look behind nothing
 *       and ahead only from within white space at the character after it. Left of the first kind of
 *       cut is a letter, left of the second a single line feed: {@code \s+(?!\S)} cannot match it
 *       before a letter, and {@code \s+} or {@code \s*[\r\n]+} then match what the former matches
 *       at the end of a text.
 *   <li><b>Merging</b>: SentencePiece merges over a whole text. A merge across a cut would make a
 *       piece that has the characters on both sides of it inside, so a cut is safe where the
 *       vocabulary has no such piece. The characters left of it must be in the vocabulary, so that
 *       no run of unknown ones, which may count as one, crosses it.
 * </ul>
 */
final class CutRules {
  private static final String MARK = "\u2581";
  private static final String LINE_BYTE = "<0x0A>";
  // Letters in every version of Unicode that a tokenizer may have been compiled with.
  private static final int[][] LETTERS = {
    {'A', 'Z'},
    {'a', 'z'},
    {0xC0, 0xD6},
    {0xD8, 0xF6},
    {0xF8, 0xFF},
    {0x391, 0x3A1},
    {0x3B1, 0x3C9},
    {0x410, 0x44F},
    {0x5D0, 0x5EA},
    {0x621, 0x63A},
    {0x905, 0x939},
    {0xE01, 0xE2E},
    {0x3041, 0x3094},
    {0x30A1, 0x30FA},
    {0x4E00, 0x9FA5},
    {0xAC00, 0xD7A3},
  };

  private final PieceTable pieces;
  private JsonElement normalizer = JsonNull.INSTANCE;
  private JsonElement preTokenizer = JsonNull.INSTANCE;
  private JsonElement postProcessor = JsonNull.INSTANCE;
  private JsonElement addedTokens = JsonNull.INSTANCE;
  private final JsonObject model = new JsonObject();

  private final BitSet beforeSpace = letters();
  private final BitSet afterSpace = letters();
  private final BitSet afterLine = letters();

  private CutRules(PieceTable pieces) {
    this.pieces = pieces;
  }

  /**
   * The cuts of a tokenizer; empty where none is known to be safe.
   *
   * @param json a tokenizer.json that the library accepts
   * @param pieces its vocabulary
   */
  static Optional<SafeCuts> of(String json, PieceTable pieces) {
    CutRules rules = new CutRules(pieces);
    try (JsonReader reader = new JsonReader(new StringReader(json))) {
      rules.read(reader);
    } catch (IOException e) {
      throw new IllegalArgumentException("not a valid tokenizer.json: " + e.getMessage(), e);
    }
    return rules.known();
  }

  /** Reads all but the vocabulary and the merges, which are large. */
  private void read(JsonReader reader) throws IOException {
    reader.beginObject();
    while (reader.hasNext()) {
      switch (reader.nextName()) {
        case "normalizer" -> normalizer = JsonParser.parseReader(reader);
        case "pre_tokenizer" -> preTokenizer = JsonParser.parseReader(reader);
        case "post_processor" -> postProcessor = JsonParser.parseReader(reader);
        case "added_tokens" -> addedTokens = JsonParser.parseReader(reader);
        case "model" -> readModel(reader);
        default -> reader.skipValue();
      }
    }
    reader.endObject();
  }

  private void readModel(JsonReader reader) throws IOException {
    reader.beginObject();
    while (reader.hasNext()) {
      String name = reader.nextName();
      if (name.equals("vocab") || name.equals("merges")) {
        reader.skipValue();
      } else {
        model.add(name, JsonParser.parseReader(reader));
      }
    }
    reader.endObject();
  }

  private Optional<SafeCuts> known() {
    // With dropout, merges are left out at random.
    boolean plainModel = isAbsent(model, "dropout");
    Optional<TokenFrame> frame = TokenFrame.of(postProcessor);
    if (!plainModel || frame.isEmpty()) {
      return Optional.empty();
    }
    if (WordRules.cutsByteLevelWords(preTokenizer)) {
      if (!normalizer.isJsonNull() && !normalizer.equals(TokenizerJson.typed("NFC"))) {
        return Optional.empty();
      }
      if (WordRules.addsSpace(preTokenizer)) {
        afterLine.clear();
      }
      return cuts(frame.get(), false, false);
    }
    return sentencePiece(frame.get());
  }

  private Optional<SafeCuts> sentencePiece(TokenFrame frame) {
    Optional<SpaceRule> normalizing = SpaceRule.ofNormalizer(normalizer);
    Optional<WordRules.Metaspace> words = WordRules.metaspace(preTokenizer);
    if (normalizing.isEmpty() || words.isEmpty()) {
      return Optional.empty();
    }
    boolean prefixed = normalizing.get().prefix() == SpaceRule.Prefix.EVERY_FRAGMENT;
    if (normalizing.get().collapse()) {
      if (!prefixed) {
        return Optional.empty(); // the space in front of a part would be stripped
      }
      afterLine.clear();
    }
    if (!words.get().splits()) {
      if (!isMergedWhole()) {
        return Optional.empty();
      }
      keepWhatNoPieceSpans(normalizer.isJsonNull() && preTokenizer.isJsonNull() ? " " : MARK);
    }
    if (!keepsLines()) {
      afterLine.clear();
    }
    return cuts(frame, prefixed, prefixed || words.get().prefixes());
  }

  private boolean isMergedWhole() {
    return isText(model, "type", "BPE")
        && isAbsent(model, "continuing_subword_prefix")
        && isAbsent(model, "end_of_word_suffix")
        && (isAbsent(model, "ignore_merges") || !isTrue(model, "ignore_merges"));
  }

  /** Keeps letters left of a space that are pieces, and that no piece has before a space inside. */
  private void keepWhatNoPieceSpans(String space) {
    if (pieces.id(space).isEmpty()) {
      beforeSpace.clear();
    }
    for (int c = beforeSpace.nextSetBit(0); c >= 0; c = beforeSpace.nextSetBit(c + 1)) {
      if (pieces.id(Character.toString(c)).isEmpty()) {
        beforeSpace.clear(c);
      }
    }
    for (String piece : pieces.texts()) {
      for (int at = piece.indexOf(space, 1); at > 0; at = piece.indexOf(space, at + 1)) {
        beforeSpace.clear(piece.charAt(at - 1));
      }
    }
  }

  /** Whether a line feed is a symbol of its own that no piece joins with what follows it. */
  private boolean keepsLines() {
    boolean bytes = isTrue(model, "byte_fallback") && pieces.id(LINE_BYTE).isPresent();
    if (!isMergedWhole() || (pieces.id("\n").isEmpty() && !bytes)) {
      return false;
    }
    for (String piece : pieces.texts()) {
      for (String line : List.of("\n", LINE_BYTE)) {
        int end = piece.indexOf(line) + line.length();
        if (end >= line.length() && end < piece.length()) {
          return false;
        }
      }
    }
    return true;
  }

  private Optional<SafeCuts> cuts(TokenFrame frame, boolean dropsSpace, boolean repeatsLine) {
    if (addedTokens instanceof JsonArray list) {
      for (JsonElement token : list) {
        exclude(token.getAsJsonObject(), repeatsLine);
      }
    }
    if (beforeSpace.isEmpty() || afterSpace.isEmpty()) {
      beforeSpace.clear();
      if (afterLine.isEmpty()) {
        return Optional.empty();
      }
    }
    return Optional.of(
        new SafeCuts(
            beforeSpace,
            afterSpace,
            afterLine,
            dropsSpace,
            repeatsLine,
            frame.before(),
            frame.after()));
  }

  /** Takes away the cuts that an added token could touch. */
  private void exclude(JsonObject token, boolean repeatsLine) {
    String content = token.get("content").getAsString();
    boolean normalized = !token.has("normalized") || isTrue(token, "normalized");
    if (repeatsLine && (normalized || isTrue(token, "rstrip"))) {
      afterLine.clear(); // the repeated line feed could be taken for a part of the token
    }
    if (isTrue(token, "single_word") && content.endsWith("\n")) {
      afterLine.clear();
    }
    exclude(content.replace(MARK, " "));
    exclude(Normalizer.normalize(content, Normalizer.Form.NFC).replace(MARK, " "));
  }

  private void exclude(String content) {
    if (content.isEmpty()) {
      return;
    }
    if (content.equals(" ")) {
      beforeSpace.clear();
    }
    beforeSpace.clear(content.charAt(content.length() - 1));
    afterSpace.clear(content.charAt(0));
    afterLine.clear(content.charAt(0));
    for (int i = 1; i < content.length(); i++) {
      switch (content.charAt(i)) {
        case ' ' -> beforeSpace.clear(content.charAt(i - 1));
        default -> {
          if (content.charAt(i - 1) == ' ') {
            afterSpace.clear(content.charAt(i));
          } else if (content.charAt(i - 1) == '\n') {
            afterLine.clear(content.charAt(i));
          }
        }
      }
    }
  }

  private static BitSet letters() {
    BitSet letters = new BitSet();
    for (int[] range : LETTERS) {
      letters.set(range[0], range[1] + 1);
    }
    return letters;
  }

  /** Whether a member is missing, null or empty text. */
  private static boolean isAbsent(JsonObject object, String name) {
    return !object.has(name) || object.get(name).isJsonNull() || isText(object, name, "");
  }

  private static boolean isText(JsonObject object, String name, String value) {
    return object.get(name) instanceof JsonPrimitive p
        && p.isString()
        && p.getAsString().equals(value);
  }

  private static boolean isTrue(JsonObject object, String name) {
    return object.get(name) instanceof JsonPrimitive p && p.isBoolean() && p.getAsBoolean();
  }
}
