// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench;

import io.lowbit.backend.cuda.Kernels;
import io.lowbit.bench.AttentionScenario.Kind;
import io.lowbit.bench.AttentionScenario.Numbers;
import io.lowbit.bench.AttentionScenario.Part;
import io.lowbit.bench.AttentionScenario.Path;
import io.lowbit.bench.AttentionScenario.Sequence;
import io.lowbit.bench.ConformanceCase.Outcome;
import io.lowbit.quant.Arithmetic;
import io.lowbit.quant.CacheScheme;
import io.lowbit.tensor.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;

/** Attention over caches of all kinds, held against double precision. */
final class AttentionCases {
  private AttentionCases() {}

  /** What queries, keys and values look like. */
  enum Data {
    /** Independent normal numbers. */
    NORMAL,
    /** All keys equal, so that all scores are. */
    EQUAL_SCORES,
    /** One key among all that matters. */
    ONE_HUGE,
    /** Queries of zeros. */
    ZERO_QUERY,
    /** Values of the largest magnitude with both signs. */
    LARGEST_VALUES,
    /** Everything subnormal or zero. */
    TINY,
    /** Keys and values of zeros. */
    ZEROS,
    /** Keys and values of some tokens are NaN. */
    SOME_NAN,
    /** A token's keys are NaN but for the first of every sixteen columns. */
    NAN_COLUMNS,
    /** Some values are NaN: of the first head at 74 and 512, of the second at 113 and 442. */
    LATE_NAN
  }

  /** The content of a sequence. */
  static Numbers numbers(Data data, Kind kind, long seed) {
    DType type = kind.type();
    int dim = kind.dim();
    return (which, token, column) -> {
      Random random = new Random(seed * 31 + which + 3L * token + 40_009L * column);
      random.nextInt();
      float normal = (float) random.nextGaussian();
      return switch (data) {
        case NORMAL -> normal;
        case EQUAL_SCORES -> which == 1 ? column % 7 - 3 : normal;
        case ONE_HUGE -> which == 1 ? (token == 5 ? 20 : 0.1f) * normal : normal;
        case ZEROS -> which == 0 ? normal : 0;
        case ZERO_QUERY -> which == 0 ? 0 : normal;
        case LARGEST_VALUES ->
            which == 2
                ? Math.copySign(type == DType.F16 ? 65504f : 0x1.FEp127f / 1024, normal)
                : normal;
        case TINY -> which == 0 ? normal : token % 3 == 0 ? 0 : normal * 0x1p-18f;
        case SOME_NAN ->
            (which == 1 && token == 11 && column == 3) || (which == 2 && token == 20 && column == 2)
                ? Float.NaN
                : normal;
        case NAN_COLUMNS -> which == 1 && token == 4 && column % 16 != 0 ? Float.NaN : normal;
        case LATE_NAN -> which == 2 && isLateNan(token, column, dim) ? Float.NaN : normal;
      };
    };
  }

  private static boolean isLateNan(int token, int column, int dim) {
    return column == dim + 2
        ? token == 113 || token == 442
        : column == 2 && (token == 74 || token == 512);
  }

  /** A scheme with integer grids. */
  static Optional<CacheScheme> scheme(
      int keyBits, int valueBits, int group, int window, boolean perChannel, DType scales) {
    return Optional.of(
        new CacheScheme(
            CacheScheme.Format.INTEGER,
            keyBits,
            valueBits,
            group,
            window,
            perChannel,
            scales,
            Arithmetic.EXACT));
  }

  private static Optional<CacheScheme> tokens(int bits) {
    return scheme(bits, bits, 0, 0, false, DType.F16);
  }

