// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench.speed;

import io.lowbit.backend.cuda.DeviceMatrix;
import io.lowbit.quant.Scheme;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/** Products with the weights of linear layers. */
final class LinearEntries {
  // Rows of activations that differ; more tokens repeat them.
  private static final int DISTINCT_TOKENS = 64;
  private static final int CHECKED_OUTPUTS = 8;

  private LinearEntries() {}

  static Stream<Entry> entries(Tables.Linear line) {
    return line.schemes().stream()
        .flatMap(scheme ->
            line.tokens().stream()
                .map(tokens ->
                    entry(
                        "linear/%s/m%d".formatted(line.shape().name(), tokens),
                        line.shape(),
                        tokens,
                        scheme,
                        line.importance(tokens, scheme))));
  }

  static Entry entry(String problem, LinearShape shape, int tokens, String scheme, int importance) {
    Map<String, Integer> dimensions = new LinkedHashMap<>();
    dimensions.put("m", tokens);
    dimensions.put("n", shape.outputs());
    dimensions.put("k", shape.inputs());
    String setup = shape.name() + "/" + scheme;
    return new Entry(
        problem,
        scheme,
        dimensions,
        importance,
        setup,
        (bench, scope) -> {
          LinearWeights weights =
              bench.share(
                  setup,
                  LinearWeights.class,
                  shared ->
                      new LinearWeights(
                          bench, shared, shape, Scheme.parse(scheme), Optional.empty()));
          return new Product(scope, weights, tokens);
        });
  }

  /** A product with prepared inputs: activations are quantized before the clock starts. */
  private static final class Product implements Entry.Job {
    private final DeviceScope scope;
    private final LinearWeights weights;
    private final Normals block;
    private final LinearWeights.Inputs x;
    private final DeviceMatrix out;

    Product(DeviceScope scope, LinearWeights weights, int tokens) {
      this.scope = scope;
      this.weights = weights;
      int inputs = weights.shape().inputs();
      int distinct = Math.min(tokens, DISTINCT_TOKENS);
      block = Normals.of(-inputs, distinct, inputs, 1, Workbench.TYPE);
      x = weights.inputs(scope, scope.repeated(block, tokens));
      weights.quantize(x);
      out = scope.matrix(tokens, weights.shape().outputs(), Workbench.TYPE);
    }

    @Override
    public int copies() {
      return weights.copies();
    }

    @Override
    public void run(int copy) {
      weights.multiply(copy, x, out);
    }

    @Override
    public long bytes() {
      return weights.bytes();
    }

    @Override
    public double operations() {
      return 2.0 * out.rows() * weights.shape().weights();
    }

    @Override
    public OptionalDouble relativeError() {
      RelativeError error = new RelativeError();
      for (int token : List.of(0, out.rows() - 1)) {
        int width = block.columns();
        int from = token % block.rows() * width;
        float[] row = Arrays.copyOfRange(block.values(), from, from + width);
        for (int i = 0; i < CHECKED_OUTPUTS; i++) {
          int output = (int) ((long) i * (out.columns() - 1) / (CHECKED_OUTPUTS - 1));
          float actual = RelativeError.read(scope.driver(), out, token, output, 1)[0];
          error.add(actual, weights.reference(row, output));
        }
      }
      return OptionalDouble.of(error.value());
    }
  }
}
