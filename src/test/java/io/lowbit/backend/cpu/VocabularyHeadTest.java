// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertThrows;
import static org.testng.Assert.assertTrue;

import io.lowbit.backend.Buffer;
import io.lowbit.backend.Linear;
import io.lowbit.backend.TargetScores;
import io.lowbit.backend.Weight;
import io.lowbit.quant.QuantizedTensor;
import io.lowbit.tensor.DType;
import io.lowbit.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.testng.annotations.Test;

public class VocabularyHeadTest {
  private static final int WIDTH = 130;

  /** Logits by the linear operation, everything else in plain fp64 loops. */
  @Test
  public void scoresAgreeWithFullLogits() {
    Random random = new Random(1);
    int tokens = 140;
    float[] x = Fixtures.gaussian(random, tokens * WIDTH, 1);
    for (int vocabulary : new int[] {1, 31, 33, 512, 513, 1100, 4097}) {
      QuantizedTensor packed = Fixtures.integers(random, vocabulary, WIDTH, 4, 65, true, DType.F16);
      float[] dense = Fixtures.gaussian(random, vocabulary * WIDTH, 0.3);
      try (CpuBackend backend = new CpuBackend(DType.F32, 2)) {
        for (Weight head :
            List.of(backend.upload(packed), backend.upload(Tensor.of(dense, vocabulary, WIDTH)))) {
          Buffer hidden = Fixtures.buffer(backend, tokens, WIDTH, x);
          check(backend, hidden, head, random);
        }
      }
    }
  }

  private static void check(CpuBackend backend, Buffer hidden, Weight head, Random random) {
    int vocabulary = head.rows();
    int tokens = hidden.rows();
    Buffer out = backend.allocate(tokens, vocabulary);
    backend.linear(hidden, new Linear(head, Optional.empty(), Optional.empty()), out);
    float[] logits = Fixtures.values(out);
    int[] rows = new int[2 * tokens];
    int[] targets = new int[2 * tokens];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = i / 2 - i / 2 % 3;
      targets[i] = i % 5 == 0 ? vocabulary - 1 : random.nextInt(vocabulary);
    }
    TargetScores scores = backend.logProbs(hidden, head, rows, targets);
    for (int i = 0; i < rows.length; i++) {
      int at = rows[i] * vocabulary;
      double sum = 0;
      int rank = 0;
      float own = logits[at + targets[i]];
      for (int id = 0; id < vocabulary; id++) {
        sum += Math.exp((double) logits[at + id] - own);
        rank += logits[at + id] > own || (logits[at + id] == own && id < targets[i]) ? 1 : 0;
      }
      assertEquals(scores.logProbability()[i], -Math.log(sum), 1e-5, "target " + i);
      assertEquals(scores.rank()[i], rank, "target " + i);
    }
    int[] best = backend.argMax(hidden, head, rows);
    TargetScores ofBest = backend.logProbs(hidden, head, rows, best);
    assertTrue(Arrays.stream(ofBest.rank()).allMatch(rank -> rank == 0));
  }

  @Test
  public void equalLogitsAreRankedById() {
    float[] head = new float[1100 * 2];
    for (int id : new int[] {3, 40, 511, 512, 1099}) {
      head[2 * id] = 1;
    }
    try (CpuBackend backend = new CpuBackend(DType.F32, 2);
        Weight weight = backend.upload(Tensor.of(head, 1100, 2))) {
      Buffer hidden = Fixtures.buffer(backend, 1, 2, new float[] {1, 0});
      int[] targets = {3, 40, 511, 512, 1099, 0, 4, 1098};
      TargetScores scores = backend.logProbs(hidden, weight, new int[8], targets);
      assertEquals(scores.rank(), new int[] {0, 1, 2, 3, 4, 5, 8, 1099});
      assertEquals(backend.argMax(hidden, weight, new int[1]), new int[] {3});
      double expected = 1 - Math.log(5 * Math.E + 1095);
      assertEquals(scores.logProbability()[0], expected, 1e-6);
    }
  }

  @Test
  public void scoresDoNotDependOnBatchOrThreads() {
    Random random = new Random(2);
    int tokens = 40;
    float[] x = Fixtures.gaussian(random, tokens * WIDTH, 1);
    QuantizedTensor packed = Fixtures.integers(random, 1500, WIDTH, 4, 65, true, DType.F16);
    int[] rows = new int[tokens];
    int[] targets = new int[tokens];
    for (int i = 0; i < tokens; i++) {
      rows[i] = i;
      targets[i] = random.nextInt(1500);
    }
    double[] reference = null;
    for (int threads = 1; threads <= 3; threads++) {
      try (CpuBackend backend = new CpuBackend(DType.F32, threads);
          Weight head = backend.upload(packed)) {
        Buffer hidden = Fixtures.buffer(backend, tokens, WIDTH, x);
        double[] all = backend.logProbs(hidden, head, rows, targets).logProbability();
        reference = reference == null ? all : reference;
        assertEquals(all, reference);
        for (int i = 0; i < tokens; i += 7) {
          TargetScores one = backend.logProbs(hidden, head, new int[] {i}, new int[] {targets[i]});
          assertEquals(one.logProbability()[0], reference[i], 0.0);
        }
      }
    }
  }

  @Test
  public void badTargetsAreRefused() {
    try (CpuBackend backend = new CpuBackend(DType.F32, 1);
        Weight head = backend.upload(Tensor.of(new float[6], 3, 2))) {
      Buffer hidden = backend.allocate(2, 2);
      int[][] rows = {{0}, {2}, {1, 0}, {0, 1}};
      int[][] targets = {{3}, {0}, {0, 0}, {0}};
      for (int i = 0; i < rows.length; i++) {
        int[] r = rows[i];
        int[] t = targets[i];
        assertThrows(IllegalArgumentException.class, () -> backend.logProbs(hidden, head, r, t));
      }
    }
  }
}
