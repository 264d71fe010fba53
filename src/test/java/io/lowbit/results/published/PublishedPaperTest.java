// SPDX-License-Identifier: Apache-2.0
package io.lowbit.results.published;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;

import io.lowbit.quant.Scheme;
import io.lowbit.table.Row;
import io.lowbit.table.Rows;
import io.lowbit.tensor.DType;
import io.lowbit.testing.Shared;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** The papers' figures against the tables they come from, and their names against ours. */
public class PublishedPaperTest {
  private static final PublishedPaper JIN = PublishedPaper.of(PublishedPaper.Id.JIN2024);
  private static final PublishedPaper LI = PublishedPaper.of(PublishedPaper.Id.LI2024);

  /** Column of the wide table: task, metric and detail. */
  private static final Map<String, String> JIN_COLUMNS =
      Map.ofEntries(
          Map.entry("ppl_wt2", "wikitext2/ppl/"),
          Map.entry("ppl_c4", "c4/ppl/"),
          Map.entry("ppl_ptb", "ptb/ppl/"),
          Map.entry("mmlu", "mmlu/acc/"),
          Map.entry("ceval", "ceval/acc/"),
          Map.entry("bleu_enzh", "flores/bleu/en-zh"),
          Map.entry("bleu_zhen", "flores/bleu/zh-en"),
          Map.entry("xsum_r1", "xsum/rouge1/"),
          Map.entry("xsum_r2", "xsum/rouge2/"),
          Map.entry("xsum_rL", "xsum/rougeL/"),
          Map.entry("cnn_r1", "cnn_dailymail/rouge1/"),
          Map.entry("cnn_r2", "cnn_dailymail/rouge2/"),
          Map.entry("cnn_rL", "cnn_dailymail/rougeL/"),
          Map.entry("gsm8k", "gsm8k/acc/"),
          Map.entry("snli", "snli/acc/"),
          Map.entry("tqa_mc1", "truthfulqa/mc1/"),
          Map.entry("fb_hsr", "followbench/hsr/"),
          Map.entry("fb_ssr", "followbench/ssr/"),
          Map.entry("fb_csl", "followbench/csl/"),
          Map.entry("bbq_ambig", "bbq/bias/ambiguous"),
          Map.entry("bbq_disambig", "bbq/bias/disambiguated"),
          Map.entry("mem_gib", "memory/peak/"),
          Map.entry("tok_s", "speed/decoding/"),
          Map.entry("avg_acc", "average/acc/"));

  @DataProvider
  Object[][] papers() {
    return new Object[][] {{JIN}, {LI}};
  }

  /** 30 configurations × 24 columns, an ablation of 18 figures, 18 printed correlations. */
  @Test
  public void hasEveryFigure() {
    assertEquals(JIN.figures().size(), 30 * 24 + 18 + 18);
    assertEquals(LI.figures().size(), 5657);
  }

  @Test
  public void everyFigureOfJinStandsInTheTable() {
    int seen = 0;
    for (Row row : Rows.read(Shared.path("reference/published/jin2024.csv"))) {
      Map<String, Object> cells = row.values();
      String printed =
          cells.get("bits").equals("16")
              ? "BF16"
              : cells.get("method") + " " + cells.get("bits") + "-bit";
      for (Map.Entry<String, String> column : JIN_COLUMNS.entrySet()) {
        List<PublishedFigure> found =
            JIN.figures().stream()
                .filter(one -> one.model().equals(cells.get("model")))
                .filter(one -> one.printed().equals(printed))
                .filter(one -> name(one).equals(column.getValue()))
                .toList();
        String where = row.origin() + " " + column.getKey();
        assertEquals(found.size(), 1, where);
        double expected = Double.parseDouble((String) cells.get(column.getKey()));
        assertEquals(found.getFirst().value(), expected, where);
        seen++;
      }
    }
    assertEquals(seen, 720);
  }

  private static String name(PublishedFigure figure) {
    return figure.task() + "/" + figure.metric() + "/" + figure.detail();
  }

  @Test
  public void everyFigureOfLiStandsInTheTable() {
    List<Row> rows = Rows.read(Shared.path("reference/published/li2024.csv"));
    assertEquals(rows.size(), LI.figures().size());
    for (int i = 0; i < rows.size(); i++) {
      Map<String, Object> row = rows.get(i).values();
      PublishedFigure figure = LI.figures().get(i);
      String where = rows.get(i).origin();
      assertEquals(figure.model(), row.get("model"), where);
      assertEquals(figure.task(), row.get("task"), where);
      assertEquals(figure.detail(), row.get("detail").toString().replace(',', ';'), where);
      assertEquals(figure.value(), Double.parseDouble((String) row.get("value")), where);
      String method = row.get("method").equals("awq") ? "awq" : "";
      LowBits bits = LI.schemeOf(figure).bits();
      assertEquals(bits.method(), method, where);
      assertEquals(printed(bits), row.get("scheme"), where);
    }
  }

