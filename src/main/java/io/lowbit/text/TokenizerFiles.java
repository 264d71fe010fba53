// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text;

import io.lowbit.text.ScoredPieces.PieceType;
import io.lowbit.text.TokenizerJson.AddedToken;
import io.lowbit.text.TokenizerJson.Frame;
import io.lowbit.text.TokenizerJson.Merge;
import io.lowbit.text.TokenizerJson.Vocabulary;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Reads tokenizers as model folders hold them. In order of preference: {@code tokenizer.json};
 * SentencePiece {@code tokenizer.model}; {@code vocab.json} with {@code merges.txt}, or {@code
 * encoder.json} with {@code vocab.bpe}; {@code qwen.tiktoken}. The small files beside them
 * (tokenizer_config.json, special_tokens_map.json, chat_template.jinja, and where these are absent
 * config.json) name BOS, EOS and the chat template.
 */
public final class TokenizerFiles {
  private static final String ENDOFTEXT = "<|endoftext|>";

  private static final Frame NO_FRAME = new Frame(Optional.empty(), Optional.empty());

  private TokenizerFiles() {}

  /**
   * Reads the tokenizer of a model folder, or one of the files above with what lies beside it.
   *
   * @throws IllegalArgumentException if there is none, saying what was looked for, or if it is
   *     malformed, naming the file
   * @throws IOException if a file cannot be read
   */
  public static TokenizerSpec read(Path folderOrFile) throws IOException {
    if (!Files.exists(folderOrFile)) {
      throw new NoSuchFileException(
          folderOrFile.toString(), null, "expected a model folder or a tokenizer file");
    }
    Path file = Files.isDirectory(folderOrFile) ? find(folderOrFile) : folderOrFile;
    Path parent = file.toAbsolutePath().getParent();
    try {
      TokenizerConfiguration configuration = TokenizerConfiguration.read(parent);
      String name = file.getFileName().toString();
      return switch (name) {
        case "vocab.json", "merges.txt" ->
            byteLevel(parent.resolve("vocab.json"), parent.resolve("merges.txt"), configuration);
        case "encoder.json", "vocab.bpe" ->
            byteLevel(parent.resolve("encoder.json"), parent.resolve("vocab.bpe"), configuration);
        case "qwen.tiktoken" -> qwen(file, configuration);
        default -> {
          if (name.endsWith(".model")) {
            yield sentencePiece(file, configuration);
          }
          if (name.endsWith(".json")) {
            yield huggingFace(file, configuration);
          }
          throw new IllegalArgumentException(
              "not a tokenizer file by its name; known are tokenizer.json, tokenizer.model,"
                  + " vocab.json with merges.txt, encoder.json with vocab.bpe, qwen.tiktoken");
        }
      };
    } catch (IllegalArgumentException e) {
      String message = String.valueOf(e.getMessage());
      throw message.startsWith(parent.toString())
          ? e
          : new IllegalArgumentException(file + ": " + message, e);
    }
  }

  /**
   * Every id that ends an answer: those of generation_config.json, else config.json, and EOS.
   *
   * @param folder a model folder
   */
  public static Set<Integer> stops(Path folder, TokenizerSpec spec) throws IOException {
    Set<Integer> stops = new LinkedHashSet<>(TokenizerConfiguration.read(folder).stops());
    spec.eos().ifPresent(stops::add);
    return stops;
  }

