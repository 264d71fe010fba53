// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench.speed;

import io.lowbit.backend.cuda.DeviceMatrix;
import io.lowbit.backend.cuda.DevicePointer;
import io.lowbit.quant.Scheme;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/** Attention over caches: one new token of each sequence, or all tokens of one. */
final class AttentionEntries {
  private static final int DISTINCT_QUERIES = 64;

  private AttentionEntries() {}

  static Stream<Entry> decode(Tables.Attention line) {
    return entries(
        line, "decode/%s/b%d.t%d".formatted(line.heads().model(), line.sequences(), line.tokens()));
  }

  static Stream<Entry> prefill(Tables.Attention line) {
    if (line.sequences() != 1) {
      throw new IllegalArgumentException("prefill is timed for one sequence");
    }
    return entries(line, "prefill/%s/t%d".formatted(line.heads().model(), line.tokens()));
  }

  private static Stream<Entry> entries(Tables.Attention line, String problem) {
    Map<String, Integer> dimensions = new LinkedHashMap<>();
    dimensions.put("b", line.sequences());
    dimensions.put("t", line.tokens());
    dimensions.put("heads", line.heads().heads());
    dimensions.put("key_heads", line.heads().keyHeads());
    dimensions.put("dim", line.heads().dim());
    boolean decode = problem.startsWith("decode/");
    return line.schemes().stream()
        .map(scheme ->
            new Entry(
                problem,
                scheme,
                dimensions,
                line.importance(scheme),
                problem + "/" + scheme,
                (bench, scope) -> new Reading(bench, scope, line, scheme, decode)));
  }

  /** Reads filled caches. */
  private static final class Reading implements Entry.Job {
    private final Workbench bench;
    private final DeviceScope scope;
    private final Tables.Attention line;
    private final Scheme scheme;
    private final boolean decode;
    private final FilledCaches caches;
    private final Normals queries;
    private final DeviceMatrix q;
    private final DeviceMatrix out;

    Reading(
        Workbench bench,
        DeviceScope scope,
        Tables.Attention line,
        String schemeText,
        boolean decode) {
      this.bench = bench;
      this.scope = scope;
      this.line = line;
      this.scheme = Scheme.parse(schemeText);
      this.decode = decode;
      HeadShape heads = line.heads();
      caches =
          new FilledCaches(
              bench, scope, heads, scheme, line.sequences(), line.tokens(), Optional.empty());
      if (decode) {
        caches.fillForDecode(scope);
      } else {
        caches.fillForPrefill(scope);
      }
      int rows = caches.tables().rows();
      queries = Normals.of(3, Math.min(rows, DISTINCT_QUERIES), heads.width(), 1, Workbench.TYPE);
      q = scope.repeated(queries, rows);
      out = scope.matrix(rows, heads.width(), Workbench.TYPE);
    }

    @Override
    public int copies() {
      return caches.copies();
    }

    @Override
    public void run(int copy) {
      bench.attention.run(
          copy, q, line.heads().attention(), DevicePointer.NULL, caches.tables(), out);
    }

    @Override
    public long bytes() {
      return FilledCaches.bytesPerLayer(
          line.heads(), scheme.cache(), line.sequences(), line.tokens());
    }

    @Override
    public double operations() {
      double read =
          decode
              ? (double) line.sequences() * line.tokens()
              : line.tokens() * (line.tokens() + 1.0) / 2;
      return 4 * read * line.heads().width();
    }

    /** Of the last position, and in prefill of the last of the first page. */
    @Override
    public OptionalDouble relativeError() {
      RelativeError error = new RelativeError();
      HeadShape heads = line.heads();
      List<Integer> rows = decode ? List.of(0, out.rows() - 1) : List.of(63, out.rows() - 1);
      for (int head : List.of(0, heads.heads() - 1)) {
        CacheReference reference =
            new CacheReference(
                heads,
                scheme.cache(),
                caches.keyBlock(),
                caches.valueBlock(),
                head / (heads.heads() / heads.keyHeads()));
        for (int row : rows) {
          int at = row % queries.rows() * heads.width() + head * heads.dim();
          int position = decode ? line.tokens() - 1 : row;
          double[] expected = reference.output(queries.values(), at, position);
          float[] actual =
              RelativeError.read(scope.driver(), out, row, head * heads.dim(), heads.dim());
          for (int i = 0; i < expected.length; i++) {
            error.add(actual[i], expected[i]);
          }
        }
      }
      return OptionalDouble.of(error.value());
    }
  }
}
