// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench.speed;

import io.lowbit.backend.CacheLayout;
import io.lowbit.backend.Span;
import io.lowbit.backend.cuda.CudaPagePool;
import io.lowbit.backend.cuda.DeviceMatrix;
import io.lowbit.backend.cuda.DevicePointer;
import io.lowbit.backend.cuda.FragmentLayout;
import io.lowbit.backend.cuda.PackedWeight;
import io.lowbit.backend.cuda.QuantizedRows;
import io.lowbit.backend.cuda.SpanTables;
import io.lowbit.backend.cuda.WeightSource;
import io.lowbit.quant.ActivationScheme;
import io.lowbit.quant.GroupedInteger;
import io.lowbit.quant.IntegerGrid;
import io.lowbit.quant.RoundToNearest;
import io.lowbit.quant.Scheme;
import io.lowbit.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/** Quantizing and dequantizing: weights, activations, keys and values. */
final class QuantizeEntries {
  private static final int BLOCK_ROWS = 64;
  private static final int CHECKED_VALUES = 64;

  private QuantizeEntries() {}

  static Stream<Entry> weights(Tables.Matrix line) {
    return line.schemes().stream()
        .flatMap(scheme ->
            Stream.of(true, false)
                .map(forth ->
                    entry(
                        forth ? "quantize" : "dequantize",
                        line,
                        scheme,
                        (bench, scope) -> new Weights(bench, scope, line, scheme, forth))));
  }

  static Stream<Entry> tokens(Tables.Matrix line) {
    return line.schemes().stream()
        .map(scheme ->
            entry(
                "quantize_tokens",
                line,
                scheme,
                (bench, scope) -> new Tokens(bench, scope, line, scheme)));
  }

  private static Entry entry(
      String kind, Tables.Matrix line, String scheme, Entry.Preparation preparation) {
    String problem = "%s/%dx%d".formatted(kind, line.rows(), line.columns());
    return new Entry(
        problem,
        scheme,
        Map.of("rows", line.rows(), "columns", line.columns()),
        line.importance(),
        problem + "/" + scheme,
        preparation);
  }

  static Stream<Entry> append(Tables.Attention line) {
    String problem = "append/%s/t%d".formatted(line.heads().model(), line.tokens());
    return line.schemes().stream()
        .map(scheme ->
            new Entry(
                problem,
                scheme,
                Map.of(
                    "t", line.tokens(),
                    "key_heads", line.heads().keyHeads(),
                    "dim", line.heads().dim()),
                line.importance(scheme),
                problem + "/" + scheme,
                (bench, scope) -> new Append(bench, scope, line, scheme)));
  }

  /** A weight to codes and back. */
  private static final class Weights implements Entry.Job {
    private final Workbench bench;
    private final DeviceScope scope;
    private final IntegerGrid grid;
    private final Normals block;
    private final boolean forth;
    private final List<DeviceMatrix> dense = new ArrayList<>();
    private final List<PackedWeight> packed = new ArrayList<>();

    Weights(Workbench bench, DeviceScope scope, Tables.Matrix line, String scheme, boolean forth) {
      this.bench = bench;
      this.scope = scope;
      this.forth = forth;
      grid = LinearWeights.grid(Scheme.parse(scheme)).orElseThrow();
      block = Normals.of(4, BLOCK_ROWS, line.columns(), LinearWeights.DEVIATION, Workbench.TYPE);
      FragmentLayout layout =
          new FragmentLayout(PackedWeight.containerBits(grid.bits()), line.rows(), line.columns());
      int group = grid.effectiveGroup(line.columns());
      long bytes = DeviceMatrix.bytes(line.rows(), line.columns());
      int copies = bench.copies(bytes + layout.codeBytes());
      for (int i = 0; i < copies; i++) {
        dense.add(scope.repeated(block, line.rows()));
        packed.add(
            scope.keep(PackedWeight.allocate(scope.driver(), layout, group, grid.scaleType())));
        quantize(i);
        bench.kernels.synchronize();
      }
    }

