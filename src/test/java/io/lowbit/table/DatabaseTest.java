// SPDX-License-Identifier: Apache-2.0
package io.lowbit.table;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** SQL reads the tables and nothing else, and parquet keeps them. */
public final class DatabaseTest {
  private static final List<List<Object>> ROWS =
      List.of(
          Arrays.asList("a 'quoted' \"name\"", 1L, 0.1, true, List.of(1.0, -2.5)),
          Arrays.asList("", Long.MAX_VALUE, null, false, List.of()),
          Arrays.asList(null, null, -1e300, null, null));

  private static Database database() {
    Map<String, Class<?>> columns = new LinkedHashMap<>();
    columns.put("name", String.class);
    columns.put("count", Long.class);
    columns.put("value", Double.class);
    columns.put("right", Boolean.class);
    columns.put("parts", List.class);
    Database database = new Database();
    database.add("things", columns, ROWS);
    return database;
  }

  @Test
  public void answersInPlainValues() {
    try (Database database = database()) {
      assertEquals(database.select("SELECT * FROM things;").rows(), ROWS);
      Database.Selection sum =
          database.select(
              "-- how many\nWITH t AS (FROM things) SELECT sum(1) AS n, 0.5 AS h FROM t");
      assertEquals(sum.columns(), List.of("n", "h"));
      assertEquals(sum.rows(), List.of(List.of(3L, 0.5)));
    }
  }

  @DataProvider
  Object[][] refused() throws IOException {
    Path file = Files.createTempFile("secret", ".csv");
    return new Object[][] {
      {"DROP TABLE things", "not a SELECT"},
      {"INSERT INTO things VALUES ('x', 1, 1, true, [])", "not a SELECT"},
      {"COPY things TO '" + file + "'", "not a SELECT"},
      {"ATTACH '" + file + "'", "not a SELECT"},
      {"SET threads = 4", "not a SELECT"},
      {"SELECT 1; DROP TABLE things", "not a SELECT"},
      {"SELECT 1; SELECT 2", "one SELECT statement, but is 2"},
      {"  -- nothing", "one SELECT statement, but is 0"},
      {"WITH d AS (DELETE FROM things RETURNING *) SELECT * FROM d", "changes nothing"},
      {"SELECT * FROM read_csv('" + file + "')", "nothing else"},
      {"SELECT * FROM read_text('/etc/hostname')", "nothing else"},
      {"SELEC 1", "not SQL: syntax error at or near \"SELEC\" (character 1)"},
      {"SELECT valu FROM things", "there is no column 'valu'; the nearest are value"},
      {"SELECT t.valu FROM things t", "there is no column 'valu'"},
      {"SELECT 1 FROM thing", "there is no table 'thing'; things has name, count, value"},
    };
  }

  @Test(dataProvider = "refused")
  public void refuses(String sql, String reason) {
    try (Database database = database()) {
      String message =
          expectThrows(IllegalArgumentException.class, () -> database.select(sql)).getMessage();
      assertTrue(message.contains(reason), message);
      assertEquals(database.select("SELECT count(*) FROM things").rows(), List.of(List.of(3L)));
    }
  }

  @Test
  public void parquetKeepsValuesAndOrder() throws IOException {
    Path folder = Files.createTempDirectory("it's parquet");
    Path file = folder.resolve("things.parquet");
    Path again = folder.resolve("again.parquet");
    try (Database database = database()) {
      database.writeParquet("things", file);
      database.writeParquet("things", again);
    }
    assertEquals(Rows.read(file).size(), ROWS.size());
    for (int i = 0; i < ROWS.size(); i++) {
      assertEquals(Rows.read(file).get(i).values().values().toArray(), ROWS.get(i).toArray());
    }
    assertEquals(Files.readAllBytes(file), Files.readAllBytes(again));
  }
}
