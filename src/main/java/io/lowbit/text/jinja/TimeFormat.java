// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import java.time.DayOfWeek;
import java.time.LocalDateTime;
import java.time.format.TextStyle;
import java.time.temporal.ChronoUnit;
import java.time.temporal.IsoFields;
import java.util.Locale;

/** Dates as C's {@code strftime} writes them, in the C locale and without a time zone. */
final class TimeFormat {
  private final LocalDateTime time;
  private final StringBuilder out = new StringBuilder();

  private TimeFormat(LocalDateTime time) {
    this.time = time;
  }

  /** Writes a time. */
  static String format(String format, LocalDateTime time, Budget budget) {
    TimeFormat writer = new TimeFormat(time);
    budget.text(format.length() * 8L);
    writer.write(format);
    return writer.out.toString();
  }

  private void write(String format) {
    int i = 0;
    while (i < format.length()) {
      char c = format.charAt(i++);
      if (c != '%' || i == format.length()) {
        out.append(c);
        continue;
      }
      int start = i - 1;
      char flag = "-_0^#".indexOf(format.charAt(i)) >= 0 ? format.charAt(i++) : 0;
      if (i == format.length()) {
        out.append(format, start, i);
      } else if (!directive(format.charAt(i++), flag)) {
        out.append(format, start, i);
      }
    }
  }

  private boolean directive(char directive, char flag) {
    switch (directive) {
      case 'Y' -> number(time.getYear(), 1, flag);
      case 'C' -> number(time.getYear() / 100, 2, flag);
      case 'y' -> number(time.getYear() % 100, 2, flag);
      case 'm' -> number(time.getMonthValue(), 2, flag);
      case 'd' -> number(time.getDayOfMonth(), 2, flag);
      case 'e' -> number(time.getDayOfMonth(), 2, flag == 0 ? '_' : flag);
      case 'j' -> number(time.getDayOfYear(), 3, flag);
      case 'H' -> number(time.getHour(), 2, flag);
      case 'k' -> number(time.getHour(), 2, flag == 0 ? '_' : flag);
      case 'I' -> number(hourOfHalfDay(), 2, flag);
      case 'l' -> number(hourOfHalfDay(), 2, flag == 0 ? '_' : flag);
      case 'M' -> number(time.getMinute(), 2, flag);
      case 'S' -> number(time.getSecond(), 2, flag);
      case 'f' -> number(time.getNano() / 1000, 6, (char) 0);
      case 'G' -> number(time.get(IsoFields.WEEK_BASED_YEAR), 1, flag);
      case 'g' -> number(time.get(IsoFields.WEEK_BASED_YEAR) % 100, 2, flag);
      case 'V' -> number(time.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR), 2, flag);
      case 'U' -> number(weekOfYear(DayOfWeek.SUNDAY), 2, flag);
      case 'W' -> number(weekOfYear(DayOfWeek.MONDAY), 2, flag);
      case 'u' -> number(time.getDayOfWeek().getValue(), 1, flag);
      case 'w' -> number(time.getDayOfWeek().getValue() % 7, 1, flag);
      case 's' -> out.append(ChronoUnit.SECONDS.between(LocalDateTime.of(1970, 1, 1, 0, 0), time));
      case 'a' ->
          word(
              time.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.ENGLISH).substring(0, 3),
              flag);
      case 'A' -> word(time.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.ENGLISH), flag);
      case 'b', 'h' -> word(shortMonth(), flag);
      case 'B' -> word(time.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH), flag);
      case 'p' -> word(flag == '#' ? halfDay().toLowerCase(Locale.ROOT) : halfDay(), flag);
      case 'P' -> out.append(halfDay().toLowerCase(Locale.ROOT));
      case 'c' -> write("%a %b %e %H:%M:%S %Y");
      case 'x', 'D' -> write("%m/%d/%y");
      case 'X', 'T' -> write("%H:%M:%S");
      case 'R' -> write("%H:%M");
      case 'r' -> write("%I:%M:%S %p");
      case 'F' -> write("%Y-%m-%d");
      case 'n' -> out.append('\n');
      case 't' -> out.append('\t');
      case '%' -> out.append('%');
      case 'z', 'Z' -> {}
      default -> {
        return false;
      }
    }
    return true;
  }

  private void number(int value, int digits, char flag) {
    String text = Integer.toString(value);
    String pad = flag == '_' ? " " : "0";
    out.append(flag == '-' ? "" : pad.repeat(Math.max(digits - text.length(), 0))).append(text);
  }

  private void word(String word, char flag) {
    out.append(flag == '^' ? word.toUpperCase(Locale.ROOT) : word);
  }

  private int hourOfHalfDay() {
    return (time.getHour() + 11) % 12 + 1;
  }

  private String halfDay() {
    return time.getHour() < 12 ? "AM" : "PM";
  }

  private String shortMonth() {
    return time.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH).substring(0, 3);
  }

  /** Weeks begin on a day of the week; days before the first one are in week 0. */
  private int weekOfYear(DayOfWeek begin) {
    int daysSinceBegin = Math.floorMod(time.getDayOfWeek().getValue() - begin.getValue(), 7);
    return (time.getDayOfYear() - 1 + 7 - daysSinceBegin) / 7;
  }
}
