// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench.speed;

import io.lowbit.quant.CacheScheme;
import io.lowbit.quant.IntegerGrid;
import io.lowbit.quant.RowQuantizer;
import java.util.Optional;

/**
 * Attention in plain loops of double precision over sequences whose keys and values repeat with a
 * period, as {@link FilledCaches} has them. Only for queries that read everything packed, or
 * nothing.
 */
final class CacheReference {
  private final int dim;
  private final int period;
  private final double scale;
  private final float[] keys;
  private final float[] values;

  /** What one key head holds. */
  CacheReference(
      HeadShape heads, Optional<CacheScheme> scheme, Normals keys, Normals values, int keyHead) {
    dim = heads.dim();
    period = keys.rows();
    scale = 1 / Math.sqrt(dim);
    this.keys = column(keys, keyHead);
    this.values = column(values, keyHead);
    if (scheme.isEmpty()) {
      return;
    }
    CacheScheme cache = scheme.get();
    if (cache.valueBits() < 16) {
      throughCodes(this.values, 0, 1, dim, period, cache.valueGrid(Workbench.TYPE));
    }
    if (cache.keyBits() < 16 && cache.keysPerChannel()) {
      int block = cache.keyBlock();
      for (int from = 0; from < period; from += block) {
        for (int i = 0; i < dim; i++) {
          throughCodes(this.keys, from * dim + i, dim, block, 1, cache.keyGrid(Workbench.TYPE));
        }
      }
    } else if (cache.keyBits() < 16) {
      throughCodes(this.keys, 0, 1, dim, period, cache.keyGrid(Workbench.TYPE));
    }
  }

  private float[] column(Normals block, int head) {
    float[] own = new float[period * dim];
    for (int row = 0; row < period; row++) {
      System.arraycopy(block.values(), row * block.columns() + head * dim, own, row * dim, dim);
    }
    return own;
  }

  /** Replaces runs of {@code count} numbers, {@code step} apart, by what their codes stand for. */
  private static void throughCodes(
      float[] data, int at, int step, int count, int runs, IntegerGrid grid) {
    float[] x = new float[count];
    byte[] codes = new byte[count];
    int groups = count / grid.effectiveGroup(count);
    float[] scales = new float[groups];
    int[] zeros = new int[groups];
    for (int run = 0; run < runs; run++) {
      int from = at + run * count * step;
      for (int i = 0; i < count; i++) {
        x[i] = data[from + i * step];
      }
      RowQuantizer.quantize(x, 0, count, grid, codes, 0, scales, zeros, 0);
      RowQuantizer.dequantize(codes, 0, count, grid, scales, zeros, 0, x, 0);
      for (int i = 0; i < count; i++) {
        data[from + i * step] = Normals.round(x[i], Workbench.TYPE);
      }
    }
  }

  /**
   * The output of a query.
   *
   * @param query {@code dim} numbers from {@code at} on
   * @param position of the query; it reads positions 0 to this one
   */
  double[] output(float[] query, int at, int position) {
    double[] scores = new double[period];
    double top = Double.NEGATIVE_INFINITY;
    for (int row = 0; row < Math.min(period, position + 1); row++) {
      double sum = 0;
      for (int i = 0; i < dim; i++) {
        sum += (double) query[at + i] * keys[row * dim + i];
      }
      scores[row] = sum * scale;
      top = Math.max(top, scores[row]);
    }
    double[] output = new double[dim];
    double total = 0;
    for (int row = 0; row < Math.min(period, position + 1); row++) {
      int times = (position - row) / period + 1;
      double weight = times * Math.exp(scores[row] - top);
      total += weight;
      for (int i = 0; i < dim; i++) {
        output[i] += weight * values[row * dim + i];
      }
    }
    for (int i = 0; i < dim; i++) {
      output[i] /= total;
    }
    return output;
  }
}
