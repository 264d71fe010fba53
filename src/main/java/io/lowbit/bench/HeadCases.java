// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench;

import io.lowbit.backend.TargetScores;
import io.lowbit.backend.TopTokens;
import io.lowbit.backend.cuda.DeviceMatrix;
import io.lowbit.backend.cuda.HeadReduction;
import io.lowbit.bench.ConformanceCase.Outcome;
import io.lowbit.bench.Product.Data;
import io.lowbit.tensor.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Log-probabilities, ranks, arg-max and the likeliest tokens against double precision. */
final class HeadCases {
  private HeadCases() {}

  static Stream<ConformanceCase> cases() {
    List<ConformanceCase> cases = new ArrayList<>();
    // Columns end in each of the steps that fill the pipeline, and after it has wrapped around; a
    // lane of the last kernel takes several tiles of 17,000 tokens.
    int[][] shapes = {
      {1, 1, 8},
      {3, 100, 64},
      {7, 128, 17},
      {8, 129, 200},
      {9, 300, 65},
      {17, 257, 63},
      {33, 130, 72},
      {64, 140, 1},
      {100, 129, 66},
      {129, 384, 130},
      {9, 5000, 264},
      {5, 21, 72},
      {2, 20, 150},
      {6, 140, 412},
      {33, 12, 414},
      {10, 19, 417}
    };
    for (DType type : List.of(DType.F16, DType.BF16)) {
      for (int[] s : shapes) {
        boolean small = s[0] < 64 && s[1] <= 300;
        boolean turn = s[0] <= 33 || type == DType.F16;
        cases.add(of(s[0], s[1], s[2], type, Data.NORMAL, small && turn));
        cases.add(of(s[0], s[1], s[2], type, Data.INTEGERS, small && (s[0] < 9 || s[0] == 33)));
      }
      cases.add(of(129, 20, 24, type, Data.INTEGERS, true));
      cases.add(of(1, 17_000, 8, type, Data.INTEGERS, type == DType.F16));
      cases.add(of(1, 17_000, 9, type, Data.NORMAL, type == DType.F16));
      // The maximum lies in the second tile, and in the first that a lane takes second.
      cases.add(of(1, 250, 24, type, Data.PEAK, true));
      cases.add(of(1, 4200, 24, type, Data.PEAK, true));
      for (Data data : Data.values()) {
        cases.add(of(10, 141, 78, type, data, type == DType.F16));
        cases.add(of(2, 520, 24, type, data, type == DType.BF16));
      }
    }
    return cases.stream();
  }

  private static ConformanceCase of(
      int rows, int vocabulary, int columns, DType type, Data data, boolean sample) {
    return new ConformanceCase(
        "head",
        "%s %d rows of %d, %d tokens %s".formatted(type, rows, columns, vocabulary, data),
        sample,
        kernels -> {
          Product product = Product.of(rows, vocabulary, columns, type, data).withoutBias();
          Check check = new Check(product, data == Data.INTEGERS || data == Data.ZEROS);
          try (HeadReduction head = new HeadReduction(kernels);
              CaseMemory memory = new CaseMemory(kernels.driver())) {
            DeviceMatrix x = memory.matrix(product.x(), rows, columns, type);
            DeviceMatrix w = memory.matrix(product.w(), vocabulary, columns, type);
            check.targets(head, x, w);
            check.best(head, x, w);
          }
          return check.outcome();
        });
  }

  /**
   * Row after row from none to three targets, but for the first token at least one.
   *
   * @param rows of targets, not falling
   * @param ids token ids
   */
  record Targets(int[] rows, int[] ids) {
    static Targets of(int rows, int vocabulary) {
      Random random = new Random(rows + vocabulary);
      int[] rowOf = new int[3 * rows];
      int[] ids = new int[3 * rows];
      int count = 0;
      for (int row = 0; row < rows; row++) {
        for (int i = random.nextInt(4) - (row == 0 ? 1 : 0); i > 0 || count == 0; i--) {
          rowOf[count] = row;
          ids[count++] = random.nextInt(vocabulary);
        }
      }
      return new Targets(Arrays.copyOf(rowOf, count), Arrays.copyOf(ids, count));
    }
  }

  /** Compares, and remembers the worst. */
  private static final class Check {
    private final Product product;
    private final boolean exact;
    private final double[][] logits;
    private final double[] logitTolerance;
    private double worst;
    private String where = "nowhere";

    Check(Product product, boolean exact) {
      this.product = product;
      this.exact = exact;
      logits = new double[product.rows()][product.outputs()];
      logitTolerance = new double[product.rows()];
      for (int row = 0; row < product.rows(); row++) {
        for (int id = 0; id < product.outputs(); id++) {
          logits[row][id] = product.exact(row, id);
          double tolerance = exact ? 0 : product.sumTolerance(row, id);
          logitTolerance[row] = Math.max(logitTolerance[row], tolerance);
        }
      }
    }

