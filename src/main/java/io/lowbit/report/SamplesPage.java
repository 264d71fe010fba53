// SPDX-License-Identifier: Apache-2.0
package io.lowbit.report;

import io.lowbit.report.SamplesUnit.Sample;
import io.lowbit.results.ItemRecord;
import io.lowbit.stats.Cell;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Chooses the items that the page carries, and says what it left out. */
final class SamplesPage {
  /**
   * What the items whose answer flipped may take before compression, in characters. Compressed it
   * is about a quarter: a page of a megabyte or two stays one that can be mailed.
   */
  static final long MOST_CHARACTERS = 6_000_000;

  /** A record without its texts: places of texts, a letter, log-probabilities. */
  private static final int CHARACTERS_OF_RECORD = 24;

  private SamplesPage() {}

  /** The part for the cells of a comparison. */
  static SamplesView of(
      List<Cell> cells, Map<String, String> baselines, SamplesShown shown, List<String> scripts) {
    if (shown == SamplesShown.NONE) {
      return new SamplesView(List.of(), "", scripts);
    }
    List<SamplesUnit> units = SamplesUnit.of(cells, baselines);
    long items = units.stream().mapToLong(unit -> unit.samples().size()).sum();
    if (shown == SamplesShown.ALL) {
      String sentence = String.format(Locale.ROOT, "Every item is here: %,d.", items);
      return new SamplesView(List.of(sentence), SamplesJson.of(units), scripts);
    }
    long flipped = units.stream().mapToLong(SamplesPage::flipped).sum();
    List<SamplesUnit> kept = flips(units, MOST_CHARACTERS);
    long here = kept.stream().mapToLong(unit -> unit.samples().size()).sum();
    return new SamplesView(
        sentences(items, flipped, here), kept.isEmpty() ? "" : SamplesJson.of(kept), scripts);
  }

  private static long flipped(SamplesUnit unit) {
    return unit.samples().stream().filter(Sample::isFlipped).count();
  }

  private static List<String> sentences(long items, long flipped, long here) {
    List<String> sentences = new ArrayList<>();
    sentences.add(
        String.format(
            Locale.ROOT,
            "Items whose answer turns from right under the baseline to wrong under another scheme"
                + " of the same model, or the other way round: %2$,d of %1$,d. An item counts once per"
                + " model.",
            items,
            flipped));
    if (here < flipped) {
      sentences.add(
          String.format(
              Locale.ROOT,
              "%,d of these are here, as many of each task and model as there is room for, those"
                  + " that turn under most schemes first; %,d are left out.",
              here,
              flipped - here));
    }
    if (here < items) {
      sentences.add("'lowbit report FOLDER --samples all' makes a report with every item.");
    }
    return sentences;
  }

  /** Items that flipped, one of each unit in turn, until the room is used up. */
  static List<SamplesUnit> flips(List<SamplesUnit> units, long mostCharacters) {
    List<List<Sample>> kept = new ArrayList<>();
    units.forEach(_ -> kept.add(new ArrayList<>()));
    long left = mostCharacters;
    boolean isMore = true;
    for (int round = 0; isMore && left > 0; round++) {
      isMore = false;
      for (int u = 0; u < units.size() && left > 0; u++) {
        List<Sample> samples = units.get(u).samples();
        // Those that flipped come first.
        if (round < samples.size() && samples.get(round).isFlipped()) {
          left -= characters(samples.get(round));
          if (left >= 0) {
            kept.get(u).add(samples.get(round));
          }
          isMore = true;
        }
      }
    }
    List<SamplesUnit> withItems = new ArrayList<>();
    for (int u = 0; u < units.size(); u++) {
      if (!kept.get(u).isEmpty()) {
        withItems.add(units.get(u).with(kept.get(u)));
      }
    }
    return withItems;
  }

  private static long characters(Sample sample) {
    long characters = 0;
    String before = "";
    for (ItemRecord record : sample.records()) {
      if (record != null) {
        String text = record.prediction();
        characters += CHARACTERS_OF_RECORD + 7L * record.logLikelihoods().size();
        // Equal texts are kept once.
        characters += text.equals(before) ? 0 : Math.min(text.length(), SamplesJson.LONGEST_TEXT);
        before = text;
      }
    }
    return characters;
  }
}
