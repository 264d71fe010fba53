// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench;

import io.lowbit.backend.cuda.CacheSide;
import io.lowbit.backend.cuda.CudaKvCache;
import io.lowbit.backend.cuda.CudaPagePool.Side;
import io.lowbit.backend.cuda.DevicePointer;
import io.lowbit.backend.cuda.Kernels;
import io.lowbit.bench.AttentionCases.Data;
import io.lowbit.bench.AttentionScenario.Kind;
import io.lowbit.bench.AttentionScenario.Part;
import io.lowbit.bench.AttentionScenario.Sequence;
import io.lowbit.bench.ConformanceCase.Outcome;
import io.lowbit.quant.CacheScheme;
import io.lowbit.quant.IntegerGrid;
import io.lowbit.quant.RowQuantizer;
import io.lowbit.tensor.BFloat16;
import io.lowbit.tensor.DType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** What appending writes to a cache's pages, compared bit for bit with the plain-loop quantizer. */
final class CacheAppendCases {
  private static final int PAGE = CacheSide.PAGE;

  private CacheAppendCases() {}

  /**
   * One case.
   *
   * @param steps tokens that each append brings
   */
  private record Setup(Kind kind, Data data, int[] steps, boolean sample) {
    ConformanceCase toCase() {
      CacheScheme scheme = kind.scheme().orElse(null);
      List<String> tokens = new ArrayList<>();
      for (int step : steps) {
        tokens.add(Integer.toString(step));
      }
      String description =
          "%s %d heads of %d, %s, tokens %s, %s"
              .formatted(
                  kind.type(),
                  kind.keyHeads(),
                  kind.dim(),
                  scheme == null ? "exact" : AttentionCases.text(scheme),
                  String.join("+", tokens),
                  data.name().toLowerCase(Locale.ROOT).replace('_', ' '));
      return new ConformanceCase("cache_append", description, sample, this::run);
    }

    private Outcome run(Kernels kernels) {
      int tokens = 0;
      for (int step : steps) {
        tokens += step;
      }
      Sequence sequence = Sequence.of(kind, tokens, AttentionCases.numbers(data, kind, tokens));
      try (AttentionScenario scenario = new AttentionScenario(kernels, kind);
          CaseMemory memory = new CaseMemory(kernels.driver())) {
        CudaKvCache cache = scenario.cache();
        CudaKvCache neighbour = scenario.cache();
        int at = 0;
        for (int step : steps) {
          scenario.append(
              List.of(
                  new Part(neighbour, sequence, at, at + 1),
                  new Part(cache, sequence, at, at + step)));
          if (step > 1) {
            neighbour.close();
            neighbour = cache.fork();
          }
          at += step;
        }
        Comparison comparison = new Comparison(memory, cache, sequence);
        comparison.side(scenario.pool().keys(), Side.EXACT_KEYS, sequence.keys());
        comparison.side(scenario.pool().values(), Side.EXACT_VALUES, sequence.values());
        return comparison.outcome();
      }
    }
  }

  /** Counts differences between pages and what they should hold. */
  private static final class Comparison {
    private final CaseMemory memory;
    private final CudaKvCache cache;
    private final Sequence sequence;
    private int compared;
    private int wrong;
    private String first = "";

    Comparison(CaseMemory memory, CudaKvCache cache, Sequence sequence) {
      this.memory = memory;
      this.cache = cache;
      this.sequence = sequence;
    }

    Outcome outcome() {
      String detail = "%d of %d numbers differ%s".formatted(wrong, compared, first);
      return new Outcome(compared == 0 ? Double.NaN : wrong, 0, detail);
    }

    private void equal(double actual, double expected, String what, int... at) {
      compared++;
      if (actual != expected && !(Double.isNaN(actual) && Double.isNaN(expected))) {
        wrong++;
        if (wrong == 1) {
          first =
              "; %s at %s is %g, expected %g"
                  .formatted(what, Arrays.toString(at), actual, expected);
        }
      }
    }

