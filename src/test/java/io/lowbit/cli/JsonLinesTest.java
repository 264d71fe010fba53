// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** JSON lines in, JSON lines out. */
public class JsonLinesTest {
  private Path folder;
  private Path in;
  private Path out;

  @BeforeMethod
  public void makeFolder() throws IOException {
    folder = Files.createTempDirectory("lines");
    in = folder.resolve("in.jsonl");
    out = folder.resolve("out.jsonl");
  }

  @AfterMethod(alwaysRun = true)
  public void removeFolder() throws IOException {
    Files.deleteIfExists(in);
    Files.deleteIfExists(out);
    Files.delete(folder); // fails if a temporary file was left
  }

  @Test
  public void keepsFieldsOrderAndCharacters() throws IOException {
    String lines =
        """
        {"b":1.50,"a":null,"text":"<é\\u2028\\u0000>"}

        {"text":"\\ud83d\\ude00","n":123456789012345678901234567890}
        """;
    Files.writeString(in, lines);
    JsonLines.transform(in, out.toString(), JsonLinesTest::mark);
    assertEquals(
        Files.readAllLines(out),
        List.of(
            "{\"b\":1.50,\"a\":null,\"text\":\"<é\\u2028\\u0000>\",\"x\":1}",
            "{\"text\":\"\ud83d\ude00\",\"n\":123456789012345678901234567890,\"x\":1}"));
  }

  @DataProvider
  public Object[][] malformed() {
    return new Object[][] {
      {"{\"a\":1}\n\n{\"a\":", ":3: not valid JSON"},
      {"{\"a\":1}\n[1]", ":2: expected a JSON object, found a list"},
      {"{\"a\":NaN}", ":1: not valid JSON"},
      {"{\"a\":\"\\ud800\"}", ":1: not valid JSON at column"},
      {"{'a':1}", ":1: not valid JSON"},
      {"{\"a\":1} {\"a\":1}", ":1: not valid JSON at column 10"},
      {"{\"a\":1}\n{\"bad\":1}", ":2: it is bad"},
    };
  }

  @Test(dataProvider = "malformed")
  public void namesFileAndLineAndLeavesTheOldOutput(String lines, String expected)
      throws IOException {
    Files.writeString(in, lines);
    Files.writeString(out, "old");
    String message =
        expectThrows(
                IllegalArgumentException.class,
                () -> JsonLines.transform(in, out.toString(), JsonLinesTest::mark))
            .getMessage();
    assertTrue(message.startsWith(in + expected), message);
    assertEquals(Files.readString(out), "old");
  }

  @Test
  public void refusesTextThatIsNotUtf8() throws IOException {
    Files.write(in, "{\"a\":\"\u00e9\"}".getBytes(StandardCharsets.ISO_8859_1));
    String message =
        expectThrows(IllegalArgumentException.class, () -> JsonLines.readAll(in)).getMessage();
    assertTrue(message.startsWith(in + ":1: not UTF-8"), message);
  }

  @Test
  public void refusesNumbersThatJsonCannotHold() throws IOException {
    Files.writeString(in, "{}");
    expectThrows(
        IllegalArgumentException.class,
        () ->
            JsonLines.transform(
                in,
                out.toString(),
                line -> {
                  line.addProperty("x", Double.NaN);
                  return line;
                }));
    assertFalse(Files.exists(out));
  }

  @Test
  public void refusesMissingFolders() throws IOException {
    expectThrows(NoSuchFileException.class, () -> JsonLines.readAll(in));
    Files.writeString(in, "{}");
    String out = folder.resolve("none/out.jsonl").toString();
    String message =
        expectThrows(IOException.class, () -> JsonLines.transform(in, out, JsonLinesTest::mark))
            .getMessage();
    assertTrue(message.contains(folder.resolve("none") + " is no folder"), message);
  }

  @Test
  public void replacesAFileByItsOwnTransformation() throws IOException {
    Files.writeString(in, "{}\n{}\n");
    JsonLines.transform(in, in.toString(), JsonLinesTest::mark);
    assertEquals(Files.readAllLines(in), List.of("{\"x\":1}", "{\"x\":1}"));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(files.toList(), List.of(in));
    }
  }

  @Test
  public void namesTheFieldThatIsWrong() {
    JsonObject object = new JsonObject();
    object.addProperty("text", 5);
    assertTrue(
        expectThrows(IllegalArgumentException.class, () -> JsonLines.text(object, "text"))
            .getMessage()
            .contains("'text' is the value 5, expected a text"));
    assertTrue(
        expectThrows(IllegalArgumentException.class, () -> JsonLines.text(object, "txt"))
            .getMessage()
            .contains("'txt' is missing; there are [text]"));
  }

  private static JsonObject mark(JsonObject line) {
    if (line.has("bad")) {
      throw new IllegalArgumentException("it is bad");
    }
    line.addProperty("x", 1);
    return line;
  }
}
