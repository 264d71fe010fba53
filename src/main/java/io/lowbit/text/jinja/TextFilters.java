// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import io.lowbit.text.jinja.TemplateException.Kind;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Filters that make text of text. */
final class TextFilters {
  private static final Pattern WORD_START = Pattern.compile("[-\\s({\\[<]+");
  private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}_]+");
  private static final Pattern ENTITY = Pattern.compile("&(#?\\w+);");
  private static final Pattern BAD_ATTRIBUTE = Pattern.compile("[ \\t\\n\\x0B\\f\\r/>=]");

  static final List<Builtin> ALL =
      List.of(
          Builtin.of("upper", c -> c.like(Letters.upper(c.text()))),
          Builtin.of("lower", c -> c.like(Letters.lower(c.text()))),
          Builtin.of("capitalize", c -> c.like(Letters.capitalized(c.text()))),
          Builtin.of("title", TextFilters::title),
          Builtin.of("string", c -> c.self() instanceof Markup ? c.self() : c.text()),
          Builtin.of(
              "trim chars?", c -> c.like(Text.strip(c.text(), c.requireText(0, null), true, true))),
          Builtin.of("replace s new count?", TextFilters::replace),
          Builtin.of("indent width? first? blank?", TextFilters::indent),
          Builtin.of(
              "center width?",
              c -> c.like(TextMethods.pad(c, c.text(), c.integer(0, 80), " ", 1, 1))),
          Builtin.of("truncate length? killwords? end? leeway?", TextFilters::truncate),
          Builtin.of(
              "wordwrap width? break_long_words? wrapstring? break_on_hyphens?",
              TextFilters::wordWrap),
          Builtin.of("wordcount", c -> WORD.matcher(c.text()).results().count()),
          Builtin.of("format *", TextFilters::format),
          Builtin.of("escape", c -> new Markup(escaped(c))),
          Builtin.of("forceescape", c -> new Markup(Text.escapeHtml(c.text()))),
          Builtin.of("safe", c -> new Markup(c.text())),
          Builtin.of("striptags", TextFilters::stripTags),
          Builtin.of("urlencode", TextFilters::urlEncode),
          Builtin.of("xmlattr autospace?", TextFilters::xmlAttributes));

  private TextFilters() {}

  private static Object title(Invocation c) {
    String text = c.text();
    StringBuilder out = new StringBuilder(text.length());
    Matcher gap = WORD_START.matcher(text);
    int start = 0;
    while (gap.find()) {
      out.append(capitalizedWord(text.substring(start, gap.start()))).append(gap.group());
      start = gap.end();
    }
    return c.like(out.append(capitalizedWord(text.substring(start))).toString());
  }

  private static String capitalizedWord(String word) {
    if (word.isEmpty()) {
      return word;
    }
    String first = Letters.first(word);
    return Letters.upper(first) + Letters.lower(word.substring(first.length()));
  }

  private static Object replace(Invocation c) {
    return TextMethods.replace(c, c.str(0), c.str(1), c.hasValue(2) ? c.integer(2, -1) : -1);
  }

  private static Object indent(Invocation c) {
    String text = c.requireText(c.self());
    String indent;
    if (c.has(0) && Types.text(c.get(0)) != null) {
      indent = Types.text(c.get(0));
    } else {
      long width = Math.max(c.integer(0, 4), 0);
      c.budget().text(width);
      indent = " ".repeat((int) width);
    }
    boolean blank = c.truth(2);
    List<String> lines = Text.lines(text + "\n", false);
    c.budget().text((long) indent.length() * lines.size() + text.length());
    StringBuilder out = new StringBuilder(c.truth(1) ? indent : "").append(lines.getFirst());
    for (String line : lines.subList(1, lines.size())) {
      out.append('\n').append(blank || !line.isEmpty() ? indent : "").append(line);
    }
    return c.like(out.toString());
  }

  private static Object truncate(Invocation c) {
    long length = c.integer(0, 255);
    String end = c.requireText(2, "...");
    long leeway = c.hasValue(3) ? c.integer(3, 5) : 5;
    if (length < Text.length(end) || leeway < 0) {
      throw new TemplateException(
          Kind.VALUE, "'truncate' to " + length + " characters leaves no room for its ending");
    }
    int size = Types.length(c.self());
    if (size - leeway <= length) {
      return c.self();
    }
    String text = c.requireText(c.self());
    String cut = text.substring(0, Text.offset(text, (int) (length - Text.length(end))));
    int space = c.truth(1) ? -1 : cut.lastIndexOf(' ');
    return c.like((space < 0 ? cut : cut.substring(0, space)) + end);
  }

  private static Object wordWrap(Invocation c) {
    String text = c.requireText(c.self());
    long width = c.integer(0, 79);
    if (width <= 0) {
      throw new TemplateException(Kind.VALUE, "'wordwrap' needs a width above 0");
    }
    boolean breakWords = !c.has(1) || c.truth(1);
    boolean hyphens = !c.has(3) || c.truth(3);
    String end = c.requireText(2, "\n");
    int columns = (int) Math.min(width, Integer.MAX_VALUE);
    WordWrap wrap = new WordWrap(columns, breakWords, hyphens, c.budget());
    List<String> paragraphs = new ArrayList<>();
    for (String line : Text.lines(text, false)) {
      paragraphs.add(String.join(end, wrap.lines(line)));
    }
    String wrapped = String.join(end, paragraphs);
    c.budget().text(wrapped.length());
    return wrapped;
  }

  private static Object format(Invocation c) {
    Arguments arguments = c.arguments();
    if (!arguments.named().isEmpty() && !arguments.positional().isEmpty()) {
      throw new TemplateException(
          Kind.RUNTIME, "'format' takes either positional or named arguments, not both");
    }
    Object values = Tuple.of(arguments.positional());
    if (!arguments.named().isEmpty()) {
      Dict named = new Dict();
      arguments.named().forEach(named::put);
      values = named;
    }
    return c.like(PercentFormat.format(c.text(), values, c));
  }

  private static String escaped(Invocation c) {
    return c.self() instanceof Markup markup ? markup.text() : Text.escapeHtml(c.text());
  }

  private static Object stripTags(Invocation c) {
    String plain = without("<", ">", without("<!--", "-->", c.text()));
    String joined = String.join(" ", Text.words(plain, -1));
    return ENTITY
        .matcher(joined)
        .replaceAll(m -> Matcher.quoteReplacement(entity(m.group(1), m.group())));
  }

  /** A text without what stands between two marks, and without the marks. */
  private static String without(String open, String close, String text) {
    StringBuilder out = new StringBuilder();
    int from = 0;
    while (true) {
      int start = text.indexOf(open, from);
      int end = start < 0 ? -1 : text.indexOf(close, start);
      if (end < 0) {
        return out.append(text, from, text.length()).toString();
      }
      out.append(text, from, start);
      from = end + close.length();
    }
  }

  private static String entity(String name, String whole) {
    return switch (name) {
      case "amp" -> "&";
      case "lt" -> "<";
      case "gt" -> ">";
      case "quot" -> "\"";
      case "apos" -> "'";
      case "nbsp" -> "\u00A0";
      default -> {
        boolean hex = name.startsWith("#x") || name.startsWith("#X");
        Object code =
            name.startsWith("#")
                ? Numbers.parseInteger(name.substring(hex ? 2 : 1), hex ? 16 : 10)
                : null;
        boolean valid = code instanceof Long l && l > 0 && l <= Character.MAX_CODE_POINT;
        yield valid ? Character.toString(((Long) code).intValue()) : whole;
      }
    };
  }

  private static Object urlEncode(Invocation c) {
    boolean single = Types.text(c.self()) != null || !Types.isIterable(c.self());
    if (single) {
      return quoted(c.text(), true);
    }
    StringBuilder out = new StringBuilder();
    Iterator<Object> pairs = c.iterate(c.self() instanceof Dict dict ? dict.pairs() : c.self());
    while (pairs.hasNext()) {
      List<Object> pair = c.list(pairs.next());
      if (pair.size() != 2) {
        throw new TemplateException(Kind.VALUE, "'urlencode' needs pairs of keys and values");
      }
      out.append(out.isEmpty() ? "" : "&")
          .append(quoted(c.str(pair.getFirst()), false))
          .append('=')
          .append(quoted(c.str(pair.getLast()), false));
    }
    return out.toString();
  }

  private static String quoted(String text, boolean path) {
    StringBuilder out = new StringBuilder();
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xFF);
      boolean plain =
          (c < 0x80 && Character.isLetterOrDigit(c))
              || "_.-~".indexOf(c) >= 0
              || (path && c == '/');
      if (plain) {
        out.append(c);
      } else if (c == ' ' && !path) {
        out.append('+');
      } else {
        out.append(String.format("%%%02X", (int) c));
      }
    }
    return out.toString();
  }

  private static Object xmlAttributes(Invocation c) {
    Dict dict = c.requireDict();
    List<String> attributes = new ArrayList<>();
    for (Dict.Entry entry : dict.entries()) {
      if (entry.value() == null || entry.value() instanceof Undefined) {
        continue;
      }
      String key = c.requireText(entry.key());
      if (BAD_ATTRIBUTE.matcher(key).find()) {
        throw new TemplateException(Kind.VALUE, "'" + key + "' cannot be the name of an attribute");
      }
      String value =
          entry.value() instanceof Markup m ? m.text() : Text.escapeHtml(c.str(entry.value()));
      attributes.add(Text.escapeHtml(key) + "=\"" + value + "\"");
    }
    String joined = String.join(" ", attributes);
    boolean space = (!c.has(0) || c.truth(0)) && !joined.isEmpty();
    String spaced = space ? " " + joined : joined;
    return c.evaluator().escaping() ? new Markup(spaced) : spaced;
  }
}