    /** Compares both forms of the keys or values. */
    void side(CacheSide side, Side exact, float[] values) {
      Side packed = side.keys() ? Side.PACKED_KEYS : Side.PACKED_VALUES;
      for (int page = 0; page * PAGE < sequence.tokens(); page++) {
        Optional<DevicePointer> at = cache.page(exact, page);
        if (at.isPresent()) {
          exactPage(side, bytes(at.get(), side.exactBytes()), page * PAGE, values);
        }
        Optional<DevicePointer> codes = cache.page(packed, page);
        if (side.packed()) {
          ByteBuffer bytes = bytes(codes.orElseThrow(), side.packedBytes());
          if (side.perChannel()) {
            channels(side, bytes, page * PAGE, values);
          } else {
            tokens(side, bytes, page * PAGE, values);
          }
        }
      }
    }

    private ByteBuffer bytes(DevicePointer page, long layerBytes) {
      byte[] bytes =
          memory.readBytes(
              page.plus(AttentionScenario.LAYER * layerBytes), Math.toIntExact(layerBytes));
      return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private int tokensOf(int start) {
      return Math.min(PAGE, sequence.tokens() - start);
    }

    private void exactPage(CacheSide side, ByteBuffer bytes, int start, float[] values) {
      int dim = side.headDim();
      for (int head = 0; head < side.keyHeads(); head++) {
        for (int token = 0; token < tokensOf(start); token++) {
          int from = ((start + token) * side.keyHeads() + head) * dim;
          boolean bad = !side.keys() && !finite(values, from, dim);
          for (int d = 0; d < dim; d++) {
            short bits = bytes.getShort(2 * ((head * PAGE + token) * dim + d));
            float actual =
                sequence.kind().type() == DType.F16
                    ? Float.float16ToFloat(bits)
                    : BFloat16.toFloat(bits);
            equal(actual, bad ? 0 : values[from + d], "exact", start + token, head, d);
          }
          if (!side.keys()) {
            int flag = bytes.get((int) side.exactValueBytes() + head * PAGE + token);
            equal(flag, bad ? 1 : 0, "exact flag", start + token, head);
          }
        }
      }
    }

    private static boolean finite(float[] values, int from, int count) {
      boolean finite = true;
      for (int i = from; i < from + count; i++) {
        finite &= Float.isFinite(values[i]);
      }
      return finite;
    }

    private void tokens(CacheSide side, ByteBuffer bytes, int start, float[] values) {
      int dim = side.headDim();
      int groups = dim / side.group();
      byte[] codes = new byte[dim];
      float[] scales = new float[groups];
      int[] zeros = new int[groups];
      for (int head = 0; head < side.keyHeads(); head++) {
        for (int token = 0; token < tokensOf(start); token++) {
          int from = ((start + token) * side.keyHeads() + head) * dim;
          RowQuantizer.quantize(values, from, dim, side.grid(), codes, 0, scales, zeros, 0);
          int place = head * PAGE + token;
          for (int d = 0; d < dim; d++) {
            equal(code(side, bytes, place * dim + d), codes[d] & 0xFF, "code", start + token, d);
          }
          int bad = 0;
          for (int g = 0; g < groups; g++) {
            pair(side, bytes, place * groups + g, scales[g], zeros[g]);
            bad |= Float.isNaN(scales[g]) ? 1 : 0;
          }
          if (!side.keys()) {
            int flag = bytes.get((int) (side.codeBytes() + side.gridBytes()) + place);
            equal(flag, bad, "packed flag", start + token, head);
          }
        }
      }
    }

    private void channels(CacheSide side, ByteBuffer bytes, int start, float[] values) {
      int dim = side.headDim();
      int block = side.blockTokens();
      IntegerGrid grid = side.grid();
      float[] column = new float[block];
      byte[] codes = new byte[block];
      float[] scale = new float[1];
      int[] zero = new int[1];
      for (int b = 0; b < tokensOf(start) / block; b++) {
        for (int head = 0; head < side.keyHeads(); head++) {
          for (int d = 0; d < dim; d++) {
            for (int t = 0; t < block; t++) {
              column[t] = values[((start + b * block + t) * side.keyHeads() + head) * dim + d];
            }
            RowQuantizer.quantize(column, 0, block, grid, codes, 0, scale, zero, 0);
            pair(side, bytes, (head * (PAGE / block) + b) * dim + d, scale[0], zero[0]);
            for (int t = 0; t < block; t++) {
              int index = (head * PAGE + b * block + t) * dim + d;
              equal(code(side, bytes, index), codes[t] & 0xFF, "code", start + t, head, d);
            }
          }
        }
      }
    }

    private static int code(CacheSide side, ByteBuffer bytes, int index) {
      return side.storedBits() == 8
          ? bytes.get(index) & 0xFF
          : bytes.get(index / 2) >> (index % 2 * 4) & 0xF;
    }

    private void pair(CacheSide side, ByteBuffer bytes, int index, float scale, int zero) {
      int at = (int) side.codeBytes() + index * side.pairBytes();
      if (side.wide()) {
        equal(bytes.getFloat(at), scale, "scale", index);
        equal(bytes.getFloat(at + 4), zero, "zero", index);
      } else {
        equal(Float.float16ToFloat(bytes.getShort(at)), scale, "scale", index);
        equal(Float.float16ToFloat(bytes.getShort(at + 2)), zero, "zero", index);
      }
    }
  }

