// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import jdk.incubator.vector.FloatVector;

/**
 * The inner products of every matrix product in this room: {@code c += a b}, where the sum over k
 * runs in order from 0 by fused multiply-adds and is then added to c. That order is all there is to
 * an element's arithmetic; it does not depend on how many rows or columns are computed together.
 */
final class MicroKernel {
  /**
   * Rows per call. Six rows by two vectors are 12 sums: enough to cover the latency of the
   * multiply-add, and they fit the 16 registers of AVX2. Eight spill there and, measured, on
   * AVX-512 too.
   */
  static final int ROWS = 6;

  private static final int WIDTH = Lanes.WIDTH;
  private static final int COUNT = Lanes.COUNT;

  private MicroKernel() {}

  /**
   * Six rows by 32 columns.
   *
   * @param a {@code [depth][6]} from {@code aAt}
   * @param b {@code [depth][32]} from {@code bAt}
   * @param c {@code [6][32]} from {@code cAt}, rows {@code stride} apart
   */
  static void sixRows(
      float[] a, int aAt, float[] b, int bAt, int depth, float[] c, int cAt, int stride) {
    for (int lane = 0; lane < WIDTH; lane += 2 * COUNT) {
      sixRowsTwoVectors(a, aAt, b, bAt + lane, depth, c, cAt + lane, stride);
    }
  }

  private static void sixRowsTwoVectors(
      float[] a, int aAt, float[] b, int bAt, int depth, float[] c, int cAt, int stride) {
    FloatVector s00 = FloatVector.zero(Lanes.FLOATS);
    FloatVector s01 = s00;
    FloatVector s10 = s00;
    FloatVector s11 = s00;
    FloatVector s20 = s00;
    FloatVector s21 = s00;
    FloatVector s30 = s00;
    FloatVector s31 = s00;
    FloatVector s40 = s00;
    FloatVector s41 = s00;
    FloatVector s50 = s00;
    FloatVector s51 = s00;
    for (int k = 0; k < depth; k++) {
      FloatVector u = FloatVector.fromArray(Lanes.FLOATS, b, bAt + k * WIDTH);
      FloatVector v = FloatVector.fromArray(Lanes.FLOATS, b, bAt + k * WIDTH + COUNT);
      int p = aAt + k * ROWS;
      FloatVector x = FloatVector.broadcast(Lanes.FLOATS, a[p]);
      s00 = x.fma(u, s00);
      s01 = x.fma(v, s01);
      x = FloatVector.broadcast(Lanes.FLOATS, a[p + 1]);
      s10 = x.fma(u, s10);
      s11 = x.fma(v, s11);
      x = FloatVector.broadcast(Lanes.FLOATS, a[p + 2]);
      s20 = x.fma(u, s20);
      s21 = x.fma(v, s21);
      x = FloatVector.broadcast(Lanes.FLOATS, a[p + 3]);
      s30 = x.fma(u, s30);
      s31 = x.fma(v, s31);
      x = FloatVector.broadcast(Lanes.FLOATS, a[p + 4]);
      s40 = x.fma(u, s40);
      s41 = x.fma(v, s41);
      x = FloatVector.broadcast(Lanes.FLOATS, a[p + 5]);
      s50 = x.fma(u, s50);
      s51 = x.fma(v, s51);
    }
    add(c, cAt, s00, s01);
    add(c, cAt + stride, s10, s11);
    add(c, cAt + 2 * stride, s20, s21);
    add(c, cAt + 3 * stride, s30, s31);
    add(c, cAt + 4 * stride, s40, s41);
    add(c, cAt + 5 * stride, s50, s51);
  }

  /**
   * One row by 32 columns; sets c.
   *
   * @param a {@code [depth]} from {@code aAt}
   */
  static void oneRow(float[] a, int aAt, float[] b, int bAt, int depth, float[] c) {
    for (int lane = 0; lane < WIDTH; lane += 2 * COUNT) {
      FloatVector s0 = FloatVector.zero(Lanes.FLOATS);
      FloatVector s1 = s0;
      for (int k = 0; k < depth; k++) {
        FloatVector x = FloatVector.broadcast(Lanes.FLOATS, a[aAt + k]);
        int p = bAt + lane + k * WIDTH;
        s0 = x.fma(FloatVector.fromArray(Lanes.FLOATS, b, p), s0);
        s1 = x.fma(FloatVector.fromArray(Lanes.FLOATS, b, p + COUNT), s1);
      }
      s0.intoArray(c, lane);
      s1.intoArray(c, lane + COUNT);
    }
  }

  private static void add(float[] c, int at, FloatVector s, FloatVector t) {
    FloatVector.fromArray(Lanes.FLOATS, c, at).add(s).intoArray(c, at);
    FloatVector.fromArray(Lanes.FLOATS, c, at + COUNT).add(t).intoArray(c, at + COUNT);
  }
}
