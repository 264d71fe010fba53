// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import io.lowbit.stats.Claim.Kind;
import io.lowbit.stats.Claim.Status;
import java.util.List;
import java.util.Optional;

/**
 * Does perplexity predict accuracy? Over all configurations that have both.
 *
 * @param correlation ln perplexity against accuracy
 * @param lowest smallest Pearson r with one configuration left out; NaN below five
 * @param highest largest one
 * @param isSameText whether the perplexities of different models have the same unit; else only the
 *     correlation within models means something
 */
public record PerplexityAnswer(
    ProxyCorrelation correlation, double lowest, double highest, boolean isSameText) {

  /** A correlation that is no weaker than this tracks: a quarter of the variance. */
  public static final double TRACKS = -0.5;

  static PerplexityAnswer of(Configurations configurations, double level) {
    List<ProxyCorrelation.Point> points =
        configurations.all().stream()
            .filter(one -> Double.isFinite(one.accuracy()) && Double.isFinite(one.lnPerplexity()))
            .map(one ->
                new ProxyCorrelation.Point(
                    one.model(), one.scheme(), one.lnPerplexity(), one.accuracy()))
            .toList();
    ProxyCorrelation correlation =
        ProxyCorrelation.of(
            String.join(", ", configurations.texts()),
            String.join(", ", configurations.scoreTasks()),
            points,
            level);
    Pairs pairs =
        new Pairs(
            points.stream().mapToDouble(ProxyCorrelation.Point::lnPerplexity).toArray(),
            points.stream().mapToDouble(ProxyCorrelation.Point::score).toArray());
    double[] range =
        points.size() > Correlation.FEWEST_FOR_INTERVAL
            ? GroupedCorrelation.leaveOneOutRange(pairs)
            : new double[] {Double.NaN, Double.NaN};
    return new PerplexityAnswer(correlation, range[0], range[1], configurations.isSameText());
  }

  /** Number of configurations. */
  public int n() {
    return correlation.points().size();
  }

  /** Pearson's r over all configurations. */
  public Correlation pooled() {
    return correlation.pooled().getFirst();
  }

  /**
   * Holds if r is at most {@link #TRACKS} and its interval lies below 0; fails if the interval lies
   * above {@link #TRACKS}. With several models the pooled and the within-model coefficient must
   * both hold, and the pooled one is not asked where perplexities have different units.
   */
  Claim claim() {
    if (n() < Correlation.FEWEST_FOR_INTERVAL || Double.isNaN(pooled().value())) {
      return Claim.notTested(Kind.PERPLEXITY_TRACKS);
    }
    Status pooled = status(pooled().value(), pooled().interval());
    Optional<GroupedCorrelation> within = correlation.within();
    if (within.isEmpty()) {
      return claim(pooled, pooled().value(), pooled().interval());
    }
    double r = within.get().within();
    Status inside = status(r, within.get().interval());
    return isPooledMeaningful()
        ? claim(both(pooled, inside), pooled().value(), pooled().interval())
        : claim(inside, r, within.get().interval());
  }

  /** Whether perplexities may be put side by side: of one text in one unit, or of one model. */
  public boolean isPooledMeaningful() {
    return isSameText || correlation.within().isEmpty();
  }

  private static Claim claim(Status status, double r, Optional<Interval> interval) {
    return new Claim(Kind.PERPLEXITY_TRACKS, status, r, interval, List.of());
  }

  private static Status status(double r, Optional<Interval> interval) {
    if (interval.isEmpty()) {
      return Status.UNDECIDED;
    }
    if (interval.get().low() > TRACKS) {
      return Status.FAILS;
    }
    return r <= TRACKS && interval.get().high() < 0 ? Status.HOLDS : Status.UNDECIDED;
  }

  private static Status both(Status first, Status second) {
    if (first == second) {
      return first;
    }
    return first == Status.FAILS || second == Status.FAILS ? Status.FAILS : Status.UNDECIDED;
  }
}