  /**
   * What a case runs: sequences that hold so many tokens before, and attend so many.
   *
   * @param spans pairs of tokens before and tokens attended
   */
  private record Setup(Kind kind, Data data, Path path, int[][] spans, boolean sample) {
    String description() {
      List<String> parts = new ArrayList<>();
      for (int[] span : spans) {
        parts.add(span[0] + "+" + span[1]);
      }
      return "%s %s heads %d/%d of %d, %s%s%s, tokens %s, %s"
          .formatted(
              kind.type(),
              path.name().toLowerCase(Locale.ROOT),
              kind.heads(),
              kind.keyHeads(),
              kind.dim(),
              kind.scheme().map(AttentionCases::text).orElse("exact"),
              kind.window() == 0 ? "" : ", window " + kind.window(),
              kind.alibi() ? ", ALiBi" : "",
              String.join(" ", parts),
              data.name().toLowerCase(Locale.ROOT).replace('_', ' '));
    }

    ConformanceCase toCase() {
      return new ConformanceCase(module(), description(), sample, this::run);
    }

    /** Where the kernel is that attends; what the launcher chooses counts as prefill. */
    private String module() {
      return path == Path.DECODE ? "attention_decode" : "attention";
    }

    Outcome run(Kernels kernels) {
      try (AttentionScenario scenario = new AttentionScenario(kernels, kind)) {
        List<Part> parts = new ArrayList<>();
        for (int[] span : spans) {
          int end = span[0] + span[1];
          Numbers numbers = numbers(data, kind, 7 + parts.size());
          Sequence sequence = Sequence.of(kind, end, numbers);
          Part part = new Part(scenario.cache(), sequence, span[0], end);
          if (span[0] > 0) {
            scenario.append(part.cache(), sequence, 0, span[0]);
          }
          parts.add(part);
        }
        float[] out = scenario.pass(parts, path);
        Outcome outcome = compare(out, parts);
        return !sample || !outcome.passed() ? outcome : compareKernels(scenario, parts, out);
      }
    }

    /** Prefill and decode give the same bits; the numbers are right already. */
    private Outcome compareKernels(AttentionScenario scenario, List<Part> parts, float[] out) {
      List<Part> again = new ArrayList<>();
      for (Part part : parts) {
        Part copy = new Part(scenario.cache(), part.sequence(), part.from(), part.to());
        if (part.from() > 0) {
          scenario.append(copy.cache(), part.sequence(), 0, part.from());
        }
        again.add(copy);
      }
      float[] other = scenario.pass(again, path == Path.DECODE ? Path.PREFILL : Path.DECODE);
      int at = Arrays.mismatch(out, other);
      return new Outcome(
          at < 0 ? 0 : 1,
          0,
          at < 0
              ? "bits of both kernels"
              : "prefill and decode differ at number %d: %g and %g"
                  .formatted(at, out[at], other[at]));
    }
  }

  static String text(CacheScheme scheme) {
    return "k%dv%d g%d r%d%s%s"
        .formatted(
            scheme.keyBits(),
            scheme.valueBits(),
            scheme.groupSize(),
            scheme.window(),
            scheme.keysPerChannel() ? " per channel" : "",
            scheme.scaleType() == DType.F32 ? " s32" : "");
  }

  /** Holds the output of a batch against the reference; the error is in units of the tolerance. */
  static Outcome compare(float[] actual, List<Part> parts) {
    double worst = 0;
    String where = "";
    int at = 0;
    for (Part part : parts) {
      AttentionReference reference = new AttentionReference(part.sequence());
      for (int token = part.from(); token < part.to(); token++) {
        for (int head = 0; head < part.sequence().kind().heads(); head++) {
          AttentionReference.Output expected = reference.output(token, head);
          for (int d = 0; d < expected.value().length; d++, at++) {
            double error = error(actual[at], expected.value()[d], expected.tolerance()[d]);
            if (error > worst) {
              worst = error;
              where =
                  "token %d head %d number %d is %g, expected %g"
                      .formatted(token, head, d, actual[at], expected.value()[d]);
            }
          }
        }
      }
    }
    return new Outcome(worst, 1, "error over tolerance" + (where.isEmpty() ? "" : "; " + where));
  }

  private static double error(float actual, double expected, double tolerance) {
    if (Double.isNaN(expected)) {
      return Float.isNaN(actual) ? 0 : Double.POSITIVE_INFINITY;
    }
    double error = actual == expected ? 0 : Math.abs(actual - expected) / tolerance;
    return Double.isNaN(error) ? Double.POSITIVE_INFINITY : error;
  }

