// SPDX-License-Identifier: Apache-2.0
package io.lowbit.engine;

import io.lowbit.backend.KvCache;
import io.lowbit.model.Batch;
import io.lowbit.model.ModelSource;
import io.lowbit.model.Pass;
import io.lowbit.quant.OnIndivisible;
import io.lowbit.quant.Scheme;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;

/**
 * Tokens per second of a real model, read in one pass and written one by one. Arguments: model,
 * tokens, then schemes. Each pass is repeated and the median printed, with the best in brackets.
 */
public final class PrefillBench {
  private static final int PASSES = 7;
  private static final int NEW_TOKENS = 32;

  private PrefillBench() {}

  /** Runs the measurement. */
  public static void main(String[] args) {
    int tokens = Integer.parseInt(args[1]);
    for (String text : Arrays.copyOfRange(args, 2, args.length)) {
      Session.Options options =
          new Session.Options(Optional.of(Scheme.parse(text)), "cpu", 0, OnIndivisible.ERROR);
      try (ModelSource source = ModelSource.open(args[0]);
          Session session = Session.load(source, options)) {
        int vocabulary = session.model().architecture().vocabulary();
        int[] ids = new Random(1).ints(tokens, 0, vocabulary).toArray();
        double[] read = new double[PASSES];
        double[] write = new double[PASSES];
        for (int pass = 0; pass < PASSES; pass++) {
          measure(session, ids, pass, read, write);
        }
        System.out.printf(
            "%s: reads %.0f tokens/s (%.0f), writes %.1f tokens/s (%.1f)%n",
            text,
            tokens / median(read),
            tokens / min(read),
            NEW_TOKENS / median(write),
            NEW_TOKENS / min(write));
      }
    }
  }

  private static void measure(Session session, int[] ids, int pass, double[] read, double[] write) {
    var decoder = session.model().decoder();
    try (KvCache cache = decoder.newCache()) {
      long start = System.nanoTime();
      int next;
      try (Pass prefill = decoder.forward(Batch.of(cache, ids))) {
        next = decoder.argMax(prefill, new int[] {ids.length - 1})[0];
      }
      long middle = System.nanoTime();
      for (int i = 0; i < NEW_TOKENS; i++) {
        try (Pass step = decoder.forward(Batch.of(cache, new int[] {next}))) {
          next = decoder.argMax(step, new int[] {0})[0];
        }
      }
      read[pass] = (middle - start) / 1e9;
      write[pass] = (System.nanoTime() - middle) / 1e9;
    }
  }

  private static double median(double[] seconds) {
    double[] sorted = seconds.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static double min(double[] seconds) {
    return Arrays.stream(seconds).min().orElseThrow();
  }
}
