// SPDX-License-Identifier: Apache-2.0
package io.lowbit.task;

import static org.testng.Assert.assertEquals;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.lowbit.table.Row;
import io.lowbit.table.Rows;
import io.lowbit.testing.Shared;
import io.lowbit.text.Request;
import io.lowbit.text.RequestEncoding;
import io.lowbit.text.RollingWindows;
import io.lowbit.text.Tokenizer;
import io.lowbit.text.TokenizerFiles;
import io.lowbit.text.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Windows of real texts under a real tokenizer that adds BOS. */
public class PerplexityGoldenTest {
  @DataProvider
  public Object[][] texts() {
    return new Object[][] {{"tinystories", "tinystories"}, {"wikitext", "wikitext2-valid"}};
  }

  /** First token and number of targets of each window of golden/llamacpp. */
  @Test(dataProvider = "texts")
  public void windowsBeginAndScoreAsTheReference(String task, String golden) throws IOException {
    JsonObject reference =
        JsonParser.parseString(
                Files.readString(
                    Shared.path("golden/llamacpp/stories260K." + golden + ".fp32.json")))
            .getAsJsonObject();
    try (Tokenizer tokenizer = stories()) {
      for (JsonElement element : reference.getAsJsonArray("runs")) {
        JsonObject run = element.getAsJsonObject();
        String protocol =
            run.get("protocol").getAsString().replace("llamacpp", "llama.cpp")
                + "-"
                + run.get("window").getAsInt();
        List<TaskItem> items =
            load(task, TaskOptions.DEFAULT.withProtocol(PerplexityProtocol.parse(protocol)))
                .items(tokenizer);
        int window = run.get("window").getAsInt();
        assertEquals(items.size(), run.get("file_tokens").getAsInt() / window, protocol);
        for (JsonElement expected : run.getAsJsonArray("per_chunk")) {
          JsonObject chunk = expected.getAsJsonObject();
          Request.Tokens ours =
              (Request.Tokens) items.get(chunk.get("chunk").getAsInt() - 1).requests().getFirst();
          assertEquals(ours.ids()[0], chunk.get("first_token").getAsInt(), protocol);
          assertEquals(ours.scored(), chunk.get("scored").getAsInt(), protocol);
        }
      }
    }
  }

  /** Tokens of WikiText pages, and that the windows score each of them once. */
  @Test
  public void pagesOfWikitext() throws IOException {
    List<Row> golden = Rows.read(Shared.path("golden/lmeval/stories260K.wikitext.0shot.jsonl"));
    try (Tokenizer tokenizer = stories()) {
      List<TaskItem> items = load("wikitext", TaskOptions.DEFAULT).items(tokenizer);
      List<Long> tokens = new ArrayList<>();
      for (Row row : golden) {
        int page = tokens.size();
        String text = ((Request.Rolling) items.get(page).requests().getFirst()).text();
        int[] ids = RequestEncoding.text(tokenizer, text);
        assertEquals(
            RollingWindows.of(ids, RequestEncoding.prefix(tokenizer), 512).stream()
                .mapToInt(Request.Tokens::scored)
                .sum(),
            ids.length);
        tokens.add((long) ids.length);
        assertEquals(tokens.getLast(), row.values().get("tokens"), row.origin());
      }
    }
  }

  private static Tokenizer stories() throws IOException {
    return Tokenizers.open(TokenizerFiles.read(Shared.path("models/stories260K-hf")));
  }

  private static Task load(String name, TaskOptions options) {
    DataRoot data = DataRoot.of(Optional.of(Shared.path("datasets")), false);
    return Task.load(TaskCatalogue.find(name), data, options);
  }
}
