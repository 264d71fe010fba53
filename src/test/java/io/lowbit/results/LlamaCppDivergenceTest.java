// SPDX-License-Identifier: Apache-2.0
package io.lowbit.results;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.lowbit.results.LlamaCppDivergence.Statistic;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** llama.cpp's tables, and what is left of them after damage. */
public final class LlamaCppDivergenceTest {
  private static Path file(String text) throws IOException {
    return Files.writeString(Files.createTempFile("divergence", ".txt"), text);
  }

  private static JsonObject golden(String run) throws IOException {
    return ForeignFiles.goldenDivergences().getAsJsonObject(run);
  }

  @DataProvider
  Object[][] runs() throws IOException {
    return ForeignFiles.goldenDivergences().keySet().stream()
        .filter(name -> name.startsWith("kld-"))
        .map(name -> new Object[] {name})
        .toArray(Object[][]::new);
  }

  /** Every statistic and every error of every run. */
  @Test(dataProvider = "runs")
  public void readsEveryStatistic(String run) throws IOException {
    LlamaCppDivergence read = LlamaCppDivergence.read(file(ForeignFiles.llamaCpp(golden(run))));
    Map<String, JsonElement> summary = golden(run).getAsJsonObject("summary").asMap();
    assertEquals(read.statistics().keySet(), summary.keySet());
    assertEquals(read.windows(), 12);
    summary.forEach((name, value) -> {
      Statistic statistic = read.statistics().get(name);
      boolean hasError = value.isJsonArray();
      double wanted = (hasError ? value.getAsJsonArray().get(0) : value).getAsDouble();
      assertEquals(statistic.value(), wanted, 1e-6, name);
      assertEquals(statistic.error().isPresent(), hasError, name);
      if (hasError) {
        double error = value.getAsJsonArray().get(1).getAsDouble();
        assertEquals(statistic.error().getAsDouble(), error, 1e-6, name);
      }
    });
  }

  /** The layout as it was printed for another model, right-aligned names included. */
  @Test
  public void readsPrintedText() throws IOException {
    LlamaCppDivergence read =
        LlamaCppDivergence.read(
            file(
                """
                ====== Perplexity statistics ======
                Mean PPL(Q)                   :        nan ±        nan
                Mean ln(PPL(Q)/PPL(base))     :  -0.000250 ±   0.000500

                ====== KL divergence statistics ======
                Mean    KLD:  -0.000001 ±   0.000010
                 0.1%   KLD:  -0.000134

                ====== Token probability statistics ======
                RMS Δp    :  0.199 ± 0.017 %
                Same top p: 99.608 ± 0.392 %
                """));
    assertTrue(Double.isNaN(read.statistics().get("Mean PPL(Q)").value()));
    assertEquals(read.statistics().get(LlamaCppDivergence.LN_RATIO).value(), -0.00025);
    assertEquals(read.statistics().get("0.1% KLD").value(), -0.000134);
    assertEquals(read.statistics().get("RMS Δp").error().getAsDouble(), 0.017);
    assertEquals(read.windows(), 0);
  }

  /** Cut off anywhere before the last sign of its last statistic, the output is refused. */
  @Test
  public void refusesEveryTruncation() throws IOException {
    String text = ForeignFiles.llamaCpp(golden("kld-Q4_0"));
    int end = text.lastIndexOf('%') + 1;
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int whole = text.substring(0, end).getBytes(StandardCharsets.UTF_8).length;
    Path file = file("");
    Random random = new Random(1);
    for (int i = 0; i < 300; i++) {
      int length = i == 0 ? whole - 1 : random.nextInt(whole);
      Files.write(file, Arrays.copyOf(bytes, length));
      requireClear(file);
    }
    Files.write(file, Arrays.copyOf(bytes, whole));
    assertEquals(
        LlamaCppDivergence.read(file).statistics().keySet(),
        golden("kld-Q4_0").getAsJsonObject("summary").keySet());
  }

  private static void requireClear(Path file) {
    String message =
        expectThrows(IllegalArgumentException.class, () -> LlamaCppDivergence.read(file))
            .getMessage();
    assertTrue(message.matches("(?s)\\Q" + file + "\\E(:| line )\\d+: .{10,}"), message);
  }

  @DataProvider
  Object[][] damages() {
    return new Object[][] {
      {"Mean KLD", "Mean KLD: five", "not a statistic"},
      {"Maximum KLD", "Maximum KLD:", "not a statistic"},
      {"Maximum KLD", "Maximum KLD: 1" + "0".repeat(400), "too large"},
      {"Maximum KLD", "Median KLD: 0.1", "a second time"},
      {"  12 ", "   3     1.0 ± 0.1", "window 3 follows window 11"},
      {"  12 ", "99999999999     1.0 ± 0.1", "window 99999999999"},
    };
  }

  @Test(dataProvider = "damages")
  public void saysWhichLineIsDamaged(String start, String instead, String reason)
      throws IOException {
    String[] lines = ForeignFiles.llamaCpp(golden("kld-Q4_0")).split("\n", -1);
    int line = 0;
    while (!lines[line].replaceAll(" +", " ").startsWith(start.replaceAll(" +", " "))) {
      line++;
    }
    lines[line] = instead;
    Path file = file(String.join("\n", lines));
    String message =
        expectThrows(IllegalArgumentException.class, () -> LlamaCppDivergence.read(file))
            .getMessage();
    assertTrue(message.startsWith(file + ":"), message);
    assertTrue(message.contains(reason), message);
  }

  /** Bytes changed at random: read, or refused with file and line; never another failure. */
  @Test
  public void survivesRandomBytes() throws IOException {
    byte[] bytes = ForeignFiles.llamaCpp(golden("kld-Q8_0")).getBytes(StandardCharsets.UTF_8);
    Random random = new Random(2);
    Path file = file("");
    int refused = 0;
    for (int i = 0; i < 300; i++) {
      byte[] damaged = bytes.clone();
      for (int n = 1 + random.nextInt(3); n > 0; n--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      }
      Files.write(file, damaged);
      try {
        assertTrue(LlamaCppDivergence.read(file).statistics().size() >= 4);
      } catch (IllegalArgumentException e) {
        refused++;
        assertTrue(
            e.getMessage().matches("(?s)\\Q" + file + "\\E(:| line )\\d+: .*"), e.getMessage());
      }
    }
    assertTrue(refused > 50, refused + " refused");
  }
}
