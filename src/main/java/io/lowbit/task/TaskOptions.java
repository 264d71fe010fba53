// SPDX-License-Identifier: Apache-2.0
package io.lowbit.task;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a study may change about a task.
 *
 * @param limit most items; empty = all
 * @param offset items left out at the beginning; few-shot draws do not depend on it
 * @param shots number of examples; empty = as the task file says
 * @param seed of the few-shot draw
 * @param fewShotPool rows of the scored file that serve as examples, and then are not scored; empty
 *     = the pool the task file names
 * @param split scored instead of the task file's; empty = the task file's
 * @param maxNewTokens of an answer; empty = as the task file says
 * @param protocol of a perplexity; empty = as the task file says
 */
public record TaskOptions(
    OptionalInt limit,
    int offset,
    OptionalInt shots,
    long seed,
    Optional<RowRange> fewShotPool,
    Optional<String> split,
    OptionalInt maxNewTokens,
    Optional<PerplexityProtocol> protocol) {
  /** The seed lm-evaluation-harness draws examples with. */
  public static final long DEFAULT_SEED = 1234;

  /** Everything as the task file says. */
  public static final TaskOptions DEFAULT =
      new TaskOptions(
          OptionalInt.empty(),
          0,
          OptionalInt.empty(),
          DEFAULT_SEED,
          Optional.empty(),
          Optional.empty(),
          OptionalInt.empty(),
          Optional.empty());

  /** Checks the counts. */
  public TaskOptions {
    if (limit.isPresent() && limit.getAsInt() < 1) {
      throw new IllegalArgumentException(
          "the item limit must be 1 or more, not " + limit.getAsInt());
    }
    if (offset < 0) {
      throw new IllegalArgumentException("the item offset must be 0 or more, not " + offset);
    }
    if (shots.isPresent() && shots.getAsInt() < 0) {
      throw new IllegalArgumentException("the shots must be 0 or more, not " + shots.getAsInt());
    }
    if (maxNewTokens.isPresent() && maxNewTokens.getAsInt() < 1) {
      throw new IllegalArgumentException(
          "the limit of new tokens must be 1 or more, not " + maxNewTokens.getAsInt());
    }
  }

  /** The few-shot choices of a command line; absent = as the task file says. */
  public static TaskOptions of(Optional<Integer> shots, Optional<String> fewShotPool) {
    TaskOptions options = shots.map(DEFAULT::withShots).orElse(DEFAULT);
    return fewShotPool.map(RowRange::parse).map(options::withFewShotPool).orElse(options);
  }

  /** With at most so many items. */
  public TaskOptions withLimit(int items) {
    return new TaskOptions(
        OptionalInt.of(items), offset, shots, seed, fewShotPool, split, maxNewTokens, protocol);
  }

  /** Leaving out so many items at the beginning. */
  public TaskOptions withOffset(int items) {
    return new TaskOptions(limit, items, shots, seed, fewShotPool, split, maxNewTokens, protocol);
  }

  /** With so many examples. */
  public TaskOptions withShots(int examples) {
    return new TaskOptions(
        limit, offset, OptionalInt.of(examples), seed, fewShotPool, split, maxNewTokens, protocol);
  }

  /** With another seed of the few-shot draw. */
  public TaskOptions withSeed(long newSeed) {
    return new TaskOptions(
        limit, offset, shots, newSeed, fewShotPool, split, maxNewTokens, protocol);
  }

  /** With examples from these rows of the scored file. */
  public TaskOptions withFewShotPool(RowRange rows) {
    return new TaskOptions(
        limit, offset, shots, seed, Optional.of(rows), split, maxNewTokens, protocol);
  }

  /** Scoring another split of the task file. */
  public TaskOptions withSplit(String name) {
    return new TaskOptions(
        limit, offset, shots, seed, fewShotPool, Optional.of(name), maxNewTokens, protocol);
  }

  /** With another limit of new tokens. */
  public TaskOptions withMaxNewTokens(int tokens) {
    return new TaskOptions(
        limit, offset, shots, seed, fewShotPool, split, OptionalInt.of(tokens), protocol);
  }

  /** Under another perplexity protocol. */
  public TaskOptions withProtocol(PerplexityProtocol newProtocol) {
    return new TaskOptions(
        limit, offset, shots, seed, fewShotPool, split, maxNewTokens, Optional.of(newProtocol));
  }
}
