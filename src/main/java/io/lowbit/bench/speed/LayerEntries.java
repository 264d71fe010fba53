// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench.speed;

import io.lowbit.backend.Activation;
import io.lowbit.backend.Norm;
import io.lowbit.backend.cuda.DeviceMatrix;
import io.lowbit.backend.cuda.DevicePointer;
import io.lowbit.quant.Scheme;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A decode step of a whole decoder block: every operation of {@link io.lowbit.model.Decoder#block},
 * in its order, on one new token of each sequence.
 */
final class LayerEntries {
  private LayerEntries() {}

  static Stream<Entry> entries(Tables.Layer line) {
    return line.schemes().stream()
        .flatMap(
            scheme -> line.sequences().stream().map(sequences -> entry(line, sequences, scheme)));
  }

  private static Entry entry(Tables.Layer line, int sequences, String scheme) {
    String problem = "layer/%s/m%d.t%d".formatted(line.heads().model(), sequences, line.tokens());
    Map<String, Integer> dimensions = new LinkedHashMap<>();
    dimensions.put("m", sequences);
    dimensions.put("t", line.tokens());
    dimensions.put("hidden", line.hidden());
    dimensions.put("mlp", line.mlp());
    dimensions.put("heads", line.heads().heads());
    dimensions.put("key_heads", line.heads().keyHeads());
    dimensions.put("dim", line.heads().dim());
    return new Entry(
        problem,
        scheme,
        dimensions,
        sequences == 1 ? line.importance() : line.importance() + 1,
        problem + "/" + scheme,
        (bench, scope) -> new Step(bench, scope, line, sequences, Scheme.parse(scheme)));
  }

  private static final class Step implements Entry.Job {
    private static final float EPSILON = 1e-5f;
    private static final double ROTARY_BASE = 10_000;

    private final Workbench bench;
    private final DeviceScope scope;
    private final HeadShape heads;
    private final int rows;
    private final Scheme scheme;
    private final FilledCaches caches;
    private final List<LinearWeights> weights = new ArrayList<>();
    private final long cacheBytes;
    private final int copies;
    private final LinearWeights query;
    private final LinearWeights key;
    private final LinearWeights value;
    private final LinearWeights output;
    private final LinearWeights gate;
    private final LinearWeights up;
    private final LinearWeights down;
    private final DevicePointer normWeight;
    private final DevicePointer angles;
    private final DeviceMatrix hidden;
    private final DeviceMatrix k;
    private final DeviceMatrix v;
    private final DeviceMatrix projected;
    private final LinearWeights.Inputs normed;
    private final DeviceMatrix q;
    private final LinearWeights.Inputs attended;
    private final LinearWeights.Inputs gated;
    private final DeviceMatrix upped;

    Step(Workbench bench, DeviceScope scope, Tables.Layer line, int sequences, Scheme scheme) {
      this.bench = bench;
      this.scope = scope;
      this.scheme = scheme;
      heads = line.heads();
      rows = sequences;
      cacheBytes = FilledCaches.bytesPerLayer(heads, scheme.cache(), sequences, line.tokens());
      long numbers =
          (long) line.hidden() * (2L * heads.width() + 2L * heads.keyWidth() + 3L * line.mlp());
      int bits = LinearWeights.grid(scheme).map(grid -> grid.bits()).orElse(16);
      copies = bench.copies(numbers * bits / 8 + cacheBytes);
      query = linear("query", heads.width(), line.hidden());
      key = linear("key", heads.keyWidth(), line.hidden());
      value = linear("value", heads.keyWidth(), line.hidden());
      output = linear("output", line.hidden(), heads.width());
      gate = linear("gate", line.mlp(), line.hidden());
      up = linear("up", line.mlp(), line.hidden());
      down = linear("down", line.hidden(), line.mlp());
      caches =
          new FilledCaches(
              bench, scope, heads, scheme, sequences, line.tokens(), Optional.of(copies));
      caches.fillForDecode(scope);
      normWeight = ones(line.hidden());
      angles = angles(line.tokens());
      hidden = scope.repeated(Normals.of(11, 1, line.hidden(), 1, Workbench.TYPE), rows);
      normed = query.inputs(scope, scope.matrix(rows, line.hidden(), Workbench.TYPE));
      q = scope.matrix(rows, heads.width(), Workbench.TYPE);
      k = scope.matrix(rows, heads.keyWidth(), Workbench.TYPE);
      v = scope.matrix(rows, heads.keyWidth(), Workbench.TYPE);
      attended = output.inputs(scope, scope.matrix(rows, heads.width(), Workbench.TYPE));
      projected = scope.matrix(rows, line.hidden(), Workbench.TYPE);
      gated = down.inputs(scope, scope.matrix(rows, line.mlp(), Workbench.TYPE));
      upped = scope.matrix(rows, line.mlp(), Workbench.TYPE);
    }

    private LinearWeights linear(String name, int outputs, int inputs) {
      LinearShape shape = new LinearShape(name, outputs, inputs);
      LinearWeights made = new LinearWeights(bench, scope, shape, scheme, Optional.of(copies));
      weights.add(made);
      return made;
    }

    private DevicePointer ones(int count) {
      float[] ones = new float[count];
      Arrays.fill(ones, 1);
      return scope.repeated(new Normals(1, count, Workbench.TYPE, ones), 1).data();
    }

    /** Cosines and sines of all positions, for heads that are rotated whole. */
    private DevicePointer angles(int positions) {
      int pairs = heads.dim() / 2;
      float[] table = new float[2 * positions * pairs];
      for (int position = 0; position < positions; position++) {
        for (int pair = 0; pair < pairs; pair++) {
          double angle = position * Math.pow(ROTARY_BASE, -(double) pair / pairs);
          table[2 * (position * pairs + pair)] = (float) Math.cos(angle);
          table[2 * (position * pairs + pair) + 1] = (float) Math.sin(angle);
        }
      }
      return scope.floats(table);
    }

    @Override
    public int copies() {
      return copies;
    }

    @Override
    public void run(int copy) {
      norm();
      query.quantize(normed);
      query.multiply(copy, normed, q);
      key.multiply(copy, normed, k);
      value.multiply(copy, normed, v);
      rotate(q);
      rotate(k);
      bench.append.run(copy, k, v, caches.tables());
      bench.attention.run(
          copy, q, heads.attention(), DevicePointer.NULL, caches.tables(), attended.values());
      output.quantize(attended);
      output.multiply(copy, attended, projected);
      bench.addition.run(hidden, projected);
      norm();
      gate.quantize(normed);
      gate.multiply(copy, normed, gated.values());
      up.multiply(copy, normed, upped);
      bench.activations.gated(Activation.SILU, gated.values(), upped, gated.values());
      down.quantize(gated);
      down.multiply(copy, gated, projected);
      bench.addition.run(hidden, projected);
    }

    private void norm() {
      bench.norms.run(
          hidden, Norm.Kind.RMS, EPSILON, normWeight, DevicePointer.NULL, normed.values());
    }

    private void rotate(DeviceMatrix x) {
      bench.rotation.run(
          x, heads.dim(), angles, heads.dim() / 2, false, caches.tables().positions());
    }

    @Override
    public long bytes() {
      return weights.stream().mapToLong(LinearWeights::bytes).sum() + cacheBytes;
    }

    @Override
    public double operations() {
      long numbers = weights.stream().mapToLong(w -> w.shape().weights()).sum();
      double attention = 4.0 * rows * caches.tables().end() * heads.width();
      return 2.0 * rows * numbers + attention;
    }
  }
}