    Outcome outcome() {
      return new Outcome(worst, 1, "error over its bound, worst at " + where);
    }

    void targets(HeadReduction head, DeviceMatrix x, DeviceMatrix w) {
      Targets targets = Targets.of(product.rows(), product.outputs());
      TargetScores scores = head.logProbs(x, w, targets.rows, targets.ids);
      for (int i = 0; i < targets.rows.length; i++) {
        int row = targets.rows[i];
        int id = targets.ids[i];
        String what = "target %d of row %d".formatted(id, row);
        logProbability(row, id, scores.logProbability()[i], what);
        int rank = scores.rank()[i];
        int least = countBefore(row, id, 2 * logitTolerance[row]);
        int most = countBefore(row, id, -2 * logitTolerance[row]);
        note(
            rank >= least && rank <= most ? 0 : Double.POSITIVE_INFINITY,
            "%s: rank %d, expected %d to %d".formatted(what, rank, least, most));
      }
    }

    void best(HeadReduction head, DeviceMatrix x, DeviceMatrix w) {
      // In falling order, one row twice.
      int[] rows =
          IntStream.rangeClosed(0, product.rows())
              .map(i -> Math.max(0, product.rows() - 1 - i))
              .toArray();
      int count = Math.min(1 + product.inputs() % HeadReduction.MOST_BEST, product.outputs());
      int[] first = head.argMax(x, w, rows);
      TopTokens top = head.topK(x, w, rows, count);
      for (int i = 0; i < rows.length; i++) {
        int[] sorted = sorted(rows[i]);
        id(rows[i], first[i], sorted[0], "arg-max");
        long distinct = Arrays.stream(top.ids()[i]).distinct().count();
        note(distinct == count ? 0 : Double.POSITIVE_INFINITY, "ids repeat in row " + rows[i]);
        for (int n = 0; n < count; n++) {
          id(rows[i], top.ids()[i][n], sorted[n], "best " + n);
          logProbability(
              rows[i],
              top.ids()[i][n],
              top.logProbabilities()[i][n],
              "best %d of row %d".formatted(n, rows[i]));
        }
      }
    }

    /** Where logits are exact the id must be; elsewhere it may be of a logit as large. */
    private void id(int row, int id, int expected, String what) {
      double short_ = Math.abs(logits[row][expected] - logits[row][id]);
      boolean right = exact ? id == expected : !(short_ > 2 * logitTolerance[row]);
      note(
          right ? 0 : Double.POSITIVE_INFINITY,
          "%s of row %d is %d, expected %d".formatted(what, row, id, expected));
    }

    /**
     * The target's logit and the normaliser are off by a logit's tolerance each; the rest by 2e-6,
     * of which the roundings of l - max on the way to the tile's and the row's maximum are up to
     * 0.5e-6 each where it matters (below 16), two exponentials 0.2e-6 each, the sum of 128 terms
     * in fp32 0.4e-6; and by 1e-6 of the value.
     */
    private void logProbability(int row, int id, double value, String what) {
      double expected = logits[row][id] - normalizer(row);
      double tolerance = 2 * logitTolerance[row] + 2e-6 + 1e-6 * Math.abs(expected);
      double error =
          Double.isNaN(expected) && Double.isNaN(value)
              ? 0
              : Math.abs(value - expected) / tolerance;
      note(error, "%s: %s, expected %s".formatted(what, value, expected));
    }

    private double normalizer(int row) {
      double maximum = Arrays.stream(logits[row]).max().orElseThrow();
      return maximum + Math.log(Arrays.stream(logits[row]).map(l -> Math.exp(l - maximum)).sum());
    }

    /** Entries before the target, with a margin by which they must be larger. */
    private int countBefore(int row, int id, double margin) {
      double target = logits[row][id];
      int count = 0;
      for (int i = 0; i < product.outputs(); i++) {
        double lead = logits[row][i] - target - margin;
        count += i != id && (lead > 0 || (lead == 0 && (i < id || margin < 0))) ? 1 : 0;
      }
      return count;
    }

    private int[] sorted(int row) {
      return IntStream.range(0, product.outputs())
          .boxed()
          .sorted((i, j) ->
              logits[row][i] == logits[row][j]
                  ? i - j
                  : Double.compare(logits[row][j], logits[row][i]))
          .mapToInt(i -> i)
          .toArray();
    }

    private void note(double error, String what) {
      if (!(error <= worst) && !Double.isNaN(worst)) {
        worst = error;
        where = what;
      }
    }
  }
}
