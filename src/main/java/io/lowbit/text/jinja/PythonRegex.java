// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import io.lowbit.text.jinja.TemplateException.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Python's {@code re.sub} on Java's regular expressions: the pattern and the replacement are
 * rewritten where the two languages differ.
 */
final class PythonRegex {
  private static final String WHITE = "\\s\\x1c-\\x1f";
  private static final String WORD = "\\p{L}\\p{N}_";

  private final String pattern;
  private final StringBuilder java = new StringBuilder();
  private final List<String> groups = new ArrayList<>();
  private int position;

  private PythonRegex(String pattern) {
    this.pattern = pattern;
  }

  /** The filter {@code regex_replace(pattern, repl, count)}. */
  static Object replace(Invocation c) {
    String text = c.requireText(c.self());
    PythonRegex regex = new PythonRegex(c.requireText(c.get(0)));
    Matcher matcher = regex.compile().matcher(new Metered(text, c.budget()));
    String template = c.requireText(c.get(1));
    long left = c.integer(2, 0);
    left = left == 0 ? Long.MAX_VALUE : left;
    StringBuilder out = new StringBuilder();
    int end = 0;
    while (left-- > 0 && finds(matcher)) {
      String replacement = regex.expand(template, matcher);
      c.budget().text(matcher.start() - end + replacement.length());
      out.append(text, end, matcher.start()).append(replacement);
      end = matcher.end();
    }
    return out.append(text, end, text.length()).toString();
  }

  /** Java's expressions recurse for a repeated group, once for each repetition. */
  private static boolean finds(Matcher matcher) {
    try {
      return matcher.find();
    } catch (StackOverflowError e) {
      throw new TemplateException(
          Kind.LIMIT, "'regex_replace' repeats a group too often for a text of that length", 0, e);
    }
  }

  /** Text that counts how often it is looked at, since some patterns look for ever. */
  private record Metered(CharSequence text, Budget budget) implements CharSequence {
    @Override
    public char charAt(int index) {
      budget.work(1);
      return text.charAt(index);
    }

    @Override
    public int length() {
      return text.length();
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return new Metered(text.subSequence(start, end), budget);
    }

    @Override
    public String toString() {
      return text.toString();
    }
  }

  private Pattern compile() {
    while (position < pattern.length()) {
      char c = pattern.charAt(position++);
      switch (c) {
        case '\\' -> escape(false);
        case '[' -> set();
        case '(' -> group();
        case '{' -> brace();
        default -> java.append(c);
      }
    }
    try {
      return Pattern.compile(
          java.toString(),
          Pattern.UNIX_LINES | Pattern.UNICODE_CASE | Pattern.UNICODE_CHARACTER_CLASS);
    } catch (PatternSyntaxException e) {
      throw new TemplateException(
          Kind.VALUE, "'regex_replace' cannot read its pattern: " + e.getDescription(), 0, e);
    }
  }

  private void escape(boolean inSet) {
    if (position == pattern.length()) {
      throw bad("it ends with a backslash");
    }
    char c = pattern.charAt(position++);
    switch (c) {
      case 'Z' -> java.append("\\z");
      case 's' -> java.append(inSet ? WHITE : "[" + WHITE + "]");
      case 'S' -> java.append("[^" + WHITE + "]");
      case 'w' -> java.append(inSet ? WORD : "[" + WORD + "]");
      case 'W' -> java.append("[^" + WORD + "]");
      case 'U' -> {
        java.append("\\x{").append(take(8)).append('}');
      }
      default -> java.append('\\').append(c);
    }
  }

  private String take(int digits) {
    int end = position + digits;
    if (end > pattern.length()) {
      throw bad("an escape needs " + digits + " digits");
    }
    String taken = pattern.substring(position, end);
    position = end;
    return taken;
  }

  private void set() {
    java.append('[');
    if (position < pattern.length() && pattern.charAt(position) == '^') {
      java.append('^');
      position++;
    }
    boolean first = true;
    while (position < pattern.length()) {
      char c = pattern.charAt(position++);
      if (c == ']' && !first) {
        java.append(']');
        return;
      }
      first = false;
      if (c == '\\') {
        escape(true);
      } else if ("[]&".indexOf(c) >= 0) {
        java.append('\\').append(c);
      } else {
        java.append(c);
      }
    }
    throw bad("a set is never closed with ]");
  }

