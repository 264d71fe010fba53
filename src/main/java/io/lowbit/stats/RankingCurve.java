// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

/**
 * How well scores put true cases before false ones, at all thresholds.
 *
 * @param auroc area under the ROC curve: share of true-false pairs in the right order, ties half
 * @param averagePrecision Σ(R_i − R_{i−1})·P_i in steps, without interpolation
 * @param precisionRecallArea the same curve by trapezoids, which is another number
 */
public record RankingCurve(double auroc, double averagePrecision, double precisionRecallArea) {

  /** Of scores and what was true (1) or not (0); all NaN if only one of the two occurs. */
  public static RankingCurve of(double[] score, double[] outcome) {
    Moments.requireSameLength(score, outcome);
    double trues = Moments.sum(outcome);
    double falses = outcome.length - trues;
    if (trues == 0 || falses == 0) {
      return new RankingCurve(Double.NaN, Double.NaN, Double.NaN);
    }
    double rankSum = Moments.dot(Ranks.of(score), outcome);
    double auroc = (rankSum - trues * (trues + 1) / 2) / (trues * falses);
    int[] order = Ranks.order(score);
    double hits = 0;
    double recall = 0;
    double precision = 1;
    double steps = 0;
    double trapezoids = 0;
    for (int i = order.length - 1; i >= 0; i--) {
      hits += outcome[order[i]];
      if (i > 0 && score[order[i - 1]] == score[order[i]]) {
        continue; // equal scores pass the threshold together
      }
      double nextRecall = hits / trues;
      double nextPrecision = hits / (order.length - i);
      steps += (nextRecall - recall) * nextPrecision;
      trapezoids += (nextRecall - recall) * (nextPrecision + precision) / 2;
      recall = nextRecall;
      precision = nextPrecision;
    }
    return new RankingCurve(auroc, steps, trapezoids);
  }
}
