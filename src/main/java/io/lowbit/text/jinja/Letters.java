// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import java.util.Locale;
import java.util.function.IntPredicate;

/** Upper and lower case, with Python's rules. */
final class Letters {
  private Letters() {}

  static String upper(String text) {
    return text.toUpperCase(Locale.ROOT);
  }

  static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }

  /** The first character in title case, the others in lower case. */
  static String capitalized(String text) {
    if (text.isEmpty()) {
      return text;
    }
    String first = first(text);
    return titleCase(first) + lower(text).substring(lower(first).length());
  }

  static String first(String text) {
    return text.substring(0, Character.charCount(text.codePointAt(0)));
  }

  /** The title case of one character, which may be several. */
  private static String titleCase(String character) {
    int c = character.codePointAt(0);
    int simple = Character.toTitleCase(c);
    String upper = upper(character);
    if (simple != c || upper.codePointCount(0, upper.length()) == 1) {
      return Character.toString(simple);
    }
    String first = first(upper);
    return first + lower(upper.substring(first.length()));
  }

  /** Every run of cased characters capitalized: Python's {@code str.title}. */
  static String title(String text) {
    String lower = lower(text);
    StringBuilder out = new StringBuilder(text.length());
    boolean inWord = false;
    int lowerAt = 0;
    for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
      int c = text.codePointAt(i);
      String character = Character.toString(c);
      int lowerLength = lower(character).length();
      out.append(inWord ? lower.substring(lowerAt, lowerAt + lowerLength) : titleCase(character));
      lowerAt += lowerLength;
      inWord = isCased(c);
    }
    return out.toString();
  }

  static String swapped(String text) {
    StringBuilder out = new StringBuilder(text.length());
    text.codePoints()
        .forEach(c -> {
          String character = Character.toString(c);
          out.append(Character.isUpperCase(c) ? lower(character) : upper(character));
        });
    return out.toString();
  }

  /** Case folding: what two spellings of a word have in common. */
  static String folded(String text) {
    StringBuilder out = new StringBuilder(text.length());
    text.codePoints()
        .forEach(c -> {
          String character = Character.toString(c);
          out.append(c == '\u0131' ? character : lower(upper(lower(character))));
        });
    return out.toString();
  }

  static boolean isCased(int c) {
    return Character.isUpperCase(c) || Character.isLowerCase(c) || Character.isTitleCase(c);
  }

  /** There is a lower-case character, and none of the other case. */
  static boolean isLower(String text) {
    return isAll(text, Character::isLowerCase);
  }

  /** There is an upper-case character, and none of the other case. */
  static boolean isUpper(String text) {
    return isAll(text, Character::isUpperCase);
  }

  private static boolean isAll(String text, IntPredicate wanted) {
    boolean any = false;
    for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
      int c = text.codePointAt(i);
      if (wanted.test(c)) {
        any = true;
      } else if (isCased(c)) {
        return false;
      }
    }
    return any;
  }

  /** Python's {@code str.istitle}: capitals only at the start of words, and only there. */
  static boolean isTitle(String text) {
    boolean inWord = false;
    boolean any = false;
    for (int c : text.codePoints().toArray()) {
      boolean capital = Character.isUpperCase(c) || Character.isTitleCase(c);
      if (isCased(c) && capital == inWord) {
        return false;
      }
      inWord = isCased(c);
      any |= inWord;
    }
    return any;
  }

  /** Whether the text is not empty and each character is of a kind. */
  static boolean all(String text, IntPredicate kind) {
    return !text.isEmpty() && text.codePoints().allMatch(kind);
  }
}
