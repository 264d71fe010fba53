// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench.speed;

/**
 * How everything is timed.
 *
 * @param rotationBytes what all copies of an operand take at least, so that no call finds its own
 *     in the L2 cache
 * @param l2Share the copies also take at least so many times the device's L2 cache; 0 = whatever it
 *     is
 * @param calls least number of calls in a graph
 * @param warmUps replays before the clock counts
 * @param replays most replays whose median is the result
 * @param leastReplays replays that are run however long they take
 * @param secondsPerEntry no more replays are queued than fit this time, but {@code leastReplays}
 */
public record Settings(
    long rotationBytes,
    int l2Share,
    int calls,
    int warmUps,
    int replays,
    int leastReplays,
    double secondsPerEntry) {
  /** Copies of 512 MiB and 8 times the L2 cache; graphs of 20 calls, 3 warm-ups, 20 replays. */
  public static final Settings STANDARD = new Settings(512L << 20, 8, 20, 3, 20, 5, 1.5);

  /** Refuses what measures nothing. */
  public Settings {
    if (rotationBytes < 1 || l2Share < 0 || calls < 1 || warmUps < 1 || leastReplays < 1) {
      throw new IllegalArgumentException(
          "a measurement needs copies, calls, a warm-up and a replay; these settings leave one out");
    }
    if (replays < leastReplays || !(secondsPerEntry > 0)) {
      throw new IllegalArgumentException(
          "at most %d replays in %s seconds, but at least %d; raise the former"
              .formatted(replays, secondsPerEntry, leastReplays));
    }
  }
}
