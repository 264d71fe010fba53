// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import io.lowbit.backend.Activation;
import io.lowbit.backend.AttentionShape;
import io.lowbit.backend.Buffer;
import io.lowbit.backend.CacheLayout;
import io.lowbit.backend.KvCache;
import io.lowbit.backend.Linear;
import io.lowbit.backend.Norm;
import io.lowbit.backend.Rotary;
import io.lowbit.backend.Span;
import io.lowbit.backend.Weight;
import io.lowbit.quant.GgufType;
import io.lowbit.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * Prints, from one run, the ratios this back-end is held to: fp32 product against the multiply-add
 * peak, packed against fp32 product, and a whole prefill with the shapes of SmolLM2-135M and random
 * Q4_1 weights against its products alone. Arguments: threads (default: all cores).
 */
public final class SpeedBars {
  private static final int TOKENS = 512;
  private static final int HIDDEN = 576;
  private static final int KEYS = 192;
  private static final int INNER = 1536;
  private static final int LAYERS = 30;
  private static final int VOCABULARY = 49152;

  private final CpuBackend backend;
  private final int threads;
  private final Random random = new Random(1);

  private SpeedBars(CpuBackend backend, int threads) {
    this.backend = backend;
    this.threads = threads;
  }

  public static void main(String[] arguments) {
    int threads =
        arguments.length > 0
            ? Integer.parseInt(arguments[0])
            : Runtime.getRuntime().availableProcessors();
    try (CpuBackend backend = new CpuBackend(DType.F32, threads)) {
      System.out.println(backend.description());
      SpeedBars bars = new SpeedBars(backend, threads);
      bars.products();
      bars.prefill();
    }
  }

  /** Every case once per round, best of all rounds: so a passing load hits all cases alike. */
  private void products() {
    List<String> packed = List.of("int4g32", "q4_1", "q6_k", "int8", "w8a8", "w4g32a8");
    Product square = new Product("fp32", 1024);
    Product dense = new Product("fp32", 256);
    List<Product> others = packed.stream().map(kind -> new Product(kind, 256)).toList();
    double peak = 0;
    Workers workers = new Workers(threads);
    for (int round = 0; round < 60; round++) {
      peak = Math.max(peak, FmaPeak.gigaflops(workers));
      square.run();
      dense.run();
      others.forEach(Product::run);
    }
    workers.close();
    System.out.printf("multiply-add peak %.0f GFLOP/s%n", peak);
    System.out.printf("fp32 1024^3: %.0f GFLOP/s, %.2f of peak%n", square.best, square.best / peak);
    for (Product product : others) {
      System.out.printf(
          "%s at 256 rows: %.0f GFLOP/s, %.2f of fp32%n",
          product.kind, product.best, product.best / dense.best);
    }
  }

  /** A linear layer of 1024 inputs and outputs, timed. */
  private final class Product {
    private final String kind;
    private final Linear linear;
    private final Buffer x;
    private final Buffer out;
    private double best;

    Product(String kind, int rows) {
      this.kind = kind;
      linear = GemmBench.linear(backend, kind, random);
      x = buffer(rows, GemmBench.SIZE);
      out = backend.allocate(rows, GemmBench.SIZE);
    }

    void run() {
      double operations = 2.0 * x.rows() * GemmBench.SIZE * GemmBench.SIZE;
      double seconds = SpeedBars.best(3, () -> backend.linear(x, linear, out));
      best = Math.max(best, 1e-9 * operations / seconds);
    }
  }

  private static double best(int runs, Runnable work) {
    double best = Double.POSITIVE_INFINITY;
    for (int run = 0; run < runs; run++) {
      long start = System.nanoTime();
      work.run();
      best = Math.min(best, 1e-9 * (System.nanoTime() - start));
    }
    return best;
  }

  private Buffer buffer(int rows, int columns) {
    float[] values = Fixtures.gaussian(random, rows * columns, 1);
    return Fixtures.buffer(backend, rows, columns, values);
  }

  private Linear linear(int outputs, int inputs) {
    Weight weight = backend.upload(Fixtures.blocks(random, GgufType.Q4_1, outputs, inputs));
    return new Linear(weight, Optional.empty(), Optional.empty());
  }

