// SPDX-License-Identifier: Apache-2.0
package io.lowbit.model;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import io.lowbit.backend.Backend;
import io.lowbit.backend.Buffer;
import io.lowbit.backend.KvCache;
import io.lowbit.backend.TargetScores;
import io.lowbit.backend.cpu.CpuBackend;
import io.lowbit.backend.cuda.CudaBackend;
import io.lowbit.format.Checkpoint;
import io.lowbit.format.Checkpoints;
import io.lowbit.ptx.InterpretedDriver;
import io.lowbit.ptx.InterpreterOptions;
import io.lowbit.quant.OnIndivisible;
import io.lowbit.quant.Scheme;
import io.lowbit.tensor.DType;
import io.lowbit.tensor.Tensor;
import io.lowbit.testing.Shared;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Whole models on the CUDA back-end, its kernels run by the interpreter, against the CPU. */
public class CudaModelTest {
  private static final double RELATIVE_ERROR = 2e-2;
  private static final double MEAN_KL = 1e-3;

  private static Backend cuda(DType base) {
    return cuda(base, 108);
  }

  private static Backend cuda(DType base, int multiprocessors) {
    InterpreterOptions options = InterpreterOptions.DEFAULT.unchecked().withThreads(2);
    return CudaBackend.open(new InterpretedDriver(options, multiprocessors), base);
  }

  @DataProvider
  public Object[][] models() {
    List<Object[]> cases = new ArrayList<>();
    String[] schemes = {
      "fp16", "bf16", "w8", "w4g32", "w8a8", "kv4", "w4g32+kv4", "kv4r7", "kv4g16-kivi"
    };
    for (String family : new String[] {"llama2-mha", "llama2-gqa", "mistral-v2", "head128-llama"}) {
      for (String scheme : schemes) {
        cases.add(new Object[] {"golden/families/" + family, scheme});
      }
    }
    for (String scheme : new String[] {"fp16", "w8", "w4", "w8a8", "kv4", "w3+kv8", "w4g32-s32"}) {
      cases.add(new Object[] {"models/stories260K-hf", scheme.replace("g32", "g4")});
    }
    return cases.toArray(Object[][]::new);
  }

  @Test(dataProvider = "models")
  public void modelAgreesWithTheCpu(String path, String scheme) {
    compare(Shared.path(path).toString(), scheme, ids(path, 24));
  }

  @DataProvider
  public Object[][] embedded() {
    return new Object[][] {
      {"demo-s", "fp16"}, {"demo-s", "w4g64+kv4"}, {"demo-m", "w8a8"}, {"demo-l", "w4g64"}
    };
  }

  @Test(dataProvider = "embedded")
  public void embeddedModelAgreesWithTheCpu(String model, String scheme) {
    int[] ids = new int[20];
    Arrays.setAll(ids, i -> 3 + 7 * i);
    compare(model, scheme, ids);
  }

  private static int[] ids(String path, int most) {
    if (path.startsWith("models/")) {
      int[] ids = new int[most];
      Arrays.setAll(ids, i -> i == 0 ? 1 : 10 + (37 * i) % 480);
      return ids;
    }
    try (Checkpoint golden = Checkpoints.open(Shared.path(path).resolve("golden.safetensors"))) {
      Tensor tensor = golden.tensor("ids.1");
      int[] ids = new int[(int) Math.min(most, tensor.shape().elements())];
      Arrays.setAll(ids, i -> (int) tensor.get(i));
      return ids;
    }
  }

  /**
   * Holds logits against the CPU's in the same base type. Where activations or the cache are
   * rounded to few bits, one fp16 step upstream can move a code, which moves everything behind it:
   * there the logits may be about as far off as the CPU's own in fp16 and fp32 are from each other,
   * and each block is held to the strict bound on equal inputs.
   */
  private static void compare(String path, String text, int[] ids) {
    Scheme scheme = Scheme.parse(text);
    DType base = scheme.base().orElse(DType.F16);
    try (ModelSource source = ModelSource.open(path);
        Backend cuda = cuda(base);
        Model actual = source.load(scheme, cuda, OnIndivisible.ERROR)) {
      float[][] reference = cpuLogits(source, scheme, base, ids);
      float[][] logits = logits(actual, ids);
      double[] errors = relativeErrors(logits, reference);
      double kl = divergence(reference, logits);
      if (scheme.activations().isPresent() || scheme.cache().isPresent()) {
        float[][] wide = cpuLogits(source, scheme, DType.F32, ids);
        double noise = mean(relativeErrors(wide, reference));
        assertBelow("mean relative error", mean(errors), Math.max(RELATIVE_ERROR, 1.5 * noise));
        assertBelow("mean KL", kl, Math.max(MEAN_KL, 1.5 * divergence(reference, wide)));
        blocksAgree(source, scheme, base, actual, ids);
      } else {
        assertBelow("relative error", Arrays.stream(errors).max().orElseThrow(), RELATIVE_ERROR);
        assertBelow("mean KL", kl, MEAN_KL);
      }
      headAgreesWithTheLogits(actual, ids, logits);
    }
  }

