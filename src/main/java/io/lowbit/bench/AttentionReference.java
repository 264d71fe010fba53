// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench;

import io.lowbit.bench.AttentionScenario.Kind;
import io.lowbit.bench.AttentionScenario.Sequence;
import io.lowbit.quant.Arithmetic;
import io.lowbit.quant.CacheScheme;
import io.lowbit.quant.IntegerGrid;
import io.lowbit.quant.RowQuantizer;
import io.lowbit.tensor.DType;

/**
 * Attention in plain loops of double precision over what a decoder that goes step by step has in
 * its cache when it comes to a token.
 */
final class AttentionReference {
  private static final int PER_CHANNEL_BLOCK = 32;

  private final Kind kind;
  private final Sequence sequence;
  private final float[] packedKeys;
  private final float[] packedValues;

  AttentionReference(Sequence sequence) {
    this.kind = sequence.kind();
    this.sequence = sequence;
    CacheScheme scheme = kind.scheme().orElse(null);
    packedKeys = scheme == null ? null : packed(scheme, true);
    packedValues = scheme == null ? null : packed(scheme, false);
  }

  /** What codes of the keys or values stand for; null if there are none. */
  private float[] packed(CacheScheme scheme, boolean keys) {
    int bits = keys ? scheme.keyBits() : scheme.valueBits();
    float[] from = keys ? sequence.keys() : sequence.values();
    if (bits == 16) {
      return null;
    }
    float[] to = new float[from.length];
    int width = kind.keyHeads() * kind.dim();
    if (keys && scheme.keysPerChannel()) {
      int block = blockTokens(scheme);
      IntegerGrid grid = grid(scheme, bits, block);
      float[] column = new float[block];
      for (int first = 0; first + block <= sequence.tokens(); first += block) {
        for (int i = 0; i < width; i++) {
          for (int t = 0; t < block; t++) {
            column[t] = from[(first + t) * width + i];
          }
          float[] values = throughCodes(column, 0, block, grid);
          for (int t = 0; t < block; t++) {
            to[(first + t) * width + i] = stored(values[t]);
          }
        }
      }
      return to;
    }
    int group = scheme.groupSize() == 0 ? kind.dim() : scheme.groupSize();
    for (int at = 0; at < from.length; at += group) {
      float[] values = throughCodes(from, at, group, grid(scheme, bits, group));
      for (int i = 0; i < group; i++) {
        to[at + i] = stored(values[i]);
      }
    }
    return to;
  }

  private static int blockTokens(CacheScheme scheme) {
    return scheme.groupSize() == 0 ? PER_CHANNEL_BLOCK : scheme.groupSize();
  }

  private static IntegerGrid grid(CacheScheme scheme, int bits, int group) {
    return new IntegerGrid(
        bits, group, IntegerGrid.Symmetry.ASYMMETRIC, scheme.scaleType(), Arithmetic.EXACT);
  }

  private static float[] throughCodes(float[] x, int at, int count, IntegerGrid grid) {
    byte[] codes = new byte[count];
    float[] scale = new float[1];
    int[] zero = new int[1];
    RowQuantizer.quantize(x, at, count, grid, codes, 0, scale, zero, 0);
    float[] values = new float[count];
    RowQuantizer.dequantize(codes, 0, count, grid, scale, zero, 0, values, 0);
    return values;
  }

  /** Rounded to the base type, where the largest number stands for what would be infinite. */
  private float stored(float value) {
    float rounded = CaseMemory.round(value, kind.type());
    float largest = kind.type() == DType.F16 ? 65504f : 0x1.FEp127f;
    return Float.isInfinite(rounded) ? Math.copySign(largest, rounded) : rounded;
  }

  /** The number of the latest tokens after which a query at a position reads codes. */
  private int exactKeys(int position) {
    CacheScheme scheme = kind.scheme().orElse(null);
    if (packedKeys == null) {
      return position + 1;
    }
    if (!scheme.keysPerChannel()) {
      return scheme.window();
    }
    int block = blockTokens(scheme);
    int flushed = block;
    while (flushed < scheme.window()) {
      flushed += block;
    }
    return (position + 1) % flushed;
  }

  private int exactValues(int position) {
    return packedValues == null ? position + 1 : kind.scheme().orElseThrow().window();
  }

  /**
   * One head's output of one token.
   *
   * @param value what attention gives
   * @param tolerance how far a kernel may be off
   */
  record Output(double[] value, double[] tolerance) {}

  /**
   * The output of a token. The tolerance follows from unit roundoff u of the base type: each weight
   * is rounded (relative u, or half the smallest subnormal of fp16), scores are sums in fp32 whose
   * error grows with the sum of magnitudes (2^-20 of it covers 256 products and the approximate
   * exponential), and the result is rounded once.
   */
  Output output(int token, int head) {
    int dim = kind.dim();
    int width = kind.keyHeads() * dim;
    int keyHead = head / kind.group();
    int first = kind.window() == 0 ? 0 : Math.max(0, token - kind.window() + 1);
    double scale = kind.shape().scale();
    double slope = kind.slopes()[head];
    double[] scores = new double[token + 1];
    double[] slack = new double[token + 1];
    double top = Double.NEGATIVE_INFINITY;
    for (int j = first; j <= token; j++) {
      float[] keys = token - j < exactKeys(token) ? sequence.keys() : packedKeys;
      double sum = 0;
      double magnitude = 0;
      for (int d = 0; d < dim; d++) {
        double product =
            (double) sequence.q()[(token * kind.heads() + head) * dim + d]
                * keys[j * width + keyHead * dim + d];
        sum += product;
        magnitude += Math.abs(product);
      }
      scores[j] = sum * scale + slope * (j - token);
      slack[j] = 0x1p-20 * (magnitude * scale + Math.abs(slope * (j - token)) + 1);
      top = Math.max(top, scores[j]);
    }
    return weighted(token, keyHead, first, scores, slack, top);
  }

  private Output weighted(
      int token, int keyHead, int first, double[] scores, double[] slack, double top) {
    int dim = kind.dim();
    double roundoff = kind.type() == DType.F16 ? 0x1p-11 : 0x1p-8;
    double least = kind.type() == DType.F16 ? 0x1p-25 : 0;
    double sum = 0;
    boolean finite = true;
    double[] value = new double[dim];
    double[] tolerance = new double[dim];
    for (int j = first; j <= token; j++) {
      double weight = Math.exp(scores[j] - top);
      double error = weight * Math.expm1(Math.min(1, slack[j])) + weight * roundoff + least;
      sum += weight;
      float[] values = token - j < exactValues(token) ? sequence.values() : packedValues;
      for (int d = 0; d < dim; d++) {
        double v = values[(j * kind.keyHeads() + keyHead) * dim + d];
        finite &= Math.abs(v) < Double.POSITIVE_INFINITY;
        value[d] += weight * v;
        tolerance[d] += error * Math.abs(v);
      }
    }
    for (int d = 0; d < dim; d++) {
      value[d] = finite ? value[d] / sum : Double.NaN;
      // The weights' own sum is off by as much; and the result is rounded, to 2^-25 at best.
      tolerance[d] = 2 * tolerance[d] / sum + roundoff * Math.abs(value[d]) + least;
    }
    return new Output(value, tolerance);
  }
}
