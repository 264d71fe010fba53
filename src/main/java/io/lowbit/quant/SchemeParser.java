// SPDX-License-Identifier: Apache-2.0
package io.lowbit.quant;

import io.lowbit.quant.IntegerGrid.Symmetry;
import io.lowbit.tensor.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Parser of the text form of {@link Scheme}. */
final class SchemeParser {
  private static final Map<String, NamedFormat> FORMATS =
      byText(NamedFormat.values(), NamedFormat::text);
  private static final Map<String, WeightMethod> METHODS =
      byText(WeightMethod.values(), WeightMethod::text);
  private static final Pattern WEIGHTS =
      Pattern.compile("w(?<bits>\\d+)(g(?<group>\\d+))?(a(?<inputs>\\d+))?");
  private static final Pattern CACHE =
      Pattern.compile(
          "(kv(?<both>\\d+)|k(?<key>\\d+)v(?<value>\\d+))(g(?<group>\\d+))?(r(?<window>\\d+))?");
  private static final Pattern FLOAT_CACHE = Pattern.compile("kvfp8(r(?<window>\\d+))?");

  /** Parts with numbers, {@code #} for each, to find the nearest to an unknown one. */
  private static final List<String> SHAPES =
      List.of(
          "w#",
          "w#g#",
          "w#a#",
          "w#g#a#",
          "kv#",
          "kv#g#",
          "kv#r#",
          "kv#g#r#",
          "k#v#",
          "k#v#g#",
          "k#v#r#",
          "k#v#g#r#");

  private static final Pattern PLAUSIBLE =
      Pattern.compile("w[1-8](g\\d+)?(a[2-8])?|(kv[1-8]|k[1-8]v[1-8])(g\\d+)?(r\\d+)?");

  private final String text;
  private DType base;
  private boolean stored;
  private boolean compat;
  private Part weights;
  private Part cache;

  /** One part between plus signs: its place, its first word, what the word says, its options. */
  private record Part(int at, String word, Matcher numbers, Map<String, Integer> options) {
    boolean has(String option) {
      return options.containsKey(option);
    }
  }

  SchemeParser(String text) {
    this.text = text;
  }

  Scheme parse() {
    int at = 0;
    for (String piece : text.split("\\+", -1)) {
      readPart(piece, at);
      at += piece.length() + 1;
    }
    if (compat && weights == null && cache == null) {
      throw error(text.indexOf("compat"), "compat is a way to quantize, and nothing is quantized");
    }
    return new Scheme(
        stored,
        Optional.ofNullable(base),
        Optional.ofNullable(weights).map(this::weightScheme),
        Optional.ofNullable(weights).flatMap(this::activationScheme),
        Optional.ofNullable(cache).map(this::cacheScheme));
  }

  private void readPart(String piece, int at) {
    String[] words = piece.split("-", -1);
    String word = words[0];
    Map<String, Integer> options = readOptions(words, at + word.length());
    Part plain = new Part(at, word, null, options);
    if (SchemeText.BASES.containsKey(word)) {
      requireFirst(base != null || at > 0, at, "the base type comes first and once");
      base = SchemeText.BASES.get(word);
      allow(plain, Set.of());
    } else if (word.equals("stored")) {
      requireFirst(stored || weights != null, at, "a scheme has one kind of weights");
      stored = true;
      allow(plain, Set.of());
    } else if (word.equals("compat")) {
      requireFirst(compat, at, "compat is said once");
      compat = true;
      allow(plain, Set.of());
    } else if (!readWeights(plain) && !readCache(plain)) {
      throw unknownPart(plain);
    }
  }

  private boolean readWeights(Part part) {
    Matcher numbers = WEIGHTS.matcher(part.word);
    boolean integers = numbers.matches();
    if (!integers && !FORMATS.containsKey(part.word)) {
      return false;
    }
    requireFirst(stored || weights != null, part.at, "a scheme has one kind of weights");
    Set<String> allowed = METHODS.keySet();
    if (integers) {
      allowed = union(allowed, Set.of("sym", "s32"));
    }
    if (integers && numbers.group("inputs") != null) {
      allowed = union(allowed, Set.of("static"));
    }
    weights = new Part(part.at, part.word, integers ? numbers : null, part.options);
    allow(weights, allowed);
    return true;
  }

