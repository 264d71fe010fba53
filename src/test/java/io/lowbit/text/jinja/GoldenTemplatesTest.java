// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import static org.testng.Assert.assertEquals;

import com.google.gson.JsonObject;
import io.lowbit.testing.Shared;
import io.lowbit.text.jinja.GoldenCases.Outcome;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Small templates and task prompts, against jinja2 3.1.6 and transformers 4.57.6. */
public class GoldenTemplatesTest {
  private static final LocalDateTime NOW = LocalDateTime.of(2025, 3, 14, 15, 9, 26);

  @DataProvider
  Object[][] files() {
    return new Object[][] {{"units.jsonl", 265}, {"lm-eval.jsonl", 86}};
  }

  @Test(dataProvider = "files")
  public void matchesEveryCase(String file, int cases) {
    List<JsonObject> lines = GoldenCases.read(Shared.path("golden/jinja/" + file));
    assertEquals(lines.size(), cases);
    List<String> differences = new ArrayList<>();
    for (JsonObject line : lines) {
      String difference = GoldenCases.difference(line, render(line));
      if (!difference.isEmpty()) {
        differences.add(line.get("id") + " " + line.get("template") + "\n" + difference);
      }
    }
    assertEquals(differences, List.of(), String.join("\n", differences));
  }

  private static Outcome render(JsonObject line) {
    Options options = Options.named(line.get("env").getAsString()).withNow(NOW);
    return Outcome.of(() ->
        Template.parse(line.get("template").getAsString(), options)
            .render(JsonValues.map(line.getAsJsonObject("context"))));
  }
}