  private static Setup setup(
      DType type,
      int[] heads,
      Optional<CacheScheme> scheme,
      int window,
      Path path,
      boolean sample,
      int[]... spans) {
    Kind kind = new Kind(type, heads[0], heads[1], heads[2], scheme, window, false);
    return new Setup(kind, Data.NORMAL, path, spans, sample);
  }

  static Stream<ConformanceCase> cases() {
    List<Setup> all = new ArrayList<>();
    addSamples(all);
    addShapes(all);
    addSchemes(all);
    addData(all);
    return all.stream().map(Setup::toCase);
  }

  /** A few that together reach every branch of every kernel. */
  private static void addSamples(List<Setup> all) {
    for (DType type : new DType[] {DType.F16, DType.BF16}) {
      for (Path path : new Path[] {Path.PREFILL, Path.DECODE}) {
        boolean prefill = path == Path.PREFILL;
        for (int dim : new int[] {64, 80, 96, 128, 256}) {
          addSamples(all, type, path, dim);
        }
        int[] small = {4, 2, 24};
        all.add(setup(type, small, Optional.empty(), 0, path, true, new int[][] {{0, 3}, {62, 3}}));
        all.add(setup(type, new int[] {2, 1, 16}, tokens(2), 37, path, true, new int[] {96, 33}));
        int[] chunks = {prefill ? 511 : 2100, 2};
        int[] tiny = {1, 1, 8};
        all.add(setup(type, tiny, Optional.empty(), 0, path, true, chunks));
        if (!prefill) {
          // The last key is the last or the first of a chunk, and so is the first key that is seen.
          all.add(setup(type, tiny, Optional.empty(), 0, path, true, new int[] {1535, 1}));
          all.add(setup(type, tiny, Optional.empty(), 0, path, true, new int[] {1536, 1}));
          all.add(setup(type, tiny, Optional.empty(), 577, path, true, new int[] {1600, 1}));
          all.add(setup(type, tiny, Optional.empty(), 578, path, true, new int[] {1600, 1}));
        }
      }
    }
  }

  /** Those of one entry. */
  private static void addSamples(List<Setup> all, DType type, Path path, int dim) {
    boolean prefill = path == Path.PREFILL;
    // As many rows as a tile has, or more, whose exact keys and values begin anywhere in a page.
    Optional<CacheScheme> both = scheme(4, 4, 0, 1, false, prefill ? DType.F16 : DType.F32);
    Kind full = new Kind(type, 2, 2, dim, both, 0, true);
    all.add(new Setup(full, Data.NORMAL, path, new int[][] {{64, 64}}, true));
    // The keys that are seen begin within a chunk and end in the next one.
    Kind exact = new Kind(type, 16, 2, dim, Optional.empty(), 70, false);
    all.add(new Setup(exact, Data.LATE_NAN, path, new int[][] {{511, 2}}, true));
    // A group of heads whose last columns are padding; some tokens that are not finite are read in
    // both forms, and some only by others.
    Optional<CacheScheme> window =
        scheme(prefill ? 8 : 4, 8, 8, 3, false, prefill ? DType.F32 : DType.F16);
    Kind two = new Kind(type, prefill ? 14 : 4, 2, dim - 8, window, 40, false);
    all.add(new Setup(two, Data.LATE_NAN, path, new int[][] {{110, 8}, {0, 1}}, true));
    // Keys per channel, exact in whole pages and in the middle of one.
    Optional<CacheScheme> wide =
        scheme(prefill ? 8 : 4, 16, 16, 100, true, prefill ? DType.F32 : DType.F16);
    Kind keys = new Kind(type, 4, 2, dim - 8, wide, 0, false);
    all.add(new Setup(keys, Data.NORMAL, path, new int[][] {{132, 1}, {120, 1}, {0, 3}}, true));
    Optional<CacheScheme> narrow =
        scheme(prefill ? 4 : 8, 16, 32, 0, true, prefill ? DType.F16 : DType.F32);
    Kind rows = new Kind(type, 10, 1, dim - 8, narrow, 0, false);
    all.add(new Setup(rows, Data.NORMAL, path, new int[][] {{40, 1}}, true));
  }

