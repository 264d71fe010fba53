// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import static org.testng.Assert.assertEquals;

import com.google.gson.JsonObject;
import io.lowbit.testing.Shared;
import io.lowbit.text.jinja.GoldenCases.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.testng.annotations.Test;

/** 41 chat templates of public models, against transformers 4.57.6. */
public class GoldenChatTest {
  @Test
  public void matchesEveryConversation() throws IOException {
    List<String> differences = new ArrayList<>();
    int cases = 0;
    List<Path> templates;
    try (Stream<Path> files = Files.list(Shared.path("golden/chat"))) {
      templates = files.filter(f -> f.toString().endsWith(".jinja")).sorted().toList();
    }
    assertEquals(templates.size(), 41);
    for (Path file : templates) {
      Template template = Template.parse(Files.readString(file), Options.chat());
      String name = file.getFileName().toString().replace(".jinja", "");
      for (JsonObject line : GoldenCases.read(file.resolveSibling(name + ".cases.jsonl"))) {
        cases++;
        String difference = GoldenCases.difference(line, render(template, line));
        if (!difference.isEmpty()) {
          differences.add(name + ", " + line.get("case") + "\n" + difference);
        }
      }
    }
    assertEquals(cases, 1304);
    assertEquals(differences, List.of(), String.join("\n", differences));
  }

  private static Outcome render(Template template, JsonObject line) {
    Map<String, Object> variables = JsonValues.map(line.getAsJsonObject("extra"));
    for (String name : List.of("messages", "tools", "add_generation_prompt")) {
      if (line.has(name)) {
        variables.put(name, JsonValues.value(line.get(name)));
      }
    }
    Template dated =
        line.has("now")
            ? template.at(LocalDateTime.parse(line.get("now").getAsString()))
            : template;
    return Outcome.of(() -> dated.render(variables));
  }
}
