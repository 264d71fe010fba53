// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench.speed;

import io.lowbit.backend.Backend;
import io.lowbit.backend.KvCache;
import io.lowbit.engine.Session;
import io.lowbit.model.Batch;
import io.lowbit.model.Decoder;
import io.lowbit.model.Model;
import io.lowbit.model.ModelSource;
import io.lowbit.model.Pass;
import io.lowbit.quant.Scheme;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Runs a model under several schemes, one after the other in one process: a prompt of random tokens
 * in one pass, then greedy tokens one by one, as a generator would.
 */
public final class ModelBench {
  private static final int ROUNDS = 5;
  private static final int WARM_UP_TOKENS = 4;
  // Java compiles what runs often; a model that is done sooner is run again until then.
  private static final double WARM_UP_SECONDS = 1.5;

  private ModelBench() {}

  /**
   * What to run.
   *
   * @param promptTokens of each sequence, read in one pass
   * @param newTokens of each sequence, one pass each
   * @param batch sequences at a time
   */
  public record Load(int promptTokens, int newTokens, int batch) {
    /** Refuses empty work. */
    public Load {
      if (promptTokens < 1 || newTokens < 1 || batch < 1) {
        throw new IllegalArgumentException(
            "a prompt of %d tokens, %d new ones and %d sequences; each must be 1 or more"
                .formatted(promptTokens, newTokens, batch));
      }
    }
  }

  /**
   * Runs all schemes.
   *
   * @param schemes the first is what the others are compared with
   * @param loader loads the model under a scheme; the bench closes what it gives
   * @param progress is told of every scheme before it begins
   * @throws IllegalArgumentException if prompt and new tokens exceed the model's context
   */
  public static ModelReport run(
      ModelSource source,
      List<Scheme> schemes,
      Load load,
      Function<Scheme, Session> loader,
      String program,
      Consumer<String> progress) {
    int context = source.architecture().contextLength();
    if ((long) load.promptTokens() + load.newTokens() > context) {
      throw new IllegalArgumentException(
          ("a prompt of %,d tokens and %,d new ones exceed the context of %s, %,d tokens; take"
                  + " fewer with --prompt or --tokens")
              .formatted(load.promptTokens(), load.newTokens(), source.name(), context));
    }
    List<ModelReport.Row> rows = new ArrayList<>();
    String device = "";
    for (Scheme scheme : schemes) {
      progress.accept(scheme.toString());
      HostMemory.reset();
      try (Session session = loader.apply(scheme)) {
        device = session.backend().backend().description();
        rows.add(measure(session, load));
      }
    }
    return new ModelReport(Provenance.of(program, device), source.name(), load, List.copyOf(rows));
  }

  private static ModelReport.Row measure(Session session, Load load) {
    Model model = session.model();
    Runner runner = new Runner(model.decoder(), load);
    long start = System.nanoTime();
    runner.round(Math.min(WARM_UP_TOKENS, load.newTokens()));
    while ((System.nanoTime() - start) / 1e9 < WARM_UP_SECONDS) {
      runner.round(load.newTokens());
    }
    double[] prompt = new double[ROUNDS];
    double[] decode = new double[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      Runner.Round times = runner.round(load.newTokens());
      prompt[round] = times.promptSeconds;
      decode[round] = times.decodeSeconds;
    }
    Backend backend = session.backend().backend();
    // Freed buffers and pages stay with the back-end, so what is taken now is the most there was.
    OptionalLong device = backend.deviceBytes();
    return new ModelReport.Row(
        model.scheme().toString(),
        model.execution().name().toLowerCase(Locale.ROOT),
        model.footprint().modelBits(),
        (double) load.batch() * load.promptTokens() / GraphTimer.median(prompt),
        (double) load.batch() * load.newTokens() / GraphTimer.median(decode),
        Math.round(model.footprint().totalBits() / 8),
        runner.cacheBytes,
        device.isPresent() ? device : HostMemory.peak(),
        device.isPresent() ? "device" : "process");
  }

  /** Runs the same prompts again and again. */
  private static final class Runner {
    private final Decoder decoder;
    private final Load load;
    private final int[][] prompts;
    private long cacheBytes;

    private record Round(double promptSeconds, double decodeSeconds) {}

    Runner(Decoder decoder, Load load) {
      this.decoder = decoder;
      this.load = load;
      Random random = new Random(1);
      int vocabulary = decoder.architecture().vocabulary();
      prompts =
          IntStream.range(0, load.batch())
              .mapToObj(_ -> random.ints(load.promptTokens(), 0, vocabulary).toArray())
              .toArray(int[][]::new);
    }

    Round round(int newTokens) {
      List<KvCache> caches = new ArrayList<>();
      try {
        for (int i = 0; i < load.batch(); i++) {
          caches.add(decoder.newCache());
        }
        long start = System.nanoTime();
        int[] next = step(caches, prompts);
        long read = System.nanoTime();
        for (int token = 0; token < newTokens; token++) {
          int[][] last = new int[next.length][];
          for (int i = 0; i < next.length; i++) {
            last[i] = new int[] {next[i]};
          }
          next = step(caches, last);
        }
        long end = System.nanoTime();
        cacheBytes = caches.stream().mapToLong(KvCache::bytes).sum();
        return new Round((read - start) / 1e9, (end - read) / 1e9);
      } finally {
        caches.forEach(KvCache::close);
      }
    }

    /** One pass; waits for the most likely next tokens. */
    private int[] step(List<KvCache> caches, int[][] tokens) {
      List<Batch.Continuation> continuations = new ArrayList<>();
      int[] lastRows = new int[tokens.length];
      int row = -1;
      for (int i = 0; i < tokens.length; i++) {
        continuations.add(new Batch.Continuation(caches.get(i), tokens[i]));
        row += tokens[i].length;
        lastRows[i] = row;
      }
      try (Pass pass = decoder.forward(Batch.of(continuations))) {
        return decoder.argMax(pass, lastRows);
      }
    }
  }
}
