// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import io.lowbit.backend.TargetScores;
import io.lowbit.backend.TopTokens;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * What the output layer says about rows of hidden states, without a [tokens, vocabulary] matrix. A
 * logit is the fp32 sum over all of K from low to high k; the vocabulary is reduced in tiles of
 * 128, put together in order, in fp64. So a row's results do not depend on the other rows.
 *
 * <p>All methods wait for their results. {@code hidden} is {@code [tokens, K]} after the final
 * norm, {@code head} {@code [vocabulary, K]} of the same type. Closing frees the host memory that
 * results come through.
 */
public final class HeadReduction implements AutoCloseable {
  /** Most entries of {@link #topK}. */
  public static final int MOST_BEST = 16;

  private static final String MODULE = "head";
  private static final int VOCABULARY_TILE = 128;
  private static final int TARGETS_OF_BLOCK = 32;
  private static final int ROWS_OF_COMBINING_BLOCK = 4;
  private static final int COMBINED_THREADS = 128;
  private static final long SCRATCH_BYTES = 256L << 20;

  /** The instances of the reduction; {@code kernels/head.cu} lists the same numbers. */
  private enum Tile {
    TOKENS_8(8, 128, 4),
    TOKENS_32(32, 128, 4),
    TOKENS_128(128, 256, 3);

    private final int tokens;
    private final int threads;
    private final int stages;

    Tile(int tokens, int threads, int stages) {
      this.tokens = tokens;
      this.threads = threads;
      this.stages = stages;
    }

    /** The smallest that takes all rows at once, else the largest. */
    static Tile of(int rows) {
      return Arrays.stream(values()).filter(t -> t.tokens >= rows).findFirst().orElse(TOKENS_128);
    }

    int sharedBytes() {
      return stages * (tokens + VOCABULARY_TILE) * 2 * SplitK.STEP;
    }
  }

  private final Kernels kernels;
  private final long scratchBytes;
  private final HeadTransfer transfer;
  private final Set<GpuFunction> prepared = new HashSet<>();

  /**
   * The launcher.
   *
   * @param kernels stays the caller's, who closes it after this
   */
  public HeadReduction(Kernels kernels) {
    this(kernels, SCRATCH_BYTES);
  }

  /**
   * The launcher with another limit of scratch memory.
   *
   * @param scratchBytes about how much the tiles' results may take on the device; rows that would
   *     need more are taken in several turns, with the same results
   */
  public HeadReduction(Kernels kernels, long scratchBytes) {
    this.kernels = kernels;
    this.scratchBytes = scratchBytes;
    this.transfer = new HeadTransfer(kernels);
  }

  /**
   * Log-probabilities and ranks of targets.
   *
   * @param rows for each target the row of {@code hidden} that predicts it; not falling
   * @param targets token ids
   * @throws IllegalArgumentException if shapes and types do not fit, rows fall, or a row or target
   *     does not exist
   */
  public TargetScores logProbs(DeviceMatrix hidden, DeviceMatrix head, int[] rows, int[] targets) {
    requireTargets(head, rows, targets);
    int[] distinct = IntStream.of(rows).distinct().toArray();
    int[] start = new int[distinct.length + 1];
    for (int row = 0; row < distinct.length; row++) {
      start[row + 1] = start[row];
      while (start[row + 1] < rows.length && rows[start[row + 1]] == distinct[row]) {
        start[row + 1]++;
      }
    }
    HeadQuestion question = new HeadQuestion(distinct, start, targets, 0);
    HeadAnswer answer = ask(hidden, head, question);
    double[] logProbability = new double[targets.length];
    for (int row = 0; row < distinct.length; row++) {
      for (int i = start[row]; i < start[row + 1]; i++) {
        logProbability[i] = answer.targetLogits()[i] - answer.normalizer(row);
      }
    }
    return new TargetScores(logProbability, answer.ranks());
  }

  /** For each given row the id with the largest logit, the smallest among equals. */
  public int[] argMax(DeviceMatrix hidden, DeviceMatrix head, int[] rows) {
    HeadAnswer answer = ask(hidden, head, HeadQuestion.best(rows, 1));
    return IntStream.range(0, rows.length).map(row -> answer.id(row, 0)).toArray();
  }

  /**
   * For each given row the {@code count} likeliest tokens.
   *
   * @param count 1 to {@link #MOST_BEST}, at most the vocabulary
   */
  public TopTokens topK(DeviceMatrix hidden, DeviceMatrix head, int[] rows, int count) {
    if (count < 1 || count > Math.min(MOST_BEST, head.rows())) {
      throw new IllegalArgumentException(
          "the %d likeliest of %d tokens are not to be had; ask for 1 to %d"
              .formatted(count, head.rows(), Math.min(MOST_BEST, head.rows())));
    }
    HeadAnswer answer = ask(hidden, head, HeadQuestion.best(rows, count));
    int[][] ids = new int[rows.length][count];
    double[][] logProbabilities = new double[rows.length][count];
    for (int row = 0; row < rows.length; row++) {
      for (int i = 0; i < count; i++) {
        ids[row][i] = answer.id(row, i);
        logProbabilities[row][i] = answer.logit(row, i) - answer.normalizer(row);
      }
    }
    return new TopTokens(ids, logProbabilities);
  }