  private static String printed(LowBits bits) {
    String weights = bits.weightBits().isPresent() ? "w" + bits.weightBits().getAsInt() : "";
    String inputs = bits.activationBits().isPresent() ? "a" + bits.activationBits().getAsInt() : "";
    String cache = bits.cacheBits().isPresent() ? "kv" + bits.cacheBits().getAsInt() : "";
    return bits.isFull() ? "fp16" : weights + inputs + cache;
  }

  /** The notation says the same as the columns beside it. */
  @Test(dataProvider = "papers")
  public void schemesAreWrittenInOurNotation(PublishedPaper paper) {
    for (PublishedScheme scheme : paper.schemes()) {
      if (!scheme.scheme().isEmpty()) {
        Scheme parsed = Scheme.parse(scheme.scheme());
        assertEquals(parsed.toString(), scheme.scheme());
        assertEquals(LowBits.of(parsed.canonicalJson()).orElseThrow(), scheme.bits());
      }
    }
    for (PublishedFigure figure : paper.figures()) {
      assertEquals(figure.scheme(), paper.schemeOf(figure).scheme());
    }
  }

  @Test(dataProvider = "papers")
  public void everyNameOfAFigureIsExplained(PublishedPaper paper) {
    for (PublishedFigure figure : paper.figures()) {
      if (!figure.model().equals("all")) {
        assertTrue(paper.modelOf(figure).isPresent(), "model of " + figure);
        assertTrue(paper.taskOf(figure).isPresent(), "task of " + figure);
      }
    }
    Set<String> used =
        paper.figures().stream().map(PublishedFigure::model).collect(Collectors.toSet());
    Set<String> unused = new HashSet<>(paper.models().stream().map(PublishedModel::name).toList());
    unused.removeAll(used);
    assertTrue(unused.isEmpty(), "names that no figure has: " + unused);
  }

  /** Shares lie between 0 and 1 in our unit, perplexities above 1. */
  @Test(dataProvider = "papers")
  public void unitsAreWhatTheTablesSay(PublishedPaper paper) {
    for (PublishedFigure figure : paper.figures()) {
      paper
          .taskOf(figure)
          .ifPresent(task -> {
            double value = task.inOurUnit(figure.value());
            if (task.isShare()) {
              assertTrue(value >= 0 && value <= 1, figure + " is no share");
            }
            if (task.isPerplexity()) {
              assertTrue(value > 1, figure + " is no perplexity");
            }
          });
    }
  }

  /** MMLU of a percentage, GSM8K of a share: findings print 46.69 % of LLaMA2-7B-chat. */
  @Test
  public void percentagesBecomeShares() {
    PublishedFigure mmlu =
        LI.figures().stream()
            .filter(one -> one.task().equals("mmlu") && one.model().equals("LLaMA2-7B"))
            .findFirst()
            .orElseThrow();
    assertEquals(LI.taskOf(mmlu).orElseThrow().inOurUnit(mmlu.value()), 0.4669, 1e-12);
    assertEquals(
        LI.modelOf(mmlu).orElseThrow().checkpoints(), List.of("meta-llama/Llama-2-7b-chat-hf"));
  }

  /** The same letters mean a base model in one task and a chat model in the others. */
  @Test
  public void aNameMayDependOnTheTask() {
    for (PublishedFigure figure : LI.figures()) {
      if (figure.model().equals("Mistral-7B")) {
        boolean isBase = LI.modelOf(figure).orElseThrow().isNamed("Mistral-7B-v0.1");
        assertEquals(isBase, figure.task().equals("lambada"), figure.toString());
      }
    }
  }

  @Test
  public void aModelIsKnownByItsRepositoryOrItsFolder() {
    PublishedModel qwen = JIN.models().getFirst();
    assertTrue(qwen.isNamed("Qwen/Qwen-7B-Chat"));
    assertTrue(qwen.isNamed("hf:Qwen/Qwen-7B-Chat"));
    assertTrue(qwen.isNamed("qwen-7b-chat"));
    assertFalse(qwen.isNamed("Qwen-7B"));
    assertFalse(qwen.isNamed("Qwen-14B-Chat"));
  }

  @Test
  public void lowBitsOfARecord() {
    assertEquals(bits("w4g128"), bits("fp16+w4g128-sym"));
    assertEquals(
        bits("w8g64a8"),
        new LowBits(
            OptionalInt.of(8), OptionalInt.of(64), OptionalInt.of(8), OptionalInt.empty(), ""));
    assertTrue(bits("fp32").isFull());
    assertTrue(LowBits.of(json("nf4")).isEmpty(), "another format");
    assertTrue(LowBits.of(json("stored")).isEmpty(), "as it lies in the file");
    assertTrue(LowBits.of(json("k8v4")).isEmpty(), "two numbers of bits");
    assertTrue(LowBits.of("{}").isEmpty());
  }

  private static LowBits bits(String scheme) {
    return LowBits.of(json(scheme)).orElseThrow();
  }

  private static String json(String scheme) {
    return Scheme.parse(scheme).withDefaultBase(DType.F32).canonicalJson();
  }
}
