// SPDX-License-Identifier: Apache-2.0
package io.lowbit.model;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import io.lowbit.backend.Backend;
import io.lowbit.backend.Buffer;
import io.lowbit.backend.KvCache;
import io.lowbit.backend.cpu.CpuBackend;
import io.lowbit.format.Checkpoint;
import io.lowbit.format.Checkpoints;
import io.lowbit.quant.OnIndivisible;
import io.lowbit.quant.Scheme;
import io.lowbit.tensor.DType;
import io.lowbit.testing.Shared;
import java.util.Arrays;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** What quantized caches cost a real model, against another implementation's fp32 logits. */
public class CacheQuantizationTest {
  @DataProvider
  public Object[][] texts() {
    return new Object[][] {{"prose"}, {"code"}, {"multilingual"}};
  }

  @Test(dataProvider = "texts")
  public void aLongerWindowComesCloserToFullPrecision(String text) {
    String[] schemes = {"kv4", "kv4r32", "kv4r128"};
    double[] cost = Arrays.stream(schemes).mapToDouble(s -> divergence(s, text)).toArray();
    String all = Arrays.toString(cost);
    assertTrue(cost[0] > cost[1] && cost[1] > cost[2] && cost[2] > 0, all);
  }

  /** KIVI's finding, with and without the tokens that its keys leave exact. */
  @Test(dataProvider = "texts")
  public void twoBitKeysCostLessPerChannel(String text) {
    String[] schemes = {"kv2", "kv2r32-kivi", "k2v16r32", "k2v16r32-kivi"};
    double[] cost = Arrays.stream(schemes).mapToDouble(s -> divergence(s, text)).toArray();
    String all = Arrays.toString(cost);
    assertTrue(cost[0] > cost[1] && cost[1] > 0, all);
    assertTrue(cost[2] > cost[3] && cost[3] > 0, all);
  }

  /** The texts have 222 to 318 tokens. */
  @Test(dataProvider = "texts")
  public void aWindowOverTheWholeTextCostsNothing(String text) {
    assertEquals(divergence("kv2r512", text), divergence("fp32", text));
  }

  @DataProvider
  public Object[][] schemes() {
    return new Object[][] {{"kv4r20"}, {"kv2r40-kivi"}, {"k2v16g16-kivi"}};
  }

  @Test(dataProvider = "schemes")
  public void aModelGivesTheSameLogitsInOnePassAndInPieces(String scheme) {
    try (Checkpoint golden = Checkpoints.open(Shared.path(golden("prose")));
        Backend backend = new CpuBackend(DType.F32, 2);
        ModelSource source = ModelSource.open(Shared.path("models/stories260K-hf").toString());
        Model model = source.load(Scheme.parse(scheme), backend, OnIndivisible.ERROR);
        var whole = model.decoder().newCache();
        var pieces = model.decoder().newCache()) {
      int[] ids = ids(golden);
      float[][] expected = logits(model.decoder(), whole, ids);
      for (int from = 0, step = 1; from < ids.length; from += step, step = 5 * step % 31) {
        int to = Math.min(ids.length, from + step);
        float[][] some = logits(model.decoder(), pieces, Arrays.copyOfRange(ids, from, to));
        assertEquals(some, Arrays.copyOfRange(expected, from, to), "from " + from);
      }
      assertEquals(pieces.bytes(), whole.bytes());
    }
  }

  /** Mean of KL(golden || scheme) over all positions of a text. */
  private static double divergence(String scheme, String text) {
    try (Checkpoint golden = Checkpoints.open(Shared.path(golden(text)));
        Backend backend = new CpuBackend(DType.F32, 2);
        ModelSource source = ModelSource.open(Shared.path("models/stories260K-hf").toString());
        Model model = source.load(Scheme.parse(scheme), backend, OnIndivisible.ERROR);
        var cache = model.decoder().newCache()) {
      int[] ids = ids(golden);
      float[][] actual = logits(model.decoder(), cache, ids);
      float[] expected = golden.tensor("logits").toFloats();
      double sum = 0;
      for (int row = 0; row < ids.length; row++) {
        int width = actual[row].length;
        double[] p = logProbabilities(expected, row * width, width);
        double[] q = logProbabilities(actual[row], 0, width);
        for (int i = 0; i < width; i++) {
          sum += Math.exp(p[i]) * (p[i] - q[i]);
        }
      }
      return sum / ids.length;
    }
  }

  private static String golden(String text) {
    return "golden/logits/stories260K." + text + ".safetensors";
  }

  private static int[] ids(Checkpoint golden) {
    float[] ids = golden.tensor("ids").toFloats();
    int[] whole = new int[ids.length];
    Arrays.setAll(whole, i -> (int) ids[i]);
    return whole;
  }

  private static double[] logProbabilities(float[] logits, int from, int count) {
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += Math.exp(logits[from + i]);
    }
    double[] result = new double[count];
    for (int i = 0; i < count; i++) {
      result[i] = logits[from + i] - Math.log(sum);
    }
    return result;
  }

  private static float[][] logits(Decoder decoder, KvCache cache, int[] ids) {
    try (Pass pass = decoder.forward(Batch.of(cache, ids));
        Buffer logits = decoder.logits(pass)) {
      float[][] rows = new float[logits.rows()][logits.columns()];
      for (int i = 0; i < rows.length; i++) {
        logits.read(i, rows[i], 0);
      }
      return rows;
    }
  }
}