  private boolean readCache(Part part) {
    Matcher integers = CACHE.matcher(part.word);
    Matcher floats = FLOAT_CACHE.matcher(part.word);
    boolean isInteger = integers.matches();
    if (!isInteger && !floats.matches()) {
      return false;
    }
    requireFirst(cache != null, part.at, "a scheme has one cache part");
    cache = new Part(part.at, part.word, isInteger ? integers : floats, part.options);
    allow(cache, isInteger ? Set.of("s32", "kivi") : Set.of());
    return true;
  }

  private Map<String, Integer> readOptions(String[] words, int at) {
    Map<String, Integer> options = new LinkedHashMap<>();
    for (int i = 1; i < words.length; i++) {
      if (options.put(words[i], at) != null) {
        throw error(at, "option '-" + words[i] + "' is given twice");
      }
      at += 1 + words[i].length();
    }
    return options;
  }

  private void allow(Part part, Set<String> allowed) {
    for (Map.Entry<String, Integer> option : part.options.entrySet()) {
      if (!allowed.contains(option.getKey())) {
        throw error(option.getValue(), badOption(part, option.getKey(), allowed));
      }
    }
  }

  private static String badOption(Part part, String option, Set<String> allowed) {
    String list = allowed.stream().sorted().map(o -> "-" + o).collect(Collectors.joining(" "));
    String takes = "'" + part.word + "' takes " + (allowed.isEmpty() ? "no options" : list);
    if (option.equals("sym") && allowed.contains("kivi")) {
      return "a cache is always asymmetric; " + takes;
    }
    if (option.equals("static") && allowed.contains("sym")) {
      return "'-static' is about activations, and '" + part.word + "' quantizes none; " + takes;
    }
    return "option '-%s' is not one of its part%s; %s"
        .formatted(
            option,
            Spelling.nearest(option, allowed).map(o -> "; did you mean '-" + o + "'?").orElse(""),
            takes);
  }

  private WeightScheme weightScheme(Part part) {
    List<WeightMethod> methods =
        METHODS.entrySet().stream()
            .filter(method -> part.has(method.getKey()))
            .map(Map.Entry::getValue)
            .toList();
    if (part.numbers == null) {
      return new WeightScheme(FORMATS.get(part.word), methods);
    }
    return new WeightScheme(
        new IntegerGrid(
            bits(part, "bits", 1, "weight codes have 1 to 8 bits"),
            size(part, "group", "a group has"),
            symmetry(part),
            scaleType(part),
            arithmetic()),
        methods);
  }

  private Symmetry symmetry(Part part) {
    if (!part.has("sym")) {
      return Symmetry.ASYMMETRIC;
    }
    if (bits(part, "bits", 1, "weight codes have 1 to 8 bits") < 2) {
      throw error(part.options.get("sym"), "a symmetric grid needs at least 2 bits");
    }
    boolean restricted = compat || part.numbers.group("inputs") != null;
    return restricted ? Symmetry.SYMMETRIC_RESTRICTED : Symmetry.SYMMETRIC_FULL;
  }

  private Optional<ActivationScheme> activationScheme(Part part) {
    if (part.numbers == null || part.numbers.group("inputs") == null) {
      return Optional.empty();
    }
    int bits =
        bits(
            part,
            "inputs",
            2,
            "activation codes have 2 to 8 bits, and no 'a' leaves activations in the base type");
    return Optional.of(
        new ActivationScheme(bits, part.has("sym"), part.has("static"), arithmetic()));
  }

  private CacheScheme cacheScheme(Part part) {
    if (part.word.startsWith("kvfp8")) {
      return new CacheScheme(
          CacheScheme.Format.FP8,
          8,
          8,
          0,
          size(part, "window", "a window has"),
          false,
          DType.F16,
          arithmetic());
    }
    boolean both = part.numbers.group("both") != null;
    String expected = "cache codes have 1 to 8 bits, or 16 for the base type";
    return new CacheScheme(
        CacheScheme.Format.INTEGER,
        bits(part, both ? "both" : "key", 1, expected),
        bits(part, both ? "both" : "value", 1, expected),
        size(part, "group", "a group has"),
        size(part, "window", "a window has"),
        part.has("kivi"),
        scaleType(part),
        arithmetic());
  }

