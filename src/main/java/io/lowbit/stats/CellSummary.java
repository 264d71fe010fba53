// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import io.lowbit.results.ItemRecord;
import io.lowbit.results.ItemRecord.Aggregation;
import io.lowbit.results.ItemRecord.Metric;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A cell's number with its interval.
 *
 * @param key which cell
 * @param metric its metric
 * @param primary whether it is the task's first metric
 * @param example a record of the cell, for all that its items share (protocol, bits, execution)
 * @param items number of items
 * @param clusters number of clusters; equal to items if they are independent
 * @param value mean, perplexity or bits per byte; NaN if an item has no finite value
 * @param interval of the value; none if undefined, see the notes
 * @param method how the interval was made
 * @param errors standard errors of a mean, with and without clusters; none for perplexities and
 *     undefined means
 * @param wilson Wilson's interval of 0/1 scores, as if all items were independent
 * @param notes what a reader must know, as sentences
 */
public record CellSummary(
    Cell.Key key,
    Metric metric,
    boolean primary,
    ItemRecord example,
    int items,
    int clusters,
    double value,
    Optional<Interval> interval,
    String method,
    Optional<ClusteredMean> errors,
    Optional<Interval> wilson,
    List<String> notes) {

  private static final String NO_INTERVAL = "none";

  private record Estimate(double value, Optional<Interval> interval, String method) {}

  /**
   * Whether this is the task's score: its first metric that is a plain mean, which need not be its
   * first metric.
   */
  public boolean isScore() {
    return Cell.isFirst(example, metric, Cell::isMean);
  }

  /**
   * Whether this is the perplexity of the task's text: its first metric per token, word or byte.
   * The others of a text say the same in other units. One per document (as that of a last word) is
   * no perplexity of a text.
   */
  public boolean isTextPerplexity() {
    return Cell.isFirst(example, metric, Cell::isOfText);
  }

  /** Summarises a cell with an interval of the given level. */
  public static CellSummary of(Cell cell, double level) {
    double[] numerators = cell.numerators();
    Clusters clusters = cell.clusters();
    List<String> notes = new ArrayList<>();
    Estimate estimate;
    Optional<String> broken = notFinite(cell, numerators);
    if (broken.isPresent()) {
      notes.add(broken.get());
      estimate = new Estimate(Double.NaN, Optional.empty(), NO_INTERVAL);
    } else if (cell.isMean()) {
      estimate = mean(numerators, clusters, level);
    } else {
      estimate = perplexity(cell, numerators, clusters, level);
    }
    if (broken.isEmpty() && estimate.interval.isEmpty()) {
      notes.add(
          clusters.count() < 2
              ? "No interval: all items belong to one cluster."
              : "No interval: one item is not enough.");
    }
    boolean isDefinedMean = cell.isMean() && broken.isEmpty();
    return new CellSummary(
        cell.key(),
        cell.metric(),
        cell.primary(),
        cell.example(),
        cell.items().size(),
        clusters.count(),
        estimate.value,
        estimate.interval,
        estimate.method,
        isDefinedMean ? Optional.of(ClusteredMean.of(numerators, clusters)) : Optional.empty(),
        isDefinedMean && isBinary(numerators)
            ? Optional.of(wilson(numerators, level))
            : Optional.empty(),
        List.copyOf(notes));
  }

  /** A sentence if an item's value is NaN or infinite: leaving it out would flatter the scheme. */
  static Optional<String> notFinite(Cell cell, double[] numerators) {
    int count = 0;
    String first = "";
    for (int i = 0; i < numerators.length; i++) {
      if (!Double.isFinite(numerators[i])) {
        first = count == 0 ? cell.items().get(i).item() : first;
        count++;
      }
    }
    return count == 0
        ? Optional.empty()
        : Optional.of(
            "No value: %d of %d items have no finite score (the first is '%s')."
                .formatted(count, numerators.length, first));
  }

  private static Estimate mean(double[] scores, Clusters clusters, double level) {
    double mean = Moments.mean(scores);
    if (clusters.shared() && !(isBinary(scores) && Moments.isConstant(scores))) {
      ClusteredMean clustered = ClusteredMean.of(scores, clusters);
      return new Estimate(mean, clustered.interval(level), "t with cluster-robust error (CR1)");
    }
    if (isBinary(scores)) {
      return new Estimate(mean, Optional.of(wilson(scores, level)), "Wilson");
    }
    return new Estimate(mean, SampleMean.of(scores).interval(level), "t");
  }

  private static Interval wilson(double[] scores, double level) {
    int successes = (int) Math.round(Moments.sum(scores));
    return new Proportion(successes, scores.length).wilson(level);
  }

  private static Estimate perplexity(Cell cell, double[] nll, Clusters clusters, double level) {
    Perplexity perplexity = Perplexity.of(nll, cell.units(), clusters);
    String method = "t on the logarithm, cluster-robust error (CR1)";
    if (cell.metric().aggregation() == Aggregation.BITS_PER_BYTE) {
      return new Estimate(
          perplexity.lnValue() / Math.log(2),
          perplexity.interval(level).map(i -> i.map(ppl -> Math.log(ppl) / Math.log(2))),
          "t, cluster-robust error (CR1)");
    }
    return new Estimate(perplexity.value(), perplexity.interval(level), method);
  }

  static boolean isBinary(double[] scores) {
    for (double score : scores) {
      if (score != 0 && score != 1) {
        return false;
      }
    }
    return true;
  }
}
