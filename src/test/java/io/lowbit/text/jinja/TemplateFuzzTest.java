// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import static org.testng.Assert.assertTrue;

import io.lowbit.testing.Shared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.testng.annotations.Test;

/** Broken and hostile templates end in a text or a {@link TemplateException}, nothing else. */
public class TemplateFuzzTest {
  private static final List<String> PIECES =
      List.of(
          "{{",
          "}}",
          "{%",
          "%}",
          "{#",
          "#}",
          "{%-",
          "-%}",
          "(",
          ")",
          "[",
          "]",
          "{",
          "}",
          "|",
          ".",
          "~",
          "**",
          "//",
          "'",
          "\"",
          "\\",
          ",",
          ":",
          "=",
          "0",
          "1",
          "9999999999",
          "1e308",
          "-",
          " if ",
          " else ",
          " for x in ",
          " is ",
          " not ",
          " in ",
          " and ",
          "loop",
          "loop(",
          "range(",
          "messages",
          "words",
          "missing",
          "none",
          "true",
          "| tojson",
          "| list",
          "| join",
          "| map(",
          "| sort",
          "| int",
          "| length",
          "{% set x = ",
          "{% endfor %}",
          "{% endif %}",
          "x",
          "x * x",
          "x ~ x",
          ".__class__",
          ".format(",
          "%",
          "*args",
          "**x",
          "é",
          "👋",
          "\u0000",
          "\n",
          "[::-1]");

  private static final Options[] OPTIONS = {
    Options.chat().withNow(LocalDateTime.of(2025, 3, 14, 15, 9, 26)),
    Options.plain(),
    Options.harness()
  };

  @Test
  public void fewMutatedSamples() {
    mutate(SampleTemplates.ALL, 1, 600);
  }

  @Test(groups = "long")
  public void manyMutatedSamples() {
    mutate(SampleTemplates.ALL, 2, 10_000);
  }

  @Test(groups = "long")
  public void mutatedChatTemplates() throws IOException {
    List<String> seeds = new ArrayList<>();
    try (Stream<Path> files = Files.list(Shared.path("golden/chat"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".jinja")).sorted().toList()) {
        seeds.add(Files.readString(file));
      }
    }
    mutate(seeds, 3, 10_000);
  }

  private static void mutate(List<String> seeds, long seed, int cases) {
    Random random = new Random(seed);
    Map<String, Object> context = SampleTemplates.context();
    int rendered = 0;
    for (int i = 0; i < cases; i++) {
      String source = mutated(seeds, random);
      try {
        Template.parse(source, OPTIONS[i % OPTIONS.length]).render(context);
        rendered++;
      } catch (TemplateException e) {
        assertTrue(e.line() >= 0 && !e.reason().isBlank(), source);
      } catch (RuntimeException | Error e) {
        throw new AssertionError("case " + i + ": " + e + " escapes from " + source, e);
      }
    }
    assertTrue(rendered > cases / 100, "hardly any mutant renders: " + rendered);
  }

  private static String mutated(List<String> seeds, Random random) {
    StringBuilder text = new StringBuilder(seeds.get(random.nextInt(seeds.size())));
    for (int edits = 1 + random.nextInt(4); edits > 0; edits--) {
      int at = random.nextInt(text.length() + 1);
      int length = Math.min(text.length() - at, random.nextInt(12));
      switch (random.nextInt(4)) {
        case 0 -> text.delete(at, at + length);
        case 1 -> text.insert(at, PIECES.get(random.nextInt(PIECES.size())));
        case 2 -> text.replace(at, at + length, PIECES.get(random.nextInt(PIECES.size())));
        default -> {
          String other = seeds.get(random.nextInt(seeds.size()));
          int from = random.nextInt(other.length());
          text.insert(at, other, from, Math.min(other.length(), from + random.nextInt(60)));
        }
      }
    }
    return text.toString();
  }
}
