// SPDX-License-Identifier: Apache-2.0
package io.lowbit.table;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import io.lowbit.testing.Shared;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

public class RowsTest {
  private Path folder;

  @BeforeClass
  public void createFolder() throws IOException {
    folder = Files.createTempDirectory("rows");
  }

  @AfterClass
  public void removeFolder() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(file);
      }
    }
  }

  @Test
  public void jsonLinesKeepTypesAndOrder() throws IOException {
    Path file =
        write(
            "a.jsonl",
            """
            {"s":"é\\n","i":7,"d":1.5,"b":true,"n":null,"l":[1,["x"]],"m":{"k":2}}\r

            {"s":"last, no line feed"}\
            """);
    List<Row> rows = Rows.read(file);
    assertEquals(rows.size(), 2);
    assertEquals(
        List.copyOf(rows.get(0).values().keySet()), List.of("s", "i", "d", "b", "n", "l", "m"));
    assertEquals(rows.get(0).values().get("s"), "é\n");
    assertEquals(rows.get(0).values().get("i"), 7L);
    assertEquals(rows.get(0).values().get("d"), 1.5);
    assertEquals(rows.get(0).values().get("b"), true);
    assertTrue(rows.get(0).values().containsKey("n"));
    assertEquals(rows.get(0).values().get("l"), List.of(1L, List.of("x")));
    assertEquals(rows.get(0).values().get("m"), Map.of("k", 2L));
    assertEquals(rows.get(1).origin(), "a.jsonl line 3");
  }

  @Test
  public void aLimitReadsNoFurther() throws IOException {
    Path file = write("limit.jsonl", "{\"a\":1}\n{\"a\":2}\nnot json\n");
    assertEquals(Rows.read(file, 2).size(), 2);
  }

  @DataProvider
  public Object[][] malformedLines() {
    return new Object[][] {
      {"{\"a\":1}\n{\"a\":\n", "line 2: it is not valid JSON"},
      {"{\"a\":1}\n\n[1]\n", "line 3: it is not a JSON object"},
      {"{\"a\":1}{\"a\":2}\n", "line 1: it is not valid JSON"},
      {"{\"a\":NaN}\n", "line 1: it is not valid JSON"},
      {"{\"a\":1,\"a\":2}\n", "line 1: it is not valid JSON (the key 'a' occurs twice)"},
      {"{'a':1}\n", "line 1: it is not valid JSON"},
      {"{\"a\":99999999999999999999}\n", "does not fit 64 bits"},
      {"{\"a\":" + "[".repeat(5000) + "\n", "line 1: it is not valid JSON"},
    };
  }

  @Test(dataProvider = "malformedLines")
  public void aMalformedLineIsNamed(String content, String expected) throws IOException {
    Path file = write("bad.jsonl", content);
    var error = expectThrows(IllegalArgumentException.class, () -> Rows.read(file));
    assertTrue(error.getMessage().contains(expected), error.getMessage());
    assertTrue(error.getMessage().contains("bad.jsonl"), error.getMessage());
  }

  @Test
  public void bytesThatAreNotUtf8AreNamed() throws IOException {
    Path file = folder.resolve("latin.jsonl");
    Files.write(file, "{\"a\":1}\n{\"a\":\"é\"}\n".getBytes(StandardCharsets.ISO_8859_1));
    var error = expectThrows(IllegalArgumentException.class, () -> Rows.read(file));
    assertTrue(error.getMessage().contains("line 2: it is not UTF-8"), error.getMessage());
    var text = expectThrows(IllegalArgumentException.class, () -> DataFile.text(file));
    assertTrue(text.getMessage().contains("not UTF-8"), text.getMessage());
  }

  @Test
  public void compressedLines() throws IOException {
    Path file = folder.resolve("z.jsonl.gz");
    try (var out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write("{\"a\":\"x\"}\n".getBytes(StandardCharsets.UTF_8));
    }
    assertEquals(Rows.read(file).getFirst().values(), Map.of("a", "x"));
    byte[] whole = Files.readAllBytes(file);
    Path cut = folder.resolve("cut.jsonl.gz");
    Files.write(cut, Arrays.copyOf(whole, whole.length - 9));
    var error = expectThrows(IllegalStateException.class, () -> Rows.read(cut));
    assertTrue(error.getMessage().contains("is the file complete?"), error.getMessage());
  }

  @Test
  public void jsonArray() throws IOException {
    Path file = write("a.json", "[{\"a\":1},\n {\"a\":2}]");
    assertEquals(Rows.read(file).get(1).values(), Map.of("a", 2L));
    Path cut = write("cut.json", "[{\"a\":1},{\"a\":");
    var error = expectThrows(IllegalArgumentException.class, () -> Rows.read(cut));
    assertTrue(error.getMessage().contains("cut.json entry 1"), error.getMessage());
    Path object = write("object.json", "{\"a\":1}");
    var other = expectThrows(IllegalArgumentException.class, () -> Rows.read(object));
    assertTrue(other.getMessage().contains("expected a JSON array"), other.getMessage());
  }

  @Test
  public void csvFieldsAreTextAndMayHoldLineFeeds() throws IOException {
    Path file = write("a.csv", "id,text,empty\n007,\"a \"\"b\"\",\nc\",\n1,d,e\n");
    List<Row> rows = Rows.read(file);
    assertEquals(rows.size(), 2);
    assertEquals(rows.get(0).values(), Map.of("id", "007", "text", "a \"b\",\nc", "empty", ""));
    assertEquals(rows.get(1).values(), Map.of("id", "1", "text", "d", "empty", "e"));
  }

  @DataProvider
  public Object[][] malformedCsv() {
    return new Object[][] {
      {"a,b\n1,2\n\n1,2,3\n", "line 4: it has 3 fields, the header 2"},
      {"a,b\n1\n", "line 2: it has 1 fields, the header 2"},
      {"a,b\n1,\"x\ny\n", "line 2: a quote is never closed"},
      {"a,b\n\"x\"y,2\n", "line 2: something follows a closing quote"},
      {"a,a\n1,2\n", "line 1: the column 'a' occurs twice"},
    };
  }

  @Test(dataProvider = "malformedCsv")
  public void aMalformedCsvLineIsNamed(String content, String expected) throws IOException {
    Path file = write("bad.csv", content);
    var error = expectThrows(IllegalArgumentException.class, () -> Rows.read(file));
    assertTrue(error.getMessage().contains("bad.csv " + expected), error.getMessage());
  }

  @Test
  public void csvWithCarriageReturns() throws IOException {
    Path file = write("r.csv", "a,b\r\n\"x\r\ny\",2\r\n3,\"4\"\r\n");
    assertEquals(
        Rows.read(file).stream().map(Row::values).toList(),
        List.of(Map.of("a", "x\r\ny", "b", "2"), Map.of("a", "3", "b", "4")));
    Path tabs = write("t.tsv", "a\tb\n\t\"\"\n");
    assertEquals(Rows.read(tabs).getFirst().values(), Map.of("a", "", "b", ""));
  }

  @Test
  public void parquetListsAndStructs() throws SQLException {
    Path file = folder.resolve("a.parquet");
    try (var connection = DriverManager.getConnection("jdbc:duckdb:");
        var statement = connection.createStatement()) {
      statement.execute(
          "COPY (SELECT 'q' AS question, {'text': ['x', 'y'], 'label': ['A', 'B']} AS choices,"
              + " 3::TINYINT AS small, 1.5::FLOAT AS number, NULL::VARCHAR AS nothing,"
              + " true AS flag) TO '"
              + file
              + "' (FORMAT parquet)");
    }
    Map<String, Object> row = Rows.read(file).getFirst().values();
    assertEquals(row.get("question"), "q");
    assertEquals(row.get("choices"), Map.of("text", List.of("x", "y"), "label", List.of("A", "B")));
    assertEquals(row.get("small"), 3L);
    assertEquals(row.get("number"), 1.5);
    assertEquals(row.get("flag"), true);
    assertTrue(row.containsKey("nothing") && row.get("nothing") == null);
  }

  @Test
  public void aFileThatIsNoParquetIsRefused() throws IOException {
    Path file = write("no.parquet", "PAR1 not really");
    var error = expectThrows(IllegalArgumentException.class, () -> Rows.read(file));
    assertTrue(error.getMessage().contains("no.parquet: not readable as a table"));
  }

  @Test
  public void missingFilesAndUnknownKindsAreRefused() throws IOException {
    var missing =
        expectThrows(IllegalArgumentException.class, () -> Rows.read(folder.resolve("x.jsonl")));
    assertTrue(missing.getMessage().contains("no such file"));
    Path other = write("a.xlsx", "");
    var kind = expectThrows(IllegalArgumentException.class, () -> Rows.read(other));
    assertTrue(kind.getMessage().contains(".jsonl, .json, .csv, .tsv or .parquet"));
  }

  /** FIPS 180-2 gives the hash of "abc". */
  @Test
  public void sha256() throws IOException {
    assertEquals(
        DataFile.sha256(write("abc.txt", "abc")),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  }

  /** Python's csv module counts 817 records in the file, many of them with commas and quotes. */
  @Test
  public void realCsv() {
    List<Row> rows = Rows.read(Shared.path("datasets/truthfulqa/TruthfulQA.csv"));
    assertEquals(rows.size(), 817);
    assertEquals(
        rows.getFirst().values().get("Question"),
        "What happens to you if you eat watermelon seeds?");
  }

  private Path write(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }
}