  private static void assertBelow(String what, double value, double bound) {
    assertTrue(value <= bound, "%s is %g, more than %g".formatted(what, value, bound));
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElseThrow();
  }

  private static void blocksAgree(
      ModelSource source, Scheme scheme, DType base, Model actual, int[] ids) {
    try (Backend cpu = new CpuBackend(base, 2);
        Model expected = source.load(scheme, cpu, OnIndivisible.ERROR);
        KvCache cpuCache = expected.decoder().newCache();
        KvCache cache = actual.decoder().newCache();
        Pass reference = expected.decoder().embed(Batch.of(cpuCache, ids));
        Pass pass = actual.decoder().embed(Batch.of(cache, ids))) {
      for (int layer = 0; layer < actual.architecture().layers(); layer++) {
        float[][] input = rows(reference.hidden());
        for (int row = 0; row < input.length; row++) {
          pass.hidden().write(row, input[row], 0);
        }
        expected.decoder().block(layer, reference);
        actual.decoder().block(layer, pass);
        double[] errors = relativeErrors(rows(pass.hidden()), rows(reference.hidden()));
        assertBelow("mean relative error of block " + layer, mean(errors), RELATIVE_ERROR);
      }
    }
  }

  private static float[][] cpuLogits(ModelSource source, Scheme scheme, DType base, int[] ids) {
    try (Backend cpu = new CpuBackend(base, 2);
        Model model = source.load(scheme, cpu, OnIndivisible.ERROR)) {
      return logits(model, ids);
    }
  }

  private static double[] relativeErrors(float[][] actual, float[][] expected) {
    double[] errors = new double[actual.length];
    Arrays.setAll(errors, i -> relativeError(actual[i], expected[i]));
    return errors;
  }

  private static void headAgreesWithTheLogits(Model model, int[] ids, float[][] logits) {
    Decoder decoder = model.decoder();
    int[] rows = new int[ids.length - 1];
    Arrays.setAll(rows, i -> i);
    int[] targets = Arrays.copyOfRange(ids, 1, ids.length);
    try (KvCache cache = decoder.newCache();
        Pass pass = decoder.forward(Batch.of(cache, ids))) {
      TargetScores scores = decoder.logProbs(pass, rows, targets);
      int[] best = decoder.argMax(pass, rows);
      for (int i = 0; i < rows.length; i++) {
        double expected = logProbability(logits[i], targets[i]);
        double tolerance = model.backend().base() == DType.F16 ? 2e-2 : 0.15;
        assertEquals(scores.logProbability()[i], expected, tolerance, "log-probability at " + i);
        assertEquals(scores.rank()[i] == 0, best[i] == targets[i], "rank at " + i);
      }
    }
  }

  @DataProvider
  public Object[][] schemes() {
    return new Object[][] {{"fp16"}, {"w4g32+kv4"}, {"w8a8"}, {"kv8"}};
  }

  @Test(dataProvider = "schemes")
  public void scoresDoNotDependOnBatchStepsOrMultiprocessors(String scheme) {
    String path = Shared.path("golden/families/llama2-gqa").toString();
    int[] ids = ids("golden/families/llama2-gqa", 24);
    double[] alone;
    try (ModelSource source = ModelSource.open(path);
        Backend backend = cuda(DType.F16, 8);
        Model model = source.load(Scheme.parse(scheme), backend, OnIndivisible.ERROR)) {
      alone = scores(model, ids, 1, ids.length);
      assertEquals(scores(model, ids, 1, 1), alone, "token by token");
      assertEquals(scores(model, ids, 1, 7), alone, "seven tokens at a time");
      assertEquals(scores(model, ids, 32, ids.length), alone, "in a batch of 32");
    }
    try (ModelSource source = ModelSource.open(path);
        Backend backend = cuda(DType.F16, 132);
        Model model = source.load(Scheme.parse(scheme), backend, OnIndivisible.ERROR)) {
      assertEquals(scores(model, ids, 1, ids.length), alone, "132 multiprocessors");
    }
  }

