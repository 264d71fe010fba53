// SPDX-License-Identifier: Apache-2.0
package io.lowbit.results;

import io.lowbit.table.DataFile;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What llama.cpp's {@code llama-perplexity --kl-divergence} prints: how far a file's next-token
 * distributions are from those of a base, with errors that take tokens for independent. It has no
 * items, so nothing in it can be paired.
 *
 * @param name of the file, as it was given
 * @param windows number of windows of text, 0 if the table of windows is absent
 * @param statistics by name, in the order printed, such as {@code Mean KLD}
 */
public record LlamaCppDivergence(String name, int windows, Map<String, Statistic> statistics) {
  /** The logarithm of the perplexity's ratio to the base's. */
  public static final String LN_RATIO = "Mean ln(PPL(Q)/PPL(base))";

  /** The mean Kullback-Leibler divergence. */
  public static final String MEAN_KLD = "Mean KLD";

  /** The share of tokens with the same likeliest token, in percent. */
  public static final String SAME_TOP = "Same top p";

  /** Without these the output was cut off, or is that of a version that says less. */
  private static final List<String> REQUIRED = List.of("Mean PPL(Q)", LN_RATIO, MEAN_KLD, SAME_TOP);

  private static final String NUMBER =
      "[-+]?(?:\\d+\\.?\\d*(?:[eE][-+]?\\d+)?|nan(?:\\(ind\\))?|inf)";
  private static final Pattern HEADING = Pattern.compile("=+ .*statistics =+");
  private static final Pattern TABLE = Pattern.compile("chunk +PPL +ln\\(PPL.*KL Divergence.*");
  private static final Pattern WINDOW = Pattern.compile(" *(?<number>\\d+) +[-\\dni].*±.*");
  private static final Pattern STATISTIC =
      Pattern.compile(
          " *(?<name>\\S.*?) *: *(?<value>"
              + NUMBER
              + ")(?: *(?:±|\\+/-) *(?<error>"
              + NUMBER
              + "))? *(?<percent>%?) *");

  /**
   * A statistic.
   *
   * @param value as printed; NaN where llama.cpp printed nan
   * @param error as printed, if it was
   * @param isPercent whether both are in percent
   */
  public record Statistic(double value, OptionalDouble error, boolean isPercent) {}

  /**
   * Reads the output, whatever the program logged around it.
   *
   * @throws IllegalArgumentException if the output is not complete or a line of it is not as
   *     expected, with file and line
   */
  static LlamaCppDivergence read(Path file) {
    List<String> lines = DataFile.lines(file);
    Map<String, Statistic> statistics = new LinkedHashMap<>();
    boolean inTable = false;
    boolean inStatistics = false;
    int windows = 0;
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).stripTrailing();
      if (TABLE.matcher(line).matches()) {
        inTable = true;
      } else if (HEADING.matcher(line).matches()) {
        inTable = false;
        inStatistics = true;
      } else if (inTable) {
        windows = window(file, i + 1, line, windows);
      } else if (inStatistics && !line.isBlank()) {
        Optional<String> name = statistic(file, i + 1, line, statistics);
        // The last one; what follows are timings.
        inStatistics = name.filter(SAME_TOP::equals).isEmpty();
      }
    }
    for (String name : REQUIRED) {
      Statistic found = statistics.get(name);
      if (found == null || found.error.isEmpty() || found.isPercent != name.equals(SAME_TOP)) {
        throw new IllegalArgumentException(
            "%s:%d: the output ends without '%s' and its error; it is not complete, so let llama-perplexity --kl-divergence run to its end"
                .formatted(file, lines.size(), name));
      }
    }
    return new LlamaCppDivergence(file.toString(), windows, statistics);
  }

  private static int window(Path file, int number, String line, int windows) {
    Matcher window = WINDOW.matcher(line);
    if (!window.matches()) {
      return windows;
    }
    String counted = window.group("number");
    if (counted.length() > 9 || Integer.parseInt(counted) <= windows) {
      throw new IllegalArgumentException(
          "%s:%d: window %s follows window %d; the file may hold two outputs, give each its own"
              .formatted(file, number, counted, windows));
    }
    return Integer.parseInt(counted);
  }

  private static Optional<String> statistic(
      Path file, int number, String line, Map<String, Statistic> statistics) {
    Matcher statistic = STATISTIC.matcher(line);
    if (!statistic.matches()) {
      throw new IllegalArgumentException(
          "%s:%d: '%s' is not a statistic of llama.cpp such as 'Mean KLD: 0.031 ± 0.001'; the output may be damaged"
              .formatted(file, number, line.length() > 60 ? line.substring(0, 60) + "…" : line));
    }
    String name = statistic.group("name").replaceAll(" +", " ");
    String error = statistic.group("error");
    Statistic found =
        new Statistic(
            number(file, number, statistic.group("value")),
            error == null ? OptionalDouble.empty() : OptionalDouble.of(number(file, number, error)),
            !statistic.group("percent").isEmpty());
    if (statistics.putIfAbsent(name, found) != null) {
      throw new IllegalArgumentException(
          "%s:%d: '%s' occurs a second time; the file may hold two outputs, give each its own"
              .formatted(file, number, name));
    }
    return Optional.of(name);
  }

  private static double number(Path file, int line, String text) {
    if (text.contains("nan") || text.contains("inf")) {
      return Double.NaN;
    }
    double value = Double.parseDouble(text);
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException(
          "%s:%d: %s is too large for a number; the output may be damaged"
              .formatted(file, line, text.length() > 40 ? text.substring(0, 40) + "…" : text));
    }
    return value;
  }
}