  private void group() {
    java.append('(');
    if (pattern.startsWith("?P<", position)) {
      int close = pattern.indexOf('>', position);
      if (close < 0) {
        throw bad("the name of a group is never closed with >");
      }
      groups.add(pattern.substring(position + 3, close));
      java.append("?<").append(javaName(groups.getLast())).append('>');
      position = close + 1;
    } else if (pattern.startsWith("?P=", position)) {
      int close = pattern.indexOf(')', position);
      if (close < 0) {
        throw bad("a reference to a group is never closed with )");
      }
      java.setLength(java.length() - 1);
      java.append("\\k<").append(javaName(pattern.substring(position + 3, close))).append('>');
      position = close + 1;
    } else if (pattern.startsWith("?#", position)) {
      int close = pattern.indexOf(')', position);
      if (close < 0) {
        throw bad("a comment is never closed with )");
      }
      java.setLength(java.length() - 1);
      position = close + 1;
    }
  }

  /** Java's names of groups hold no underscores. */
  private String javaName(String name) {
    int index = groups.indexOf(name);
    if (index < 0) {
      throw bad("it has no group '" + name + "'");
    }
    return "group" + index;
  }

  /** A brace repeats only if digits follow; otherwise it is a character. */
  private void brace() {
    int close = pattern.indexOf('}', position);
    String inside = close < 0 ? "" : pattern.substring(position, close);
    if (inside.startsWith(",") && inside.length() > 1) {
      inside = "0" + inside;
    }
    if (inside.matches("[0-9]+(,[0-9]*)?")) {
      java.append('{').append(inside).append('}');
      position = close + 1;
    } else {
      java.append("\\{");
    }
  }

  private String expand(String template, Matcher match) {
    if (template.indexOf('\\') < 0) {
      return template;
    }
    StringBuilder out = new StringBuilder();
    int i = 0;
    while (i < template.length()) {
      char c = template.charAt(i++);
      if (c != '\\' || i == template.length()) {
        out.append(c);
        continue;
      }
      char escaped = template.charAt(i++);
      if (escaped == 'g' && i < template.length() && template.charAt(i) == '<') {
        int close = template.indexOf('>', i);
        if (close < 0) {
          throw bad("a group in the replacement is never closed with >");
        }
        out.append(named(template.substring(i + 1, close), match));
        i = close + 1;
      } else if (escaped >= '1' && escaped <= '9') {
        boolean two = i < template.length() && Character.isDigit(template.charAt(i));
        int end = two ? i + 1 : i;
        out.append(numbered(Integer.parseInt(template.substring(i - 1, end)), match));
        i = end;
      } else {
        out.append(plainEscape(escaped));
      }
    }
    return out.toString();
  }

  private static String plainEscape(char escaped) {
    return switch (escaped) {
      case 'n' -> "\n";
      case 't' -> "\t";
      case 'r' -> "\r";
      case 'f' -> "\f";
      case 'v' -> "\u000B";
      case 'a' -> "\u0007";
      case 'b' -> "\b";
      case '0' -> "\0";
      case '\\' -> "\\";
      default -> {
        if (escaped < 0x80 && Character.isLetter(escaped)) {
          throw bad("the replacement has the unknown escape '\\" + escaped + "'");
        }
        yield "\\" + escaped;
      }
    };
  }

  private String named(String name, Matcher match) {
    boolean number = Letters.all(name, c -> c >= '0' && c <= '9') && name.length() < 4;
    String group = number ? numbered(Integer.parseInt(name), match) : match.group(javaName(name));
    return group == null ? "" : group;
  }

  private static String numbered(int group, Matcher match) {
    if (group > match.groupCount()) {
      throw bad("the replacement asks for group " + group + ", which it does not have");
    }
    String text = match.group(group);
    return text == null ? "" : text;
  }

  private static TemplateException bad(String why) {
    return new TemplateException(Kind.VALUE, "'regex_replace' cannot use its pattern: " + why);
  }
}