  private static Path find(Path folder) {
    List<String> names =
        List.of("tokenizer.json", "tokenizer.model", "vocab.json", "encoder.json", "qwen.tiktoken");
    return names.stream()
        .map(folder::resolve)
        .filter(Files::isRegularFile)
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                folder
                    + ": no tokenizer; looked for "
                    + String.join(", ", names)
                    + "; copy the file from where the model was published"));
  }

  private static TokenizerSpec huggingFace(Path file, TokenizerConfiguration configuration)
      throws IOException {
    String json = Files.readString(file, StandardCharsets.UTF_8);
    PieceTable pieces = PieceTable.read(json);
    OptionalInt bos = configuration.id("bos_token", pieces::id);
    OptionalInt eos = configuration.id("eos_token", pieces::id);
    if (configuration.framedByConfiguration()) {
      json = TokenizerJson.withFrame(json, frame(configuration, true, bos, eos, pieces.pieces()));
    }
    return new TokenizerSpec.HuggingFace(json, bos, eos, configuration.chatTemplate());
  }

  private static TokenizerSpec sentencePiece(Path file, TokenizerConfiguration configuration)
      throws IOException {
    SentencePieceModel model = SentencePieceModel.read(Files.readAllBytes(file));
    List<String> pieces = new ArrayList<>(model.pieces().pieces());
    List<Float> scores = new ArrayList<>(model.pieces().scores());
    List<PieceType> types = new ArrayList<>(model.pieces().types());
    for (AddedToken token : place(configuration, pieces)) {
      while (types.size() < pieces.size()) {
        scores.add(0f);
        types.add(PieceType.UNUSED);
      }
      if (types.get(token.id()) != PieceType.UNKNOWN) {
        types.set(token.id(), token.special() ? PieceType.CONTROL : PieceType.USER_DEFINED);
      }
    }
    OptionalInt bos = orElse(configuration.id("bos_token", idOf(pieces)), model.bos());
    OptionalInt eos = orElse(configuration.id("eos_token", idOf(pieces)), model.eos());
    // A SentencePiece file does not say whether BOS is added; Llama's tokenizer adds it.
    String json =
        new ScoredPieces(pieces, scores, types)
            .toJson(
                model.spaces(configuration.flag("legacy").orElse(true)),
                frame(configuration, bos.isPresent(), bos, eos, pieces));
    return new TokenizerSpec.HuggingFace(json, bos, eos, configuration.chatTemplate());
  }

  private static TokenizerSpec byteLevel(
      Path vocabulary, Path merges, TokenizerConfiguration configuration) throws IOException {
    for (Path file : List.of(vocabulary, merges)) {
      if (!Files.isRegularFile(file)) {
        throw new IllegalArgumentException(
            "%s is missing: %s and %s belong together"
                .formatted(file, vocabulary.getFileName(), merges.getFileName()));
      }
    }
    List<String> pieces =
        PieceTable.readVocabulary(Files.readString(vocabulary, StandardCharsets.UTF_8)).pieces();
    Set<String> known = new HashSet<>(pieces);
    List<Merge> rules = new ArrayList<>();
    List<String> lines = Files.readAllLines(merges, StandardCharsets.UTF_8);
    for (int i = 0; i < lines.size(); i++) {
      boolean header = i == 0 && lines.get(i).startsWith("#version");
      if (!header && !lines.get(i).isEmpty()) {
        rules.add(Merge.parse(lines.get(i), merges + ":" + (i + 1), known));
      }
    }
    List<AddedToken> added = place(configuration, pieces);
    if (added.isEmpty() && known.contains(ENDOFTEXT)) {
      added = List.of(new AddedToken(pieces.indexOf(ENDOFTEXT), ENDOFTEXT, true));
    }
    OptionalInt end = idOf(pieces).apply(ENDOFTEXT);
    Vocabulary parts = new Vocabulary(pieces, rules, added, NO_FRAME);
    return byteLevel(parts, PreTokenizer.DEFAULT, configuration, end, end);
  }

  /** Qwen's first tokenizer, whose special tokens stand in its code: they follow the ranks. */
  private static TokenizerSpec qwen(Path file, TokenizerConfiguration configuration)
      throws IOException {
    TiktokenRanks ranks = TiktokenRanks.read(Files.readAllLines(file, StandardCharsets.US_ASCII));
    List<String> pieces = new ArrayList<>(ranks.pieces());
    List<AddedToken> added = new ArrayList<>();
    Stream.concat(
            Stream.of(ENDOFTEXT, "<|im_start|>", "<|im_end|>"),
            IntStream.range(0, 205).mapToObj(i -> "<|extra_" + i + "|>"))
        .forEach(content -> {
          added.add(new AddedToken(pieces.size(), content, true));
          pieces.add(content);
        });
    return byteLevel(
        new Vocabulary(pieces, ranks.merges(), added, NO_FRAME),
        PreTokenizer.QWEN2,
        configuration,
        OptionalInt.empty(),
        idOf(pieces).apply(ENDOFTEXT));
  }

  /** {@code bos} and {@code eos} serve where the configuration names none. */
  private static TokenizerSpec byteLevel(
      Vocabulary parts,
      PreTokenizer rule,
      TokenizerConfiguration configuration,
      OptionalInt bos,
      OptionalInt eos)
      throws IOException {
    List<String> pieces = parts.pieces();
    OptionalInt start = orElse(configuration.id("bos_token", idOf(pieces)), bos);
    OptionalInt end = orElse(configuration.id("eos_token", idOf(pieces)), eos);
    Frame frame = frame(configuration, false, start, end, pieces);
    String json =
        TokenizerJson.byteLevel(
            new Vocabulary(pieces, parts.merges(), parts.added(), frame),
            rule,
            configuration.flag("add_prefix_space").orElse(false));
    return new TokenizerSpec.HuggingFace(json, start, end, configuration.chatTemplate());
  }

  private static Frame frame(
      TokenizerConfiguration configuration,
      boolean addBosByDefault,
      OptionalInt bos,
      OptionalInt eos,
      List<String> pieces) {
    return new Frame(
        around(configuration.flag("add_bos_token").orElse(addBosByDefault), "bos", bos, pieces),
        around(configuration.flag("add_eos_token").orElse(false), "eos", eos, pieces));
  }

  private static Optional<AddedToken> around(
      boolean wanted, String name, OptionalInt id, List<String> pieces) {
    if (!wanted) {
      return Optional.empty();
    }
    if (id.isEmpty()) {
      throw new IllegalArgumentException(
          "add_%s_token is on but no %s_token is named in tokenizer_config.json"
              .formatted(name, name));
    }
    return Optional.of(new AddedToken(id.getAsInt(), pieces.get(id.getAsInt()), true));
  }

  /**
   * The tokens that the configuration adds or names as special. Those beyond the vocabulary are put
   * into {@code pieces}.
   */
  private static List<AddedToken> place(TokenizerConfiguration configuration, List<String> pieces) {
    Map<Integer, AddedToken> added = new TreeMap<>();
    for (AddedToken token : configuration.added()) {
      if (token.id() > pieces.size() + 65_536) {
        throw new IllegalArgumentException(
            "added token '%s' has id %d, far beyond the vocabulary of %d pieces"
                .formatted(token.content(), token.id(), pieces.size()));
      }
      while (pieces.size() <= token.id()) {
        pieces.add("");
      }
      String piece = pieces.get(token.id());
      if (!piece.isEmpty() && !piece.equals(token.content())) {
        throw new IllegalArgumentException(
            "added token '%s' has id %d, which is '%s' in the vocabulary"
                .formatted(token.content(), token.id(), piece));
      }
      pieces.set(token.id(), token.content());
      added.put(token.id(), token);
    }
    for (String name : List.of("bos_token", "eos_token", "unk_token", "pad_token")) {
      Optional<String> content = configuration.token(name);
      OptionalInt id = configuration.id(name, idOf(pieces));
      if (content.isPresent() && id.isPresent()) {
        added.put(id.getAsInt(), new AddedToken(id.getAsInt(), content.get(), true));
      }
    }
    return List.copyOf(added.values());
  }

  private static Function<String, OptionalInt> idOf(List<String> pieces) {
    return piece -> {
      int id = pieces.indexOf(piece);
      return id < 0 ? OptionalInt.empty() : OptionalInt.of(id);
    };
  }

  private static OptionalInt orElse(OptionalInt first, OptionalInt second) {
    return first.isPresent() ? first : second;
  }
}