  private void prefill() {
    Block block = new Block();
    Weight head = linear(VOCABULARY, HIDDEN).weight();
    Buffer x = buffer(TOKENS, HIDDEN);
    int[] ids = new int[TOKENS];
    int[] rows = new int[TOKENS];
    for (int i = 0; i < TOKENS; i++) {
      ids[i] = 95 * i;
      rows[i] = i;
    }
    Linear stretch = linear(VOCABULARY / 16, HIDDEN);
    Buffer logits = backend.allocate(TOKENS, VOCABULARY / 16);
    double whole = Double.POSITIVE_INFINITY;
    double blocks = Double.POSITIVE_INFINITY;
    double stretches = Double.POSITIVE_INFINITY;
    for (int round = 0; round < 12; round++) {
      whole = Math.min(whole, best(1, () -> prefill(block, head, x, ids, rows)));
      blocks = Math.min(blocks, best(6, block::products));
      stretches = Math.min(stretches, best(6, () -> backend.linear(x, stretch, logits)));
    }
    double products = LAYERS * blocks + 16 * stretches;
    System.out.printf(
        "prefill of %d tokens %.3f s, %.0f tokens/s; its products alone %.3f s: %.2f%n",
        TOKENS, whole, TOKENS / whole, products, products / whole);
  }

  private void prefill(Block block, Weight head, Buffer x, int[] ids, int[] rows) {
    CacheLayout layout = new CacheLayout(LAYERS, 3, 64, Optional.empty());
    try (KvCache cache = backend.newCache(layout)) {
      backend.embed(head, ids, x);
      List<Span> spans = List.of(new Span(cache, 0, 0, TOKENS));
      for (int layer = 0; layer < LAYERS; layer++) {
        block.run(layer, x, spans);
      }
      backend.norm(x, block.norm, x);
      backend.logProbs(x, head, rows, ids);
    }
  }

  /** A decoder block's buffers and the weights of all blocks. */
  private final class Block {
    private final Norm norm = new Norm(Norm.Kind.RMS, 1e-5f, buffer(1, HIDDEN), Optional.empty());
    private final AttentionShape shape = new AttentionShape(9, 3, 64, 0.125f, 0);
    private final Rotary rotary = new Rotary(new float[32], false, 1f);
    private final Buffer h = backend.allocate(TOKENS, HIDDEN);
    private final Buffer q = backend.allocate(TOKENS, HIDDEN);
    private final Buffer k = backend.allocate(TOKENS, KEYS);
    private final Buffer v = backend.allocate(TOKENS, KEYS);
    private final Buffer mixed = backend.allocate(TOKENS, HIDDEN);
    private final Buffer gate = backend.allocate(TOKENS, INNER);
    private final Buffer up = backend.allocate(TOKENS, INNER);
    private final List<List<Linear>> layers = new ArrayList<>();

    Block() {
      for (int layer = 0; layer < LAYERS; layer++) {
        layers.add(
            List.of(
                linear(HIDDEN, HIDDEN),
                linear(KEYS, HIDDEN),
                linear(KEYS, HIDDEN),
                linear(HIDDEN, HIDDEN),
                linear(INNER, HIDDEN),
                linear(INNER, HIDDEN),
                linear(HIDDEN, INNER)));
      }
    }

    void run(int layer, Buffer x, List<Span> spans) {
      List<Linear> w = layers.get(layer);
      backend.norm(x, norm, h);
      backend.linear(h, w.get(0), q);
      backend.linear(h, w.get(1), k);
      backend.linear(h, w.get(2), v);
      backend.rotate(q, 64, rotary, spans);
      backend.rotate(k, 64, rotary, spans);
      backend.append(layer, k, v, spans);
      backend.attention(layer, q, shape, spans, mixed);
      backend.linear(mixed, w.get(3), h);
      backend.add(x, h);
      backend.norm(x, norm, h);
      backend.linear(h, w.get(4), gate);
      backend.linear(h, w.get(5), up);
      backend.gatedActivation(Activation.SILU, gate, up, gate);
      backend.linear(gate, w.get(6), h);
      backend.add(x, h);
    }

    void products() {
      List<Linear> w = layers.getFirst();
      backend.linear(h, w.get(0), q);
      backend.linear(h, w.get(1), k);
      backend.linear(h, w.get(2), v);
      backend.linear(mixed, w.get(3), h);
      backend.linear(h, w.get(4), gate);
      backend.linear(h, w.get(5), up);
      backend.linear(gate, w.get(6), h);
    }
  }
}
