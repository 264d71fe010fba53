// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import io.lowbit.text.jinja.TemplateException.Kind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** The methods of text. Positions count code points. */
final class TextMethods {
  private TextMethods() {}

  private static final Map<String, Builtin> TABLE = table();

  /** The method of that name, or null. */
  static Builtin find(String name) {
    return TABLE.get(name);
  }

  private static Map<String, Builtin> table() {
    List<Builtin> methods = new ArrayList<>();
    cases(methods);
    kinds(methods);
    trimming(methods);
    splitting(methods);
    searching(methods);
    padding(methods);
    methods.add(Builtin.of("format *", c -> BraceFormat.format(c.text(), c.arguments(), c)));
    methods.add(
        Builtin.of(
            "format_map mapping",
            c -> {
              if (!(c.get(0) instanceof Dict dict)) {
                throw c.wrong("needs a mapping");
              }
              Map<String, Object> named = new HashMap<>();
              dict.entries().forEach(e -> named.put(c.str(e.key()), e.value()));
              return BraceFormat.format(c.text(), new Arguments(List.of(), named), c);
            }));
    Map<String, Builtin> table = new HashMap<>();
    methods.forEach(m -> table.put(m.name(), m));
    return Map.copyOf(table);
  }

  private static void cases(List<Builtin> methods) {
    methods.add(Builtin.of("upper", c -> c.like(Letters.upper(c.text()))));
    methods.add(Builtin.of("lower", c -> c.like(Letters.lower(c.text()))));
    methods.add(Builtin.of("title", c -> c.like(Letters.title(c.text()))));
    methods.add(Builtin.of("capitalize", c -> c.like(Letters.capitalized(c.text()))));
    methods.add(Builtin.of("swapcase", c -> c.like(Letters.swapped(c.text()))));
    methods.add(Builtin.of("casefold", c -> c.like(Letters.folded(c.text()))));
  }

  private static void kinds(List<Builtin> methods) {
    methods.add(Builtin.of("islower", c -> Letters.isLower(c.text())));
    methods.add(Builtin.of("isupper", c -> Letters.isUpper(c.text())));
    methods.add(Builtin.of("istitle", c -> Letters.isTitle(c.text())));
    methods.add(Builtin.of("isalpha", c -> Letters.all(c.text(), Character::isLetter)));
    methods.add(Builtin.of("isalnum", c -> Letters.all(c.text(), Text::isAlphanumeric)));
    methods.add(Builtin.of("isdecimal", c -> Letters.all(c.text(), Character::isDigit)));
    methods.add(Builtin.of("isdigit", c -> Letters.all(c.text(), TextMethods::isDigit)));
    methods.add(Builtin.of("isnumeric", c -> Letters.all(c.text(), TextMethods::isNumeric)));
    methods.add(Builtin.of("isspace", c -> Letters.all(c.text(), Text::isSpace)));
    methods.add(Builtin.of("isidentifier", c -> Text.isIdentifier(c.text())));
    methods.add(Builtin.of("isascii", c -> c.text().chars().allMatch(x -> x < 0x80)));
    methods.add(Builtin.of("isprintable", c -> c.text().codePoints().allMatch(Text::isPrintable)));
  }

  /** Digits, also raised and lowered ones. */
  private static boolean isDigit(int c) {
    boolean raised = c == 0xB2 || c == 0xB3 || c == 0xB9 || c == 0x2070;
    return Character.isDigit(c) || raised || (c >= 0x2074 && c <= 0x2089 && (c & 0xF) < 10);
  }

  private static boolean isNumeric(int c) {
    int type = Character.getType(c);
    return Character.isDigit(c)
        || type == Character.LETTER_NUMBER
        || type == Character.OTHER_NUMBER;
  }

  private static void trimming(List<Builtin> methods) {
    methods.add(Builtin.of("strip chars?", c -> strip(c, true, true)));
    methods.add(Builtin.of("lstrip chars?", c -> strip(c, true, false)));
    methods.add(Builtin.of("rstrip chars?", c -> strip(c, false, true)));
    methods.add(
        Builtin.of(
            "removeprefix prefix",
            c -> {
              String prefix = c.requireText(c.get(0));
              boolean found = c.text().startsWith(prefix);
              return found ? c.text().substring(prefix.length()) : c.text();
            }));
    methods.add(
        Builtin.of(
            "removesuffix suffix",
            c -> {
              String suffix = c.requireText(c.get(0));
              boolean found = c.text().endsWith(suffix);
              return found ? c.text().substring(0, c.text().length() - suffix.length()) : c.text();
            }));
  }

  private static Object strip(Invocation c, boolean left, boolean right) {
    return c.like(Text.strip(c.text(), c.requireText(0, null), left, right));
  }