  private Arithmetic arithmetic() {
    return compat ? Arithmetic.COMPAT : Arithmetic.EXACT;
  }

  private DType scaleType(Part part) {
    if (compat && part.has("s32")) {
      throw error(
          part.options.get("s32"),
          "in compat scales have the type of the tensor; leave '-s32' out, or compat");
    }
    return part.has("s32") ? DType.F32 : DType.F16;
  }

  private int bits(Part part, String group, int least, String expected) {
    int bits = number(part, group);
    boolean isBase = bits == 16 && CACHE.matcher(part.word).matches();
    if (!isBase && (bits < least || bits > 8)) {
      throw error(part.at + part.numbers.start(group), expected + "; not " + bits);
    }
    return bits;
  }

  private int size(Part part, String group, String what) {
    if (part.numbers.group(group) == null) {
      return 0;
    }
    int size = number(part, group);
    if (size < 1) {
      throw error(part.at + part.numbers.start(group), what + " at least 1 element");
    }
    return size;
  }

  private int number(Part part, String group) {
    String digits = part.numbers.group(group);
    // Eight digits are more than any matrix has columns, and fit an int.
    if (digits.length() > 8 || (digits.startsWith("0") && digits.length() > 1)) {
      throw error(part.at + part.numbers.start(group), "'" + digits + "' is not a usable number");
    }
    return Integer.parseInt(digits);
  }

  private void requireFirst(boolean violated, int at, String rule) {
    if (violated) {
      throw error(at, rule);
    }
  }

  private IllegalArgumentException unknownPart(Part part) {
    String suggestion =
        Spelling.nearest(part.word, candidates(part.word))
            .map(nearest -> "; did you mean '" + nearest + "'?")
            .orElse("");
    return error(
        part.at,
        "'%s' is not a part of a scheme%s Parts are: %s"
            .formatted(
                part.word,
                suggestion.isEmpty() ? "." : suggestion,
                "a base (fp32 fp16 bf16) first; weights w<bits>[g<group>][a<bits>], a named format ("
                    + String.join(" ", FORMATS.keySet())
                    + ") or stored; a cache kv<bits> or k<bits>v<bits> with [g<group>][r<window>],"
                    + " or kvfp8; compat. For example fp32+w4g64a8-sym+kv4"));
  }

  /** All words, and all shapes with the numbers of an unknown word put in. */
  private static List<String> candidates(String word) {
    List<String> candidates = new ArrayList<>(SchemeText.BASES.keySet().stream().sorted().toList());
    candidates.addAll(List.of("stored", "compat", "kvfp8"));
    candidates.addAll(FORMATS.keySet());
    String[] numbers =
        Arrays.stream(word.split("\\D+")).filter(n -> !n.isEmpty()).toArray(String[]::new);
    for (String shape : SHAPES) {
      String filled = shape;
      for (String number : numbers) {
        filled = filled.replaceFirst("#", number);
      }
      boolean complete = shape.chars().filter(c -> c == '#').count() == numbers.length;
      if (complete && PLAUSIBLE.matcher(filled).matches()) {
        candidates.add(filled);
      }
    }
    return candidates;
  }

  private IllegalArgumentException error(int at, String what) {
    return new IllegalArgumentException(
        "scheme '%s', character %d: %s".formatted(text, at + 1, what));
  }

  private static <T> Map<String, T> byText(T[] values, Function<T, String> text) {
    Map<String, T> map = new LinkedHashMap<>();
    for (T value : values) {
      map.put(text.apply(value), value);
    }
    return map;
  }

  private static Set<String> union(Set<String> one, Set<String> other) {
    return Stream.concat(one.stream(), other.stream()).collect(Collectors.toUnmodifiableSet());
  }
}