  private static void requireTargets(DeviceMatrix head, int[] rows, int[] targets) {
    if (rows.length != targets.length) {
      throw new IllegalArgumentException(
          "%d rows for %d targets; every target needs the row that predicts it"
              .formatted(rows.length, targets.length));
    }
    for (int i = 0; i < rows.length; i++) {
      if (i > 0 && rows[i] < rows[i - 1]) {
        throw new IllegalArgumentException(
            "rows of targets must not fall: row %d of target %d follows row %d"
                .formatted(rows[i], i, rows[i - 1]));
      }
      if (targets[i] < 0 || targets[i] >= head.rows()) {
        throw new IllegalArgumentException(
            "target %d is token %d, but the head has %d tokens"
                .formatted(i, targets[i], head.rows()));
      }
    }
  }

  private HeadAnswer ask(DeviceMatrix hidden, DeviceMatrix head, HeadQuestion question) {
    DeviceMatrix.requireOneType("the head's product", List.of(hidden, head));
    head.requireShape("the head", head.rows(), hidden.columns());
    for (int row : question.rows()) {
      if (row < 0 || row >= hidden.rows()) {
        throw new IllegalArgumentException(
            "row %d is asked for, but there are %d hidden states".formatted(row, hidden.rows()));
      }
    }
    int tiles = Math.ceilDiv(head.rows(), VOCABULARY_TILE);
    long bytesOfRow = HeadTransfer.ENTRY_BYTES * tiles * (1L + question.best());
    int atOnce = Math.clamp(scratchBytes / bytesOfRow, 1, Integer.MAX_VALUE);
    HeadAnswer answer = HeadAnswer.of(question);
    for (int first = 0; first < question.rows().length; first += atOnce) {
      int count = Math.min(atOnce, question.rows().length - first);
      HeadTransfer.Places places = transfer.send(question, first, count, tiles);
      launch(hidden, head, places, question.best());
      transfer.receive(places, answer);
    }
    return answer;
  }

  private void launch(
      DeviceMatrix hidden, DeviceMatrix head, HeadTransfer.Places places, int best) {
    String what =
        "%d rows of [%d, %d] x [%d, %d]^T, %d targets, %d best"
            .formatted(
                places.rows(),
                hidden.rows(),
                hidden.columns(),
                head.rows(),
                head.columns(),
                places.targets(),
                best);
    if (places.targets() > 0) {
      launchTargets(hidden, head, places, what);
    }
    launchReduction(hidden, head, places, best, what);
    launchCombination(places, best, what);
  }

  private void launchTargets(
      DeviceMatrix hidden, DeviceMatrix head, HeadTransfer.Places places, String what) {
    KernelArguments arguments =
        kernels
            .arguments()
            .pointer(hidden.data())
            .int32(hidden.stride())
            .pointer(head.data())
            .int32(head.stride())
            .pointer(places.targetRows())
            .pointer(places.targetIds())
            .pointer(places.targetLogits())
            .pointer(places.ranks())
            .int32(places.targets())
            .int32(hidden.columns());
    kernels.launch(
        kernels.function(MODULE, "head_%s_targets".formatted(hidden.suffix())),
        LaunchShape.of(Math.ceilDiv(places.targets(), TARGETS_OF_BLOCK), 128),
        arguments,
        what);
  }

  private void launchReduction(
      DeviceMatrix hidden, DeviceMatrix head, HeadTransfer.Places places, int best, String what) {
    Tile tile = Tile.of(places.rows());
    GpuFunction function =
        kernels.function(MODULE, "head_%s_reduce_%d".formatted(hidden.suffix(), tile.tokens));
    if (prepared.add(function)) {
      function.allowSharedBytes(tile.sharedBytes());
    }
    MemorySegment targets =
        MemorySegment.ofArray(
            new long[] {
              places.targets() == 0 ? 0 : places.start().address(),
              places.targetIds().address(),
              places.targetLogits().address(),
              places.ranks().address()
            });
    MemorySegment shape =
        MemorySegment.ofArray(
            new int[] {
              places.rows(), head.rows(), head.columns(), hidden.stride(), head.stride(), best
            });
    KernelArguments arguments =
        kernels
            .arguments()
            .pointer(hidden.data())
            .pointer(head.data())
            .pointer(places.hiddenRows())
            .pointer(places.partials())
            .pointer(places.tileBest())
            .struct(targets, Long.BYTES)
            .struct(shape, Integer.BYTES);
    Dim3 grid = Dim3.of(Math.ceilDiv(places.rows(), tile.tokens), places.tiles());
    LaunchShape launch = new LaunchShape(grid, Dim3.of(tile.threads), tile.sharedBytes());
    kernels.launch(function, launch, arguments, what);
  }

  private void launchCombination(HeadTransfer.Places places, int best, String what) {
    KernelArguments arguments =
        kernels
            .arguments()
            .pointer(places.partials())
            .pointer(places.tileBest())
            .pointer(places.maxima())
            .pointer(places.sums())
            .pointer(places.best())
            .int32(places.rows())
            .int32(places.tiles())
            .int32(best);
    kernels.launch(
        kernels.function(MODULE, "head_combine"),
        LaunchShape.of(Math.ceilDiv(places.rows(), ROWS_OF_COMBINING_BLOCK), COMBINED_THREADS),
        arguments,
        what);
  }

  @Override
  public void close() {
    transfer.close();
  }
}
