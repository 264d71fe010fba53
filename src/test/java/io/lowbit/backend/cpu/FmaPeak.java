// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import jdk.incubator.vector.FloatVector;

/** The multiply-adds that a machine can do when nothing but registers is involved. */
final class FmaPeak {
  private static final int STEPS = 1_000_000;
  private static final int SUMS = 12;

  private FmaPeak() {}

  /**
   * Operations (two per multiply-add) in 10^9 per second on all threads, a few milliseconds long.
   */
  static double gigaflops(Workers workers) {
    float[] sink = new float[workers.count()];
    long start = System.nanoTime();
    workers.run(sink.length, (index, scratch) -> sink[index] = multiplyAdds());
    double operations = 2.0 * sink.length * STEPS * SUMS * Lanes.COUNT;
    return operations / (System.nanoTime() - start);
  }

  private static float multiplyAdds() {
    FloatVector x = FloatVector.broadcast(Lanes.FLOATS, 0.9f);
    FloatVector y = FloatVector.broadcast(Lanes.FLOATS, 0.5f);
    FloatVector a = x;
    FloatVector b = x;
    FloatVector c = x;
    FloatVector d = x;
    FloatVector e = x;
    FloatVector f = x;
    FloatVector g = x;
    FloatVector h = x;
    FloatVector i = x;
    FloatVector j = x;
    FloatVector k = x;
    FloatVector l = x;
    for (int step = 0; step < STEPS; step++) {
      a = x.fma(y, a);
      b = x.fma(y, b);
      c = x.fma(y, c);
      d = x.fma(y, d);
      e = x.fma(y, e);
      f = x.fma(y, f);
      g = x.fma(y, g);
      h = x.fma(y, h);
      i = x.fma(y, i);
      j = x.fma(y, j);
      k = x.fma(y, k);
      l = x.fma(y, l);
    }
    FloatVector sum = a.add(b).add(c).add(d).add(e).add(f);
    return sum.add(g).add(h).add(i).add(j).add(k).add(l).lane(0);
  }
}