  private static void splitting(List<Builtin> methods) {
    methods.add(Builtin.of("split sep? maxsplit?", c -> split(c, false)));
    methods.add(Builtin.of("rsplit sep? maxsplit?", c -> split(c, true)));
    methods.add(
        Builtin.of("splitlines keepends?", c -> texts(c, Text.lines(c.text(), c.truth(0)))));
    methods.add(Builtin.of("partition sep", c -> partition(c, false)));
    methods.add(Builtin.of("rpartition sep", c -> partition(c, true)));
    methods.add(Builtin.of("join iterable", c -> join(c, c.text(), c.get(0))));
    methods.add(
        Builtin.of(
            "replace old new count?",
            c -> {
              String old = c.requireText(c.get(0));
              return c.like(replace(c, old, c.requireText(c.get(1)), c.integer(2, -1)));
            }));
  }

  private static Object join(Invocation c, String separator, Object items) {
    StringBuilder out = new StringBuilder();
    Iterator<Object> iterator = c.iterate(items);
    while (iterator.hasNext()) {
      String text = c.requireText(iterator.next());
      String after = iterator.hasNext() ? separator : "";
      c.budget().text(text.length() + after.length());
      out.append(text).append(after);
    }
    return out.toString();
  }

  /** Replaces at most so many occurrences, or all if the count is negative. */
  static String replace(Invocation c, String old, String replacement, long count) {
    String text = c.text();
    long left = count < 0 ? Long.MAX_VALUE : count;
    StringBuilder out = new StringBuilder();
    int at = 0;
    while (left-- > 0) {
      int found = Search.first(text, old, at);
      if (found < 0) {
        break;
      }
      c.budget().text(found - at + replacement.length());
      out.append(text, at, found).append(replacement);
      at = found + old.length();
      if (old.isEmpty()) {
        if (at == text.length()) {
          break;
        }
        int next = text.offsetByCodePoints(at, 1);
        out.append(text, at, next);
        at = next;
      }
    }
    c.budget().text(text.length() - at);
    return out.append(text, at, text.length()).toString();
  }

  private static Object split(Invocation c, boolean fromRight) {
    String text = c.text();
    long cuts = c.integer(1, -1);
    if (!c.hasValue(0)) {
      return texts(c, fromRight ? lastWords(text, cuts) : Text.words(text, cuts));
    }
    String separator = c.requireText(c.get(0));
    if (separator.isEmpty()) {
      throw new TemplateException(Kind.VALUE, "text cannot be split at nothing");
    }
    return texts(c, fromRight ? splitRight(text, separator, cuts) : split(text, separator, cuts));
  }

  private static List<String> split(String text, String separator, long cuts) {
    List<String> parts = new ArrayList<>();
    int start = 0;
    int found = Search.first(text, separator, 0);
    while (found >= 0 && parts.size() != cuts) {
      parts.add(text.substring(start, found));
      start = found + separator.length();
      found = Search.first(text, separator, start);
    }
    parts.add(text.substring(start));
    return parts;
  }

  private static List<String> splitRight(String text, String separator, long cuts) {
    List<String> parts = new ArrayList<>();
    int end = text.length();
    int found = Search.last(text, separator, end);
    while (found >= 0 && parts.size() != cuts) {
      parts.add(text.substring(found + separator.length(), end));
      end = found;
      found = Search.last(text, separator, end);
    }
    parts.add(text.substring(0, end));
    Collections.reverse(parts);
    return parts;
  }

  private static List<String> lastWords(String text, long cuts) {
    String mirrored = new StringBuilder(text).reverse().toString();
    List<String> words = new ArrayList<>();
    for (String word : Text.words(mirrored, cuts)) {
      words.add(new StringBuilder(word).reverse().toString());
    }
    Collections.reverse(words);
    return words;
  }

  private static List<Object> texts(Invocation c, List<String> parts) {
    c.budget().items(parts.size());
    return new ArrayList<>(parts);
  }

  private static int place(String text, String part, boolean last) {
    return last ? Search.last(text, part, text.length()) : Search.first(text, part, 0);
  }

  private static Tuple partition(Invocation c, boolean last) {
    String text = c.text();
    String separator = c.requireText(c.get(0));
    if (separator.isEmpty()) {
      throw new TemplateException(Kind.VALUE, "text cannot be split at nothing");
    }
    int at = place(text, separator, last);
    if (at < 0) {
      return last ? Tuple.of("", "", text) : Tuple.of(text, "", "");
    }
    return Tuple.of(text.substring(0, at), separator, text.substring(at + separator.length()));
  }