    private void quantize(int copy) {
      DeviceMatrix from = dense.get(copy);
      WeightSource source =
          WeightSource.of("bench", from.data(), from.type(), from.rows(), from.columns());
      PackedWeight to = packed.get(copy);
      bench.weightQuantizer.queue(source, grid, to.codes(), to.grids());
    }

    private void dequantize(int copy) {
      DeviceMatrix to = dense.get(copy);
      PackedWeight from = packed.get(copy);
      bench.weightQuantizer.dequantize(
          from.codes(), from.grids(), to.rows(), to.columns(), grid, to);
    }

    @Override
    public int copies() {
      return dense.size();
    }

    @Override
    public void run(int copy) {
      if (forth) {
        quantize(copy);
      } else {
        dequantize(copy);
      }
    }

    @Override
    public long bytes() {
      DeviceMatrix matrix = dense.getFirst();
      return DeviceMatrix.bytes(matrix.rows(), matrix.columns()) + packed.getFirst().bytes();
    }

    @Override
    public OptionalDouble relativeError() {
      if (forth) {
        dequantize(0);
      }
      DeviceMatrix matrix = dense.getFirst();
      GroupedInteger codes =
          RoundToNearest.quantize(
              "bench", Tensor.of(block.values(), block.rows(), block.columns()), grid);
      RelativeError error = new RelativeError();
      float[] expected = new float[CHECKED_VALUES];
      for (int row : List.of(0, matrix.rows() - 1)) {
        int column = matrix.columns() - CHECKED_VALUES;
        codes.dequantize(row % block.rows(), column, CHECKED_VALUES, expected, 0);
        float[] actual = RelativeError.read(scope.driver(), matrix, row, column, CHECKED_VALUES);
        for (int i = 0; i < expected.length; i++) {
          error.add(actual[i], expected[i]);
        }
      }
      return OptionalDouble.of(error.value());
    }
  }

  /** Activations to codes. */
  private static final class Tokens implements Entry.Job {
    private final Workbench bench;
    private final DeviceScope scope;
    private final ActivationScheme scheme;
    private final Normals block;
    private final List<DeviceMatrix> sources = new ArrayList<>();
    private final DevicePointer memory;
    private final QuantizedRows rows;

    Tokens(Workbench bench, DeviceScope scope, Tables.Matrix line, String scheme) {
      this.bench = bench;
      this.scope = scope;
      this.scheme = Scheme.parse(scheme).activations().orElseThrow();
      block = Normals.of(5, Math.min(BLOCK_ROWS, line.rows()), line.columns(), 1, Workbench.TYPE);
      int copies = bench.copies(DeviceMatrix.bytes(line.rows(), line.columns()));
      for (int i = 0; i < copies; i++) {
        sources.add(scope.repeated(block, line.rows()));
      }
      long bytes = QuantizedRows.bytes(line.rows(), line.columns(), line.columns());
      memory = scope.allocate(bytes).pointer();
      rows = QuantizedRows.in(memory, line.rows(), line.columns(), line.columns());
    }

    @Override
    public int copies() {
      return sources.size();
    }

    @Override
    public void run(int copy) {
      DeviceMatrix x = sources.get(copy);
      bench.tokenQuantizer.run(x, scheme.grid(x.type()), x.columns(), memory);
    }

    @Override
    public long bytes() {
      DeviceMatrix x = sources.getFirst();
      return DeviceMatrix.bytes(x.rows(), x.columns())
          + QuantizedRows.bytes(x.rows(), x.columns(), x.columns());
    }

