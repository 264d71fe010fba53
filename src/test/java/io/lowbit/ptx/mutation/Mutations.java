// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx.mutation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongUnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The slips that are tried on each instruction: barriers, fences, and commits of and waits for
 * copies dropped; guards dropped, of branches once so that it is always taken and once so that it
 * never is; addresses off by 2, 4 and 16 bytes; constants that are added off by 1, 4 and 16; shifts
 * off by one bit; masks with one bit too few or too many. Branches that close a loop are left
 * alone, and of several instructions in one line all but the first.
 */
final class Mutations {
  private static final Pattern SYNCHRONISATION =
      Pattern.compile(
          "^\\s*\\{?\\s*(bar\\.sync|barrier\\.sync|membar|fence|cp\\.async\\.(wait|commit)_)");
  private static final Pattern GUARDED = Pattern.compile("^(\\s*)@!?%?\\w+\\s+(.*)$");
  private static final Pattern RESULT = Pattern.compile("^[a-z]\\S+\\s+(%\\w+)\\b.*;$");
  private static final Pattern REGISTER = Pattern.compile("%[a-z]+\\d+");
  private static final Pattern BRANCH = Pattern.compile("^bra(?:\\.uni)?\\s+(\\S+);");
  private static final Pattern LABEL = Pattern.compile("^(\\$\\w+):");
  private static final Pattern ADDRESS = Pattern.compile("\\[([%_$A-Za-z][\\w$]*)([+-]\\d+)?\\]");
  private static final Pattern NUMBER = Pattern.compile("-?(0[xX][0-9a-fA-F]+|\\d+)");
  private static final Pattern ADD = Pattern.compile("^add\\.[su](32|64)\\b");
  private static final Pattern SHIFT =
      Pattern.compile("^(?:sh[lr]|shf\\.\\w+\\.\\w+)\\.[bsu](\\d+)\\b");
  private static final Pattern MASK = Pattern.compile("^(?:and|lop3)\\.b(32|64)\\b");

  private final ModuleText text;
  private final List<Mutant> mutants = new ArrayList<>();
  private String entry = "";
  private int line;
  private String original = "";
  private final Map<String, String> results = new HashMap<>();

  private Mutations(ModuleText text) {
    this.text = text;
  }

  /** All mutants of all entries, in the order of the text. */
  static List<Mutant> of(ModuleText text) {
    Mutations mutations = new Mutations(text);
    text.entries().forEach(mutations::mutate);
    return mutations.mutants;
  }

  private void mutate(String name) {
    entry = name;
    ModuleText.Range range = text.range(name);
    Map<String, Integer> labels = new HashMap<>();
    for (int at = range.first(); at <= range.last(); at++) {
      Matcher label = LABEL.matcher(text.line(at));
      if (label.find()) {
        labels.put(label.group(1), at);
      }
    }
    results.clear();
    for (int at = range.first(); at <= range.last(); at++) {
      line = at;
      original = text.line(at);
      synchronisation();
      guard(labels);
      String instruction =
          original.strip().replaceFirst("^\\{\\s*", "").replaceFirst("^@!?%?\\w+\\s+", "");
      addresses(instruction);
      constants(instruction);
      Matcher result = RESULT.matcher(original.strip());
      if (result.matches()) {
        results.put(result.group(1), original.strip());
      }
    }
  }

  /** The instructions before this one that computed its guard and what that compares. */
  private String condition() {
    String guard = original.strip();
    if (!guard.startsWith("@")) {
      return "";
    }
    String compare = results.getOrDefault(guard.replaceFirst("^@!?(%?\\w+).*", "$1"), "");
    StringBuilder condition = new StringBuilder();
    Matcher operand = REGISTER.matcher(compare);
    for (boolean first = true; operand.find(); first = false) {
      if (!first && results.containsKey(operand.group())) {
        condition.append(results.get(operand.group())).append(' ');
      }
    }
    return condition + compare;
  }

  private void synchronisation() {
    if (SYNCHRONISATION.matcher(original).find()) {
      add(original.strip().startsWith("{") ? "{" : "");
    }
  }

  private void guard(Map<String, Integer> labels) {
    Matcher guarded = GUARDED.matcher(original);
    if (!guarded.matches()) {
      return;
    }
    Matcher branch = BRANCH.matcher(guarded.group(2));
    if (!branch.find()) {
      add(guarded.group(1) + guarded.group(2));
    } else if (labels.getOrDefault(branch.group(1), line) > line) {
      add(guarded.group(1) + guarded.group(2));
      add("");
    }
  }

  private void addresses(String instruction) {
    if (instruction.contains(".param")) {
      return;
    }
    Matcher address = ADDRESS.matcher(original);
    while (address.find()) {
      int offset = address.group(2) == null ? 0 : Integer.parseInt(address.group(2));
      for (int by : new int[] {2, 4, 16, -2, -4, -16}) {
        replace(address, "[%s%+d]".formatted(address.group(1), offset + by));
      }
    }
  }

  private void constants(String instruction) {
    Matcher add = ADD.matcher(instruction);
    Matcher shift = SHIFT.matcher(instruction);
    Matcher mask = MASK.matcher(instruction);
    if (add.find()) {
      for (int by : new int[] {1, 4, 16, -1, -4, -16}) {
        operands(1, 2, value -> value + by);
      }
    } else if (shift.find()) {
      int amount = instruction.startsWith("shf") ? 3 : 2;
      int most = Integer.parseInt(shift.group(1)) - 1;
      operands(amount, amount, value -> Math.min(value + 1, most));
      operands(amount, amount, value -> Math.max(value - 1, 0));
    } else if (mask.find()) {
      int last = instruction.startsWith("lop3") ? 3 : 2;
      boolean wide = mask.group(1).equals("64");
      operands(1, last, value -> value & ~Long.lowestOneBit(value));
      operands(
          1,
          last,
          value -> {
            long more = value | Long.lowestOneBit(~value);
            return wide ? more : (int) more;
          });
    }
  }

  /** Changes those of some operands that are constants, one at a time; the result is operand 0. */
  private void operands(int first, int last, LongUnaryOperator change) {
    int end = original.lastIndexOf(';');
    String[] operands = original.substring(0, end).split(",", -1);
    for (int i = first; i <= last && i < operands.length; i++) {
      String operand = operands[i].strip();
      if (NUMBER.matcher(operand).matches()) {
        long value = Long.decode(operand);
        long changed = change.applyAsLong(value);
        if (changed != value) {
          String[] others = operands.clone();
          others[i] = " " + changed;
          add(String.join(",", others) + original.substring(end));
        }
      }
    }
  }

  private void replace(Matcher part, String by) {
    add(original.substring(0, part.start()) + by + original.substring(part.end()));
  }

  private void add(String replacement) {
    mutants.add(new Mutant(entry, line, original, replacement, condition()));
  }
}
