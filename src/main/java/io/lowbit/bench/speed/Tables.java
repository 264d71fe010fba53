// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench.speed;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What is timed: a table for each kind of work. Importance 1 is what the design's bars are about; a
 * larger number is dropped earlier.
 *
 * @param copyBytes most bytes of the copy that measures the bandwidth
 * @param squareSize rows, columns and tokens of the product that measures the arithmetic
 * @param linears linear layers
 * @param decodes attention of one new token per sequence
 * @param prefills attention of all tokens of a sequence
 * @param appends keys and values to a cache
 * @param weights matrices to be quantized and dequantized
 * @param tokens activations to be quantized
 * @param layers whole decoder blocks
 */
record Tables(
    long copyBytes,
    int squareSize,
    List<Linear> linears,
    List<Attention> decodes,
    List<Attention> prefills,
    List<Attention> appends,
    List<Matrix> weights,
    List<Matrix> tokens,
    List<Layer> layers) {
  private static final Set<Integer> MAIN_TOKENS = Set.of(1, 16, 64);
  private static final Set<String> MAIN_SCHEMES =
      Set.of("bf16", "w4g128", "w8", "w8a8", "kv8", "kv4");

  /**
   * A linear layer.
   *
   * @param shape its weight
   * @param importance of its main schemes at few tokens
   * @param tokens M
   * @param schemes of weights and activations
   */
  record Linear(LinearShape shape, int importance, List<Integer> tokens, List<String> schemes) {
    int importance(int m, String scheme) {
      return importance
          + (MAIN_TOKENS.contains(m) ? 0 : 1)
          + (MAIN_SCHEMES.contains(scheme) ? 0 : 1);
    }
  }

  /**
   * Attention, or what stores keys and values for it.
   *
   * @param heads of the model
   * @param sequences in the batch
   * @param tokens of each
   * @param importance of the main schemes
   * @param schemes of the cache
   */
  record Attention(
      HeadShape heads, int sequences, int tokens, int importance, List<String> schemes) {
    int importance(String scheme) {
      return importance + (MAIN_SCHEMES.contains(scheme) ? 0 : 1);
    }
  }

  /**
   * A matrix that is quantized.
   *
   * @param schemes of weights, or of activations
   */
  record Matrix(int rows, int columns, int importance, List<String> schemes) {}

  /**
   * A decoder block.
   *
   * @param heads of the model
   * @param hidden width of the residual stream
   * @param mlp width of the gated part
   * @param sequences in the batch, each with one new token
   * @param tokens of each sequence, the new one included
   * @param schemes of weights and cache
   */
  record Layer(
      HeadShape heads,
      int hidden,
      int mlp,
      List<Integer> sequences,
      int tokens,
      int importance,
      List<String> schemes) {}

  private static final List<Integer> SWEEP = List.of(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 2048);
  private static final List<Integer> FEW = List.of(1, 16, 64, 512);
  // Codes of 2 and 3 bits are stored in four: they are as fast as 4.
  private static final List<String> SCHEMES =
      List.of("bf16", "w4g128", "w4g128-sym", "w8", "w8a8", "w8a8-sym", "w4g128a8");
  private static final List<String> CACHES = List.of("bf16", "kv8", "kv4", "kv4-kivi");
  private static final HeadShape HEADS_7B = new HeadShape("7b", 32, 32, 128);
  private static final HeadShape HEADS_13B = new HeadShape("13b", 40, 40, 128);
  private static final HeadShape HEADS_70B = new HeadShape("70b", 64, 8, 128);

  /** The list of reference/kernels.md §5. */
  static Tables full() {
    return new Tables(
        4L << 30,
        8192,
        linearLayers(),
        decodeTable(),
        List.of(
            new Attention(HEADS_70B, 1, 2048, 1, CACHES),
            new Attention(HEADS_7B, 1, 2048, 2, CACHES),
            new Attention(HEADS_70B, 1, 8192, 2, CACHES),
            new Attention(HEADS_7B, 1, 8192, 3, CACHES)),
        List.of(
            new Attention(HEADS_70B, 1, 2048, 2, CACHES),
            new Attention(HEADS_7B, 1, 2048, 2, CACHES)),
        List.of(new Matrix(8192, 28672, 1, List.of("w4g128"))),
        List.of(new Matrix(2048, 8192, 1, List.of("w8a8"))),
        List.of(
            new Layer(HEADS_70B, 8192, 28672, List.of(1, 16), 4096, 1, layerSchemes()),
            new Layer(HEADS_7B, 4096, 11008, List.of(1, 16), 4096, 1, layerSchemes())));
  }

  private static List<String> layerSchemes() {
    return List.of("bf16", "w4g128+kv4");
  }

  private static List<Linear> linearLayers() {
    List<Linear> lines = new ArrayList<>();
    lines.add(linear("70b.gate_up", 57344, 8192, 1, SWEEP));
    lines.add(linear("70b.o", 8192, 8192, 1, SWEEP));
    lines.add(linear("7b.gate_up", 22016, 4096, 2, SWEEP));
    lines.add(linear("7b.o", 4096, 4096, 2, SWEEP));
    lines.add(linear("70b.qkv", 10240, 8192, 3, FEW));
    lines.add(linear("70b.down", 8192, 28672, 3, FEW));
    lines.add(linear("7b.qkv", 12288, 4096, 3, FEW));
    lines.add(linear("7b.down", 4096, 11008, 3, FEW));
    lines.add(linear("13b.qkv", 15360, 5120, 3, FEW));
    lines.add(linear("13b.o", 5120, 5120, 3, FEW));
    lines.add(linear("13b.gate_up", 27648, 5120, 3, FEW));
    lines.add(linear("13b.down", 5120, 13824, 3, FEW));
    List<String> groups = List.of("w4g64", "w4g32");
    lines.add(new Linear(new LinearShape("70b.down", 8192, 28672), 3, FEW, groups));
    List<String> head = List.of("bf16");
    lines.add(new Linear(new LinearShape("7b.lm_head", 32000, 4096), 3, FEW, head));
    lines.add(new Linear(new LinearShape("70b.lm_head", 32000, 8192), 3, FEW, head));
    return List.copyOf(lines);
  }

  private static Linear linear(
      String name, int outputs, int inputs, int importance, List<Integer> tokens) {
    return new Linear(new LinearShape(name, outputs, inputs), importance, tokens, SCHEMES);
  }

  private static List<Attention> decodeTable() {
    int[][] sizes = {{1, 1024}, {1, 4096}, {1, 32768}, {16, 4096}, {64, 4096}};
    List<Attention> lines = new ArrayList<>();
    for (HeadShape heads : List.of(HEADS_70B, HEADS_7B, HEADS_13B)) {
      for (int[] size : sizes) {
        boolean main = size[1] == 4096 && size[0] <= 16 && !heads.equals(HEADS_13B);
        lines.add(new Attention(heads, size[0], size[1], main ? 1 : 3, CACHES));
      }
    }
    lines.add(new Attention(HEADS_70B, 16, 32768, 2, CACHES));
    return List.copyOf(lines);
  }

  /** All entries, the most important first; those of one setup follow each other. */
  List<Entry> entries() {
    List<Stream<Entry>> all =
        List.of(
            CeilingEntries.entries(this),
            linears.stream().flatMap(LinearEntries::entries),
            decodes.stream().flatMap(AttentionEntries::decode),
            layers.stream().flatMap(LayerEntries::entries),
            prefills.stream().flatMap(AttentionEntries::prefill),
            weights.stream().flatMap(QuantizeEntries::weights),
            tokens.stream().flatMap(QuantizeEntries::tokens),
            appends.stream().flatMap(QuantizeEntries::append));
    return all.stream()
        .flatMap(entries -> entries)
        .sorted(Comparator.comparingInt(Entry::importance))
        .toList();
  }
}