    @Override
    public OptionalDouble relativeError() {
      scope.driver().synchronize();
      int last = rows.rows() - 1;
      byte[] codes = new byte[rows.columns()];
      float[] scale = new float[1];
      int[] zero = new int[1];
      scope
          .driver()
          .copyToHost(MemorySegment.ofArray(codes), rows.codes().plus((long) last * rows.stride()));
      scope.driver().copyToHost(MemorySegment.ofArray(scale), rows.scales().plus(4L * last));
      scope.driver().copyToHost(MemorySegment.ofArray(zero), rows.zeros().plus(4L * last));
      float[] x = new float[rows.columns()];
      System.arraycopy(block.values(), last % block.rows() * x.length, x, 0, x.length);
      float[] expected = LinearWeights.throughCodes(x, scheme);
      RelativeError error = new RelativeError();
      for (int i = 0; i < x.length; i++) {
        error.add((codes[i] - zero[0]) * scale[0], expected[i]);
      }
      return OptionalDouble.of(error.value());
    }
  }

  /** Keys and values of a prompt to the pages of a cache. */
  private static final class Append implements Entry.Job {
    private final Workbench bench;
    private final DeviceScope scope;
    private final Tables.Attention line;
    private final Scheme scheme;
    private final Normals keyBlock;
    private final Normals valueBlock;
    private final DeviceMatrix keys;
    private final DeviceMatrix values;
    private final CudaPagePool pool;
    private final SpanTables tables;

    Append(Workbench bench, DeviceScope scope, Tables.Attention line, String schemeText) {
      this.bench = bench;
      this.scope = scope;
      this.line = line;
      scheme = Scheme.parse(schemeText);
      HeadShape heads = line.heads();
      int rows = Math.min(BLOCK_ROWS, line.tokens());
      keyBlock = Normals.of(6, rows, heads.keyWidth(), 1, Workbench.TYPE);
      valueBlock = Normals.of(7, rows, heads.keyWidth(), 1, Workbench.TYPE);
      // Keys per channel are kept exactly until a block is full: there are pages of both forms.
      long room = DeviceMatrix.bytes(2 * line.tokens(), heads.keyWidth()) + bytes();
      pool =
          scope.keep(
              new CudaPagePool(
                  bench.kernels,
                  new CacheLayout(
                      bench.copies(room), heads.keyHeads(), heads.dim(), scheme.cache()),
                  Workbench.TYPE));
      tables = scope.keep(new SpanTables(bench.kernels));
      tables.prepare(List.of(new Span(pool.newCache(), 0, 0, line.tokens())), line.tokens());
      keys = scope.repeated(keyBlock, line.tokens());
      values = scope.repeated(valueBlock, line.tokens());
    }

    @Override
    public int copies() {
      return pool.layout().layers();
    }

    @Override
    public void run(int copy) {
      bench.append.run(copy, keys, values, tables);
    }

    @Override
    public long bytes() {
      return 2 * DeviceMatrix.bytes(line.tokens(), line.heads().keyWidth())
          + FilledCaches.bytesPerLayer(line.heads(), scheme.cache(), 1, line.tokens());
    }

    /** Of attention that reads what was stored. */
    @Override
    public OptionalDouble relativeError() {
      HeadShape heads = line.heads();
      Normals queries = Normals.of(8, BLOCK_ROWS, heads.width(), 1, Workbench.TYPE);
      DeviceMatrix q = scope.repeated(queries, line.tokens());
      DeviceMatrix out = scope.matrix(line.tokens(), heads.width(), Workbench.TYPE);
      bench.attention.run(0, q, heads.attention(), DevicePointer.NULL, tables, out);
      int last = line.tokens() - 1;
      CacheReference reference = new CacheReference(heads, scheme.cache(), keyBlock, valueBlock, 0);
      double[] expected =
          reference.output(queries.values(), last % queries.rows() * heads.width(), last);
      float[] actual = RelativeError.read(scope.driver(), out, last, 0, heads.dim());
      RelativeError error = new RelativeError();
      for (int i = 0; i < expected.length; i++) {
        error.add(actual[i], expected[i]);
      }
      return OptionalDouble.of(error.value());
    }
  }
}
