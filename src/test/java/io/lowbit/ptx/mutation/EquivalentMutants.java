// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx.mutation;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
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
  private final Set<String> used = new ConcurrentSkipListSet<>();

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
    Optional<Excuse> excuse = excuses.stream().filter(e -> e.holds(mutant)).findFirst();
    excuse.ifPresent(e -> used.add(e.change().pattern()));
    return excuse.map(Excuse::reason);
  }

  /** Changes for entries of a module that excused nothing so far. */
  Set<String> unused(Set<String> entries) {
    Set<String> unused = new TreeSet<>();
    for (Excuse excuse : excuses) {
      if (entries.stream().anyMatch(entry -> excuse.entry().matcher(entry).matches())) {
        unused.add(excuse.change().pattern());
      }
    }
    unused.removeAll(used);
    return unused;
  }
}
