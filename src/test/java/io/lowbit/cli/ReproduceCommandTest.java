// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.lowbit.testing.SyntheticStudy;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.testng.annotations.Test;

/** {@code lowbit reproduce} from words to words. */
public class ReproduceCommandTest {
  private record Output(int exitCode, String out, String err) {}

  private static Output run(Object... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String[] texts = new String[arguments.length + 1];
    texts[0] = "reproduce";
    for (int i = 0; i < arguments.length; i++) {
      texts[i + 1] = arguments[i].toString();
    }
    int exitCode = Main.run(Main.COMMANDS, new PrintWriter(out), new PrintWriter(err), texts);
    return new Output(exitCode, out.toString(), err.toString());
  }

  /** The paper's own figures are the default. */
  @Test
  public void testsThePapersOwnFigures() {
    Output output = run("jin2024");
    assertEquals(output.exitCode(), 0, output.err());
    assertEquals(output.out(), run("jin2024", "--published").out());
    assertTrue(output.out().contains("Tested on the paper's own figures"));
    assertTrue(
        output.out().contains("Mean |r| as printed 0.7895, from the paper's own tables 0.8435."));
    assertTrue(output.out().contains("does not hold: mean |r| computed again 0.8435"));
    assertTrue(
        output.out().endsWith("7 holds, 1 does not hold, 5 undecided, 0 not testable here.\n"),
        output.out().substring(output.out().length() - 100));
  }

  @Test
  public void printsJson() {
    JsonObject json = JsonParser.parseString(run("li2024", "--json").out()).getAsJsonObject();
    assertEquals(json.get("paper").getAsString(), "li2024");
    JsonObject first = json.getAsJsonArray("findings").get(0).getAsJsonObject();
    assertEquals(first.get("id").getAsString(), "w8-lossless");
    JsonObject outcome = first.getAsJsonObject("outcome");
    assertEquals(outcome.get("status").getAsString(), "holds");
    assertEquals(outcome.getAsJsonObject("interval").get("level").getAsDouble(), 0.95);
    for (JsonElement one : json.getAsJsonArray("findings")) {
      assertTrue(one.getAsJsonObject().getAsJsonObject("outcome").has("n"));
    }
  }

  @Test
  public void testsRecords() throws IOException {
    Path folder = SyntheticStudy.records().in(Files.createTempDirectory("reproduce"));
    Output output = run("li2024", "--records", folder);
    assertEquals(output.exitCode(), 0, output.err());
    assertTrue(output.out().contains("19,500 records of the models at hand"), output.out());
    assertTrue(output.out().contains("n = 3,600 items"), output.out());
    assertTrue(
        output.out().contains("not testable here: it needs longeval-lines at 680 lines"),
        output.out());
  }

  @Test
  public void laysOutAStudy() throws IOException {
    Path folder = Files.createTempDirectory("reproduce").resolve("new");
    Output output = run("li2024", "--models", "demo-s", "demo-m", "--out", folder, "--limit", 3);
    assertEquals(output.exitCode(), 0, output.err());
    assertEquals(output.out().strip(), folder.resolve("study.yaml").toString());
    assertTrue(Files.readString(folder.resolve("study.yaml")).contains("limit: 3"));
    assertTrue(output.err().contains("Not in this study:"), output.err());
    assertTrue(output.err().contains("Next: lowbit run " + folder.resolve("study.yaml")));
  }

  @Test
  public void wrongUseIsNamed() {
    assertEquals(run("smith2020").exitCode(), 2);
    assertTrue(run("smith2020").err().contains("expected jin2024 or li2024"));
    assertEquals(run("jin2024", "--models", "demo-s", "--published").exitCode(), 2);
    assertEquals(run("jin2024", "--limit", 3).exitCode(), 2);
    assertTrue(run("jin2024", "--limit", 3).err().contains("name its --models"));
    assertEquals(run("jin2024", "--models", "/nowhere").exitCode(), 1);
    assertEquals(run("jin2024", "--records", "/nowhere").exitCode(), 1);
  }
}
