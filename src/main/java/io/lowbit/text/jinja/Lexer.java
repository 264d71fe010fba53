// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import io.lowbit.text.jinja.TemplateException.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Cuts a template into tokens and settles white space on the way: {@code trim_blocks}, {@code
 * lstrip_blocks} and the signs of {@code {%-}, {@code -%}}, {@code {%+} and {@code +%}}.
 */
final class Lexer {
  private static final List<String> LONG_OPERATORS = List.of("//", "**", "==", "!=", ">=", "<=");
  private static final String SHORT_OPERATORS = "+-/*%~[](){}<>=.:|,;";

  private final String source;
  private final Options options;
  private final List<Token> tokens = new ArrayList<>();
  private int position;
  private int line = 1;
  private int countedTo;
  private boolean atLineStart = true;

  private Lexer(String source, Options options) {
    this.source = source;
    this.options = options;
  }

  /** The tokens of a template, the last one of kind {@link Token.Kind#END}. */
  static List<Token> tokens(String source, Options options) {
    String text = source.replace("\r\n", "\n").replace('\r', '\n');
    if (!options.keepTrailingNewline() && text.endsWith("\n")) {
      text = text.substring(0, text.length() - 1);
    }
    Lexer lexer = new Lexer(text, options);
    lexer.template();
    lexer.add(Token.Kind.END, "");
    return lexer.tokens;
  }

  private void template() {
    while (position < source.length()) {
      int tag = nextTag();
      if (tag < 0) {
        data(source.substring(position), source.length());
        return;
      }
      char type = source.charAt(tag + 1);
      int afterSign = tag + 2;
      char sign = afterSign < source.length() ? source.charAt(afterSign) : ' ';
      if (sign == '-' || sign == '+') {
        afterSign++;
      } else {
        sign = ' ';
      }
      String text = source.substring(position, tag);
      data(stripBefore(text, sign, type != '{'), tag);
      position = afterSign;
      switch (type) {
        case '#' -> comment();
        case '{' -> tag(Token.Kind.PRINT_BEGIN, Token.Kind.PRINT_END, "}}");
        default -> {
          int afterRaw = rawTag(afterSign);
          if (afterRaw >= 0) {
            position = afterRaw;
            atLineStart = source.charAt(position - 1) == '\n';
            raw();
          } else {
            tag(Token.Kind.BLOCK_BEGIN, Token.Kind.BLOCK_END, "%}");
          }
        }
      }
    }
  }

  private int nextTag() {
    for (int i = source.indexOf('{', position); i >= 0; i = source.indexOf('{', i + 1)) {
      if (i + 1 < source.length() && "{%#".indexOf(source.charAt(i + 1)) >= 0) {
        return i;
      }
    }
    return -1;
  }

  private void data(String text, int end) {
    if (!text.isEmpty()) {
      add(Token.Kind.DATA, text);
    }
    position = end;
  }

  private String stripBefore(String text, char sign, boolean block) {
    if (sign == '-') {
      return Text.strip(text, null, false, true);
    }
    if (sign == '+' || !block || !options.lstripBlocks()) {
      return text;
    }
    int lineStart = text.lastIndexOf('\n') + 1;
    boolean beginsLine = lineStart > 0 || atLineStart;
    return beginsLine && Text.isBlank(text, lineStart) ? text.substring(0, lineStart) : text;
  }

  private void comment() {
    if (position >= source.length()) {
      return; // Jinja2 lets an opening at the very end pass.
    }
    int end = source.indexOf("#}", position);
    if (end < 0) {
      throw error("a comment is opened with {# and never closed with #}");
    }
    char sign = end > position ? source.charAt(end - 1) : ' ';
    position = end + 2;
    afterTag(sign, true);
  }

  /** The position after {@code raw %}} if that is what follows, or -1. */
  private int rawTag(int from) {
    int i = skipSpace(from);
    if (!source.startsWith("raw", i)) {
      return -1;
    }
    i = skipSpace(i + 3);
    if (source.startsWith("-%}", i)) {
      return skipSpace(i + 3);
    }
    return source.startsWith("%}", i) ? i + 2 : -1;
  }

  private void raw() {
    if (position >= source.length()) {
      return;
    }
    for (int i = source.indexOf("{%", position); i >= 0; i = source.indexOf("{%", i + 1)) {
      int word = i + 2;
      char before = word < source.length() ? source.charAt(word) : ' ';
      if (before == '-' || before == '+') {
        word++;
      }
      word = skipSpace(word);
      if (!source.startsWith("endraw", word)) {
        continue;
      }
      int close = skipSpace(word + 6);
      char after = close < source.length() ? source.charAt(close) : ' ';
      int end = after == '-' || after == '+' ? close + 1 : close;
      if (source.startsWith("%}", end)) {
        String text = source.substring(position, i);
        data(stripBefore(text, before, true), end + 2);
        afterTag(after, true);
        return;
      }
    }
    throw error("a raw section is opened with {% raw %} and never closed with {% endraw %}");
  }

  /** Consumes the white space that belongs to a closed tag. */
  private void afterTag(char sign, boolean block) {
    int start = position;
    if (sign == '-') {
      position = skipSpace(position);
    } else if (sign != '+'
        && block
        && options.trimBlocks()
        && position < source.length()
        && source.charAt(position) == '\n') {
      position++;
    }
    atLineStart = position > start && source.charAt(position - 1) == '\n';
  }

