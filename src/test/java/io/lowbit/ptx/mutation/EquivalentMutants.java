// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx.mutation;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Mutants that no test can kill because they compute the same, with the reason: the table {@code
 * equivalent-mutants.txt}, a line each of entry, change and reason between bars. Entry and change
 * are regular expressions; the change is found anywhere in {@code original -> replacement}.
 */
final class EquivalentMutants {
  private record Excuse(Pattern entry, Pattern change, String reason) {
    boolean holds(Mutant mutant) {
      return entry.matcher(mutant.entry()).matches() && change.matcher(mutant.toString()).find();
    }
  }

  private final List<Excuse> excuses = new ArrayList<>();

  EquivalentMutants(String table) {
    for (String line : table.lines().toList()) {
      if (!line.isBlank() && !line.startsWith("#")) {
        String[] cells = line.split(" \\| ", -1);
        if (cells.length != 3) {
          throw new IllegalArgumentException(
              "'%s' is not 'entry | change | reason'".formatted(line));
        }
        excuses.add(
            new Excuse(
                Pattern.compile(cells[0].strip()),
                Pattern.compile(cells[1].strip()),
                cells[2].strip()));
      }
    }
  }

  /** Why a mutant computes the same, if the table says that it does. */
  Optional<String> reason(Mutant mutant) {
    return excuses.stream().filter(e -> e.holds(mutant)).findFirst().map(Excuse::reason);
  }

  /**
   * Changes for entries of a module that are out of date: no mutant is such a change, or some of
   * those that were tried are and all of them were killed.
   *
   * @param all mutants of the module
   */
  Set<String> outdated(List<Mutant> all, MutationReport report) {
    Set<String> outdated = new TreeSet<>();
    for (Excuse excuse : excuses) {
      boolean here = all.stream().anyMatch(m -> excuse.entry().matcher(m.entry()).matches());
      List<MutationReport.Verdict> tried =
          report.verdicts().stream().filter(verdict -> excuse.holds(verdict.mutant())).toList();
      boolean needed =
          tried.isEmpty()
              ? all.stream().anyMatch(excuse::holds)
              : tried.stream().anyMatch(v -> v.fate() == MutationReport.Fate.EXCUSED);
      if (here && !needed) {
        outdated.add(excuse.change().pattern());
      }
    }
    return outdated;
  }
}
