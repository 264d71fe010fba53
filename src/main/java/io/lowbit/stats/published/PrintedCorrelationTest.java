// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats.published;

import io.lowbit.results.published.PublishedFigure;
import io.lowbit.results.published.PublishedPaper;
import io.lowbit.stats.Claim.Status;
import io.lowbit.stats.published.Observation.Score;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Do a paper's printed correlations follow from its own tables? Every one is computed again; the
 * number shown is the mean of |r|.
 *
 * @param where the schemes it was computed over
 * @param paper whose
 * @param tolerance largest difference that rounding of the printed numbers explains
 */
record PrintedCorrelationTest(Selection where, PublishedPaper.Id paper, double tolerance)
    implements FindingTest {

  private static final String PREFIX = "r of ";

  @Override
  public Outcome test(Observations observations) {
    Map<Score, ScoreCorrelations.OfScore> scores = ScoreCorrelations.of(where, observations);
    List<String> notes = new ArrayList<>();
    double printed = 0;
    double computed = 0;
    int n = 0;
    int differing = 0;
    for (PublishedFigure figure : PublishedPaper.of(paper).figures()) {
      if (!figure.metric().startsWith(PREFIX)) {
        continue;
      }
      Score score =
          new Score(figure.task(), figure.metric().substring(PREFIX.length()), figure.detail());
      if (!scores.containsKey(score)) {
        return Outcome.notTested("it is about the paper's own tables, which are not here");
      }
      double r = scores.get(score).pairs().pearson();
      printed += Math.abs(figure.value());
      computed += Math.abs(r);
      n++;
      if (Math.abs(r - figure.value()) > tolerance) {
        differing++;
        notes.add(
            String.format(
                Locale.ROOT,
                "Does not reproduce: %s, printed %.3f, from the tables %.4f.",
                score,
                figure.value(),
                r));
      }
    }
    notes.addFirst(
        String.format(
            Locale.ROOT,
            "Mean |r| as printed %.4f, from the paper's own tables %.4f.",
            printed / n,
            computed / n));
    return new Outcome(
        differing == 0 ? Status.HOLDS : Status.FAILS,
        "mean |r| computed again",
        computed / n,
        Optional.empty(),
        n,
        "correlations",
        "holds if none differs by more than " + tolerance,
        List.copyOf(notes));
  }
}