  private static void searching(List<Builtin> methods) {
    methods.add(Builtin.of("find sub start? end?", c -> find(c, false)));
    methods.add(Builtin.of("rfind sub start? end?", c -> find(c, true)));
    methods.add(Builtin.of("index sub start? end?", c -> index(c, false)));
    methods.add(Builtin.of("rindex sub start? end?", c -> index(c, true)));
    methods.add(Builtin.of("count sub start? end?", TextMethods::count));
    methods.add(Builtin.of("startswith prefix start? end?", c -> meets(c, true)));
    methods.add(Builtin.of("endswith suffix start? end?", c -> meets(c, false)));
  }

  /** The part of the text that the arguments {@code start} and {@code end} select, or null. */
  private static String window(Invocation c) {
    String text = c.text();
    if (!c.hasValue(1) && !c.hasValue(2)) {
      return text;
    }
    int length = Text.length(text);
    int start = Slices.clamp(c.hasValue(1) ? c.integer(1, 0) : 0, length);
    int end = Slices.clamp(c.hasValue(2) ? c.integer(2, 0) : length, length);
    boolean beyond = c.hasValue(1) && c.integer(1, 0) > length;
    return end < start || beyond
        ? null
        : text.substring(Text.offset(text, start), Text.offset(text, end));
  }

  private static long find(Invocation c, boolean last) {
    String part = c.requireText(c.get(0));
    String window = window(c);
    int at = window == null ? -1 : place(window, part, last);
    if (at < 0) {
      return -1;
    }
    int skipped = c.hasValue(1) ? Slices.clamp(c.integer(1, 0), Text.length(c.text())) : 0;
    return (long) skipped + window.codePointCount(0, at);
  }

  private static Object index(Invocation c, boolean last) {
    long at = find(c, last);
    if (at < 0) {
      throw new TemplateException(Kind.VALUE, "the text looked for is not in the text");
    }
    return at;
  }

  private static Object count(Invocation c) {
    String part = c.requireText(c.get(0));
    String window = window(c);
    if (window == null) {
      return 0L;
    }
    if (part.isEmpty()) {
      return Text.length(window) + 1L;
    }
    return split(window, part, -1).size() - 1L;
  }

  private static Object meets(Invocation c, boolean start) {
    String window = window(c);
    List<Object> candidates =
        c.get(0) instanceof Tuple tuple ? tuple.items() : Tuple.of(c.get(0)).items();
    for (Object candidate : candidates) {
      String part = c.requireText(candidate);
      if (window != null && (start ? window.startsWith(part) : window.endsWith(part))) {
        return true;
      }
    }
    return false;
  }

  private static void padding(List<Builtin> methods) {
    methods.add(Builtin.of("ljust width fillchar?", c -> pad(c, 0, 1)));
    methods.add(Builtin.of("rjust width fillchar?", c -> pad(c, 1, 0)));
    methods.add(Builtin.of("center width fillchar?", c -> pad(c, 1, 1)));
    methods.add(
        Builtin.of(
            "zfill width",
            c -> {
              String text = c.text();
              long missing = c.integer(0, 0) - Text.length(text);
              int sign = text.startsWith("-") || text.startsWith("+") ? 1 : 0;
              String zeros = fill(c, "0", missing);
              return text.substring(0, sign) + zeros + text.substring(sign);
            }));
    methods.add(Builtin.of("expandtabs tabsize?", TextMethods::expandTabs));
  }

  private static Object pad(Invocation c, int left, int right) {
    String fill = c.requireText(1, " ");
    if (Text.length(fill) != 1) {
      throw c.wrong("pads with exactly one character");
    }
    return c.like(pad(c, c.text(), c.integer(0, 0), fill, left, right));
  }

  /** Pads to a width on the sides that are 1; the odd place goes where Python puts it. */
  static String pad(Invocation c, String text, long width, String fill, int left, int right) {
    long missing = width - Text.length(text);
    if (missing <= 0) {
      return text;
    }
    long before = left == 0 ? 0 : right == 0 ? missing : missing / 2 + (missing & width & 1);
    return fill(c, fill, before) + text + fill(c, fill, missing - before);
  }

  private static String fill(Invocation c, String fill, long count) {
    if (count <= 0) {
      return "";
    }
    c.budget().text(Math.min(count, Integer.MAX_VALUE) * fill.length());
    return fill.repeat((int) count);
  }

  private static Object expandTabs(Invocation c) {
    long size = c.integer(0, 8);
    StringBuilder out = new StringBuilder();
    long column = 0;
    for (int x : c.text().codePoints().toArray()) {
      if (x == '\t') {
        long spaces = size > 0 ? size - column % size : 0;
        out.append(fill(c, " ", spaces));
        column += spaces;
      } else {
        out.appendCodePoint(x);
        column = x == '\n' || x == '\r' ? 0 : column + 1;
      }
    }
    return out.toString();
  }
}