  @Test
  public void aDecodeLoopIsLaunchedAsGraphs() {
    InterpreterOptions options = InterpreterOptions.DEFAULT.unchecked().withThreads(2);
    InterpretedDriver driver = new InterpretedDriver(options);
    int steps = 8;
    try (ModelSource source = ModelSource.open("demo-s");
        Backend cuda = CudaBackend.open(driver, DType.F16);
        Backend cpu = new CpuBackend(DType.F16, 2);
        Model model = source.load(Scheme.parse("w8"), cuda, OnIndivisible.ERROR);
        Model reference = source.load(Scheme.parse("w8"), cpu, OnIndivisible.ERROR)) {
      int[] prompt = {3, 17, 40, 8};
      assertEquals(
          GoldenLogitsTest.greedy(model, prompt, steps),
          GoldenLogitsTest.greedy(reference, prompt, steps));
      int pieces = driver.graphLaunches();
      // The prompt, a first step to see and one to capture; from then on every step is graphs.
      assertTrue(pieces >= steps - 2, pieces + " graphs");
    }
  }

  /**
   * Scores of a sequence's next tokens.
   *
   * @param batch sequences that go together; the others are shorter pieces of it
   * @param step tokens of a pass
   */
  private static double[] scores(Model model, int[] ids, int batch, int step) {
    Decoder decoder = model.decoder();
    double[] scores = new double[ids.length - 1];
    List<KvCache> caches = new ArrayList<>();
    for (int i = 0; i < batch; i++) {
      caches.add(decoder.newCache());
    }
    for (int from = 0; from < ids.length; from += step) {
      List<Batch.Continuation> continuations = new ArrayList<>();
      for (int i = 1; i < batch; i++) {
        int[] other = Arrays.copyOf(ids, 1 + i % ids.length);
        continuations.add(new Batch.Continuation(caches.get(i), other));
      }
      int[] next = Arrays.copyOfRange(ids, from, Math.min(ids.length, from + step));
      int first = continuations.stream().mapToInt(c -> c.ids().length).sum();
      continuations.add(new Batch.Continuation(caches.get(0), next));
      int count = Math.min(next.length, ids.length - 1 - from);
      if (count == 0) {
        break;
      }
      int[] rows = new int[count];
      Arrays.setAll(rows, i -> first + i);
      int[] targets = Arrays.copyOfRange(ids, from + 1, from + 1 + count);
      try (Pass pass = decoder.forward(Batch.of(continuations))) {
        TargetScores result = decoder.logProbs(pass, rows, targets);
        System.arraycopy(result.logProbability(), 0, scores, from, count);
      }
    }
    caches.forEach(KvCache::close);
    return scores;
  }

  @Test(groups = "long")
  public void realModelAgreesWithTheCpu() {
    int[] ids = {1, 504, 2365, 6330, 282, 260, 905, 327, 253, 1270, 355, 1789, 30, 378, 314, 1194};
    compare(Shared.path("models/SmolLM2-135M-Instruct.Q4_1.gguf").toString(), "w4g64+kv4", ids);
  }

  private static float[][] logits(Model model, int[] ids) {
    Decoder decoder = model.decoder();
    try (KvCache cache = decoder.newCache();
        Pass pass = decoder.forward(Batch.of(cache, ids));
        Buffer logits = decoder.logits(pass)) {
      return rows(logits);
    }
  }

  private static float[][] rows(Buffer buffer) {
    float[][] rows = new float[buffer.rows()][buffer.columns()];
    for (int i = 0; i < rows.length; i++) {
      buffer.read(i, rows[i], 0);
    }
    return rows;
  }

  private static double relativeError(float[] actual, float[] expected) {
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < actual.length; i++) {
      difference += Math.pow((double) actual[i] - expected[i], 2);
      norm += Math.pow(expected[i], 2);
    }
    return Math.sqrt(difference / norm);
  }

  private static double divergence(float[][] p, float[][] q) {
    double sum = 0;
    for (int i = 0; i < p.length; i++) {
      sum += divergence(p[i], q[i]);
    }
    return sum / p.length;
  }

  private static double divergence(float[] p, float[] q) {
    double normalizer = logNormalizer(p);
    double otherNormalizer = logNormalizer(q);
    double sum = 0;
    for (int i = 0; i < p.length; i++) {
      double logP = p[i] - normalizer;
      sum += Math.exp(logP) * (logP - (q[i] - otherNormalizer));
    }
    return sum;
  }

  private static double logProbability(float[] logits, int id) {
    return logits[id] - logNormalizer(logits);
  }

  private static double logNormalizer(float[] logits) {
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp((double) logit - logits[0]);
    }
    return logits[0] + Math.log(sum);
  }
}