  /** Head dimensions, groups of heads, and numbers of tokens around tiles, pages and chunks. */
  private static void addShapes(List<Setup> all) {
    int[][] heads = {
      {4, 4, 64},
      {8, 2, 128},
      {9, 3, 40},
      {4, 1, 80},
      {2, 2, 96},
      {2, 1, 256},
      {17, 1, 8},
      {3, 1, 104},
      {4, 2, 112},
      {2, 1, 192}
    };
    for (DType type : new DType[] {DType.F16, DType.BF16}) {
      for (int[] head : heads) {
        for (int tokens : new int[] {1, 3, 7, 8, 9, 17, 33, 64, 100}) {
          int[][] spans = {{0, tokens}, {63, tokens}, {130, tokens}};
          all.add(setup(type, head, Optional.empty(), 0, Path.PREFILL, false, spans));
          all.add(setup(type, head, Optional.empty(), 0, Path.DECODE, false, spans));
          all.add(setup(type, head, tokens(4), 0, Path.CHOSEN, false, spans));
        }
      }
      for (Path path : Path.values()) {
        int[][] chunks = {{500, 30}, {1023, 2}, {0, 1}, {511, 1}, {512, 1}};
        all.add(setup(type, new int[] {4, 2, 64}, Optional.empty(), 0, path, false, chunks));
        all.add(setup(type, new int[] {4, 2, 64}, tokens(8), 600, path, false, chunks));
      }
    }
  }

  private static void addSchemes(List<Setup> all) {
    List<Optional<CacheScheme>> schemes = new ArrayList<>();
    for (int bits = 1; bits <= 8; bits++) {
      schemes.add(tokens(bits));
      schemes.add(scheme(bits, bits, 32, 0, false, DType.F32));
      schemes.add(scheme(bits, bits, 32, 0, true, DType.F16));
    }
    schemes.add(scheme(16, 4, 0, 0, false, DType.F16));
    schemes.add(scheme(4, 16, 0, 0, false, DType.F16));
    schemes.add(scheme(16, 2, 16, 30, true, DType.F16));
    for (int window : new int[] {1, 15, 64, 128}) {
      schemes.add(scheme(4, 2, 0, window, false, DType.F16));
      schemes.add(scheme(4, 2, 0, window, true, DType.F16));
      schemes.add(scheme(2, 4, 16, window, true, DType.F32));
    }
    int[][] spans = {{0, 40}, {100, 40}, {127, 1}, {191, 2}};
    for (DType type : new DType[] {DType.F16, DType.BF16}) {
      for (Optional<CacheScheme> scheme : schemes) {
        all.add(setup(type, new int[] {4, 2, 64}, scheme, 0, Path.PREFILL, false, spans));
        all.add(setup(type, new int[] {4, 2, 64}, scheme, 0, Path.DECODE, false, spans));
        all.add(setup(type, new int[] {4, 2, 96}, scheme, 50, Path.CHOSEN, false, spans));
      }
    }
  }

  private static void addData(List<Setup> all) {
    for (DType type : new DType[] {DType.F16, DType.BF16}) {
      for (Data data : EnumSet.complementOf(EnumSet.of(Data.NAN_COLUMNS, Data.LATE_NAN))) {
        for (boolean alibi : new boolean[] {false, true}) {
          for (Optional<CacheScheme> scheme : List.of(Optional.<CacheScheme>empty(), tokens(8))) {
            for (int window : new int[] {0, 1, 45}) {
              Kind kind = new Kind(type, 2, 1, 32, scheme, window, alibi);
              boolean sample =
                  type == DType.F16
                      && window == 45
                      && alibi != scheme.isPresent()
                      && (alibi || data == Data.LARGEST_VALUES || data == Data.SOME_NAN);
              int[][] spans = {{40, 26}};
              Path path = alibi ? Path.DECODE : Path.PREFILL;
              all.add(new Setup(kind, data, path, spans, sample));
            }
          }
        }
      }
    }
  }
}