  private void tag(Token.Kind begin, Token.Kind end, String close) {
    add(begin, "");
    Deque<Character> open = new ArrayDeque<>();
    while (position < source.length()) {
      if (open.isEmpty() && closed(end, close)) {
        return;
      }
      int c = source.codePointAt(position);
      if (Text.isSpace(c)) {
        position++;
      } else if (c >= '0' && c <= '9') {
        number();
      } else if (isWord(c)) {
        name();
      } else if (c == '\'' || c == '"') {
        string((char) c);
      } else {
        operator(open);
      }
    }
  }

  private boolean closed(Token.Kind end, String close) {
    char sign = source.charAt(position);
    boolean block = end == Token.Kind.BLOCK_END;
    boolean signed = sign == '-' || (sign == '+' && block);
    int at = signed ? position + 1 : position;
    if (!source.startsWith(close, at)) {
      return false;
    }
    add(end, "");
    position = at + 2;
    afterTag(signed ? sign : ' ', block);
    return true;
  }

  private void name() {
    int start = position;
    while (position < source.length() && isWord(source.codePointAt(position))) {
      position += Character.charCount(source.codePointAt(position));
    }
    String name = source.substring(start, position);
    if (!Text.isIdentifier(name)) {
      throw error("'" + name + "' is not a name: it holds a character no name may have");
    }
    add(Token.Kind.NAME, name);
  }

  private static boolean isWord(int c) {
    return c == '_' || Text.isAlphanumeric(c);
  }

  private void string(char quote) {
    int end = position + 1;
    while (end < source.length() && source.charAt(end) != quote) {
      end += source.charAt(end) == '\\' ? 2 : 1;
    }
    if (end >= source.length()) {
      throw error("a string is opened with " + quote + " and never closed");
    }
    String body = source.substring(position + 1, end);
    try {
      add(Token.Kind.STRING, Escapes.decode(body));
    } catch (TemplateException e) {
      throw e.at(line());
    }
    position = end + 1;
  }

  private void number() {
    int end = position > 0 && source.charAt(position - 1) == '.' ? -1 : floatEnd();
    Token.Kind kind = Token.Kind.FLOAT;
    if (end < 0) {
      end = integerEnd();
      kind = Token.Kind.INTEGER;
    }
    add(kind, source.substring(position, end).replace("_", ""));
    position = end;
  }

  /** End of a number with a fraction or an exponent, or -1. */
  private int floatEnd() {
    int end = digits(position, 10, false);
    boolean fraction = false;
    if (end + 1 < source.length() && source.charAt(end) == '.' && isDigit(end + 1, 10)) {
      end = digits(end + 1, 10, false);
      fraction = true;
    }
    if (end < source.length() && (source.charAt(end) | 0x20) == 'e') {
      int exponent = end + 1;
      if (exponent < source.length() && "+-".indexOf(source.charAt(exponent)) >= 0) {
        exponent++;
      }
      if (isDigit(exponent, 10)) {
        return digits(exponent, 10, false);
      }
    }
    return fraction ? end : -1;
  }

  private int integerEnd() {
    if (source.charAt(position) != '0') {
      return digits(position, 10, false);
    }
    char mark = position + 1 < source.length() ? source.charAt(position + 1) : ' ';
    int radix =
        switch (mark) {
          case 'x', 'X' -> 16;
          case 'o', 'O' -> 8;
          case 'b', 'B' -> 2;
          default -> 1;
        };
    if (radix > 1) {
      int end = digits(position + 2, radix, true);
      if (end > position + 2) {
        return end;
      }
    }
    return digits(position, 1, false);
  }

  /**
   * End of a run of digits that may be parted by single underscores.
   *
   * @param radix 1 takes zeros only
   * @param leading an underscore may come first
   */
  private int digits(int from, int radix, boolean leading) {
    int i = from;
    boolean part = leading;
    while (true) {
      if (isDigit(i, radix)) {
        i++;
      } else if (part && i < source.length() && source.charAt(i) == '_' && isDigit(i + 1, radix)) {
        i += 2;
      } else {
        return i;
      }
      part = true;
    }
  }

  private boolean isDigit(int at, int radix) {
    if (at >= source.length() || source.charAt(at) > 'f') {
      return false;
    }
    return radix == 1 ? source.charAt(at) == '0' : Character.digit(source.charAt(at), radix) >= 0;
  }

  private void operator(Deque<Character> open) {
    String operator =
        LONG_OPERATORS.stream()
            .filter(o -> source.startsWith(o, position))
            .findFirst()
            .orElse(source.substring(position, position + 1));
    if (operator.length() == 1 && SHORT_OPERATORS.indexOf(operator.charAt(0)) < 0) {
      throw error(
          "unexpected character '" + Character.toString(source.codePointAt(position)) + "'");
    }
    switch (operator) {
      case "(" -> open.push(')');
      case "[" -> open.push(']');
      case "{" -> open.push('}');
      case ")", "]", "}" -> {
        if (open.isEmpty()) {
          throw error("'" + operator + "' closes nothing");
        }
        char expected = open.pop();
        if (expected != operator.charAt(0)) {
          throw error("unexpected '" + operator + "', expected '" + expected + "'");
        }
      }
      default -> {}
    }
    add(Token.Kind.OPERATOR, operator);
    position += operator.length();
  }

  private int skipSpace(int from) {
    int i = from;
    while (i < source.length() && Text.isSpace(source.charAt(i))) {
      i++;
    }
    return i;
  }

  private int line() {
    for (; countedTo < position; countedTo++) {
      if (source.charAt(countedTo) == '\n') {
        line++;
      }
    }
    return line;
  }

  private void add(Token.Kind kind, String text) {
    tokens.add(new Token(kind, text, line()));
  }

  private TemplateException error(String reason) {
    return new TemplateException(Kind.SYNTAX, reason, line(), null);
  }
}