  static Stream<ConformanceCase> cases() {
    List<Setup> all = new ArrayList<>();
    for (DType type : new DType[] {DType.F16, DType.BF16}) {
      for (int bits = 1; bits <= 8; bits++) {
        boolean sample = bits == (type == DType.F16 ? 3 : 8);
        for (DType scales : new DType[] {DType.F16, DType.F32}) {
          all.add(tokens(type, bits, 2, 48, 8, scales, sample, 3, 1));
          all.add(tokens(type, bits, 3, 80, 0, scales, false, 1, 100, 33));
          boolean bytes = bits == 6 && scales == DType.F32;
          all.add(channels(type, bits, 2, 40, 16, scales, sample || bytes, 50, 1, 30));
        }
      }
      for (int dim : new int[] {8, 16, 64, 72, 96, 128, 136, 248, 256}) {
        boolean sample = type == DType.F16 ? dim == 136 || dim == 256 : dim == 72;
        for (int first : new int[] {1, 3, 7, 8, 9, 17, 33, 64, 100}) {
          boolean one = sample && first == 3;
          all.add(tokens(type, 4, 2, dim, 0, DType.F16, one, first, 2));
          all.add(channels(type, 4, 2, dim, first % 2 == 0 ? 32 : 0, DType.F16, false, first, 64));
        }
        all.add(new Setup(exact(type, dim), Data.NORMAL, new int[] {70, 1}, sample));
      }
      // Numbers of lanes in a group on both sides of every step that the lanes are merged by.
      for (int group : new int[] {24, 32, 40, 64, 72, 128}) {
        boolean sample = type == DType.F16 || group == 40 || group == 72;
        all.add(tokens(type, 4, 1, 2 * group, group, DType.F16, sample, 2));
      }
      for (Data data : Data.values()) {
        boolean sample = data != Data.LATE_NAN;
        Kind window = kind(type, 2, 32, AttentionCases.scheme(4, 8, 16, 30, false, DType.F16));
        all.add(new Setup(window, data, new int[] {21, 1}, sample));
        Kind channel = kind(type, 1, 32, AttentionCases.scheme(4, 2, 16, 30, true, DType.F16));
        all.add(new Setup(channel, data, new int[] {10, 12, 11}, sample));
        all.add(new Setup(exact(type, 24), data, new int[] {22}, false));
      }
    }
    return all.stream().map(Setup::toCase);
  }

  private static Kind kind(DType type, int keyHeads, int dim, Optional<CacheScheme> scheme) {
    return new Kind(type, keyHeads, keyHeads, dim, scheme, 0, false);
  }

  private static Kind exact(DType type, int dim) {
    return kind(type, 2, dim, Optional.empty());
  }

  private static Setup tokens(
      DType type,
      int bits,
      int keyHeads,
      int dim,
      int group,
      DType scales,
      boolean sample,
      int... steps) {
    Optional<CacheScheme> scheme = AttentionCases.scheme(bits, 9 - bits, group, 0, false, scales);
    return new Setup(kind(type, keyHeads, dim, scheme), Data.NORMAL, steps, sample);
  }

  private static Setup channels(
      DType type,
      int bits,
      int keyHeads,
      int dim,
      int block,
      DType scales,
      boolean sample,
      int... steps) {
    Optional<CacheScheme> scheme = AttentionCases.scheme(bits, 16, block, 0, true, scales);
    return new Setup(kind(type, keyHeads, dim, scheme), Data.NORMAL, steps, sample);
  }
}
