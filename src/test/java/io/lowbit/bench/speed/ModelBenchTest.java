// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench.speed;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.lowbit.backend.Backend;
import io.lowbit.backend.Backends;
import io.lowbit.backend.cpu.CpuBackend;
import io.lowbit.backend.cuda.CudaBackend;
import io.lowbit.engine.Session;
import io.lowbit.model.ModelSource;
import io.lowbit.ptx.InterpretedDriver;
import io.lowbit.ptx.InterpreterOptions;
import io.lowbit.quant.OnIndivisible;
import io.lowbit.quant.Scheme;
import io.lowbit.tensor.DType;
import io.lowbit.testing.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** The code behind {@code lowbit bench model}. */
public final class ModelBenchTest {
  private static final ModelBench.Load LOAD = new ModelBench.Load(7, 5, 2);

  private Path model;

  @BeforeClass
  public void write() throws IOException {
    model = TinyModel.write(Files.createTempDirectory("bench").resolve("tiny"), 3);
  }

  private ModelReport run(List<String> schemes, ModelBench.Load load, Supplier<Backend> backend) {
    try (ModelSource source = ModelSource.open(model.toString())) {
      return ModelBench.run(
          source,
          schemes.stream().map(Scheme::parse).toList(),
          load,
          scheme -> {
            Backend opened = backend.get();
            return new Session(
                new Backends.Choice(opened, "test"),
                source.load(scheme, opened, OnIndivisible.ERROR));
          },
          "lowbit test",
          _ -> {});
    }
  }

  private static void checkRows(ModelReport report, List<String> schemes) {
    assertEquals(report.rows().stream().map(ModelReport.Row::scheme).toList(), schemes);
    for (ModelReport.Row row : report.rows()) {
      for (double speed : new double[] {row.promptTokensPerSecond(), row.decodeTokensPerSecond()}) {
        assertTrue(speed > 0 && Double.isFinite(speed), row + "");
      }
    }
  }

  @Test
  public void schemesAreComparedWithTheFirst() {
    List<String> schemes = List.of("fp32", "fp32+w8", "fp32+kv8");
    ModelReport report = run(schemes, LOAD, () -> new CpuBackend(DType.F32, 1));
    checkRows(report, schemes);
    ModelReport.Row plain = report.rows().get(0);
    ModelReport.Row eight = report.rows().get(1);
    // 258 x 16 embedding; per layer 16 x (16 + 8 + 8 + 16) attention, 3 x 16 x 24 MLP, 2 norms;
    // the last norm.
    long blocks = 2 * (16 * 48 + 3 * 16 * 24);
    long others = 258 * 16 + 2 * 2 * 16 + 16;
    assertEquals(plain.weightBytes(), 4 * (blocks + others));
    assertTrue(eight.weightBytes() < plain.weightBytes() - 2 * blocks, report.text());
    assertTrue(plain.peakBytes().isEmpty() || plain.peakOf().equals("process"));
    JsonObject json = JsonParser.parseString(report.json()).getAsJsonObject();
    JsonObject first = json.getAsJsonArray("rows").get(0).getAsJsonObject();
    assertEquals(first.get("decode_ratio").getAsDouble(), 1.0);
    JsonObject second = json.getAsJsonArray("rows").get(1).getAsJsonObject();
    assertEquals(
        second.get("prompt_ratio").getAsDouble(),
        eight.promptTokensPerSecond() / plain.promptTokensPerSecond());
    assertTrue(report.text().contains("2 sequences, a prompt of 7 tokens, 5 new ones"));
    assertTrue(report.markdown().contains("| fp32+w8 |"), report.markdown());
  }

  @Test
  public void deviceMemoryIsThatOfTheDevice() {
    InterpreterOptions options = InterpreterOptions.DEFAULT.unchecked();
    List<String> schemes = List.of("fp16");
    // Heads of 4 values do not suit the kernels, so this is a larger model.
    try (ModelSource source = ModelSource.open("demo-s")) {
      ModelReport report =
          ModelBench.run(
              source,
              schemes.stream().map(Scheme::parse).toList(),
              new ModelBench.Load(5, 1, 1),
              scheme -> {
                Backend cuda = CudaBackend.open(new InterpretedDriver(options), DType.F16);
                return new Session(
                    new Backends.Choice(cuda, "test"),
                    source.load(scheme, cuda, OnIndivisible.ERROR));
              },
              "lowbit test",
              _ -> {});
      checkRows(report, schemes);
      ModelReport.Row row = report.rows().getFirst();
      assertEquals(row.peakOf(), "device");
      assertTrue(row.cacheBytes() > 0, row + "");
      assertTrue(row.peakBytes().getAsLong() >= row.weightBytes() + row.cacheBytes(), row + "");
    }
  }

  @Test
  public void workThatCannotBeRunIsRefused() {
    Supplier<Backend> cpu = () -> new CpuBackend(DType.F32, 1);
    IllegalArgumentException refused =
        expectThrows(
            IllegalArgumentException.class,
            () -> run(List.of("fp32"), new ModelBench.Load(60, 5, 1), cpu));
    assertTrue(refused.getMessage().contains("exceed the context of tiny, 64 tokens"));
    expectThrows(IllegalArgumentException.class, () -> new ModelBench.Load(1, 0, 1));
  }
}
