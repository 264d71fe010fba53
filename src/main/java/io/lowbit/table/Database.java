// SPDX-License-Identifier: Apache-2.0
package io.lowbit.table;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;

/**
 * Tables in memory that answer SQL and become parquet files. A query reads these tables and nothing
 * else: no file, no network, no setting.
 */
public final class Database implements AutoCloseable {
  private static final Map<Class<?>, String> TYPES =
      Map.of(
          String.class, "VARCHAR",
          Long.class, "BIGINT",
          Double.class, "DOUBLE",
          Boolean.class, "BOOLEAN",
          List.class, "DOUBLE[]");

  /** What shuts a query in; the last one keeps it from being opened again. */
  private static final List<String> SEAL =
      List.of(
          "SET autoinstall_known_extensions = false",
          "SET autoload_known_extensions = false",
          "SET enable_external_access = false",
          "SET lock_configuration = true");

  private static final Pattern UNKNOWN_COLUMN =
      Pattern.compile(
          "Referenced column \"(?<name>[^\"]+)\" (was )?not found|does not have a column named \"(?<other>[^\"]+)\"");
  private static final Pattern UNKNOWN_TABLE =
      Pattern.compile("Table with name (?<name>.+) does not exist");
  private static final Pattern CANDIDATES =
      Pattern.compile("Candidate bindings: ?:? ?(?<names>.+)");

  /**
   * The answer to a query.
   *
   * @param columns names, which may repeat
   * @param rows a value per column: String, Long, Double, Boolean, null, List or Map
   */
  public record Selection(List<String> columns, List<List<Object>> rows) {}

  private final Connection connection;
  private final Map<String, List<String>> tables = new LinkedHashMap<>();
  private boolean sealed;

  /** A database without tables. */
  public Database() {
    try {
      connection = DriverManager.getConnection("jdbc:duckdb:");
      // Rows keep their order and files their bytes, whatever the machine.
      execute("SET threads = 1");
    } catch (SQLException e) {
      throw new IllegalStateException("DuckDB did not start (" + e.getMessage() + ")", e);
    }
  }

  /**
   * Adds a table.
   *
   * @param columns name and type of each: String, Long, Double, Boolean, or List of Double
   * @param rows a value or null per column
   */
  public void add(String name, Map<String, Class<?>> columns, List<List<Object>> rows) {
    String definition =
        columns.entrySet().stream()
            .map(column -> identifier(column.getKey()) + " " + TYPES.get(column.getValue()))
            .collect(Collectors.joining(", "));
    try {
      execute("CREATE TABLE " + identifier(name) + " (" + definition + ")");
      try (DuckDBAppender appender =
          connection.unwrap(DuckDBConnection.class).createAppender("main", name)) {
        for (List<Object> row : rows) {
          appender.beginRow();
          for (Object value : row) {
            append(appender, value);
          }
          appender.endRow();
        }
      }
    } catch (SQLException e) {
      throw new IllegalStateException(
          "the table '%s' could not be filled (%s)".formatted(name, e.getMessage()), e);
    }
    tables.put(name, List.copyOf(columns.keySet()));
  }

  private static void append(DuckDBAppender appender, Object value) throws SQLException {
    switch (value) {
      case null -> appender.appendNull();
      case String text -> appender.append(text);
      case Long number -> appender.append(number.longValue());
      case Double number -> appender.append(number.doubleValue());
      case Boolean flag -> appender.append(flag.booleanValue());
      case List<?> list ->
          appender.append(list.stream().mapToDouble(v -> ((Number) v).doubleValue()).toArray());
      default -> throw new IllegalArgumentException("a table cannot hold a " + value.getClass());
    }
  }

  /**
   * Writes a table into a parquet file, in the order of its rows.
   *
   * @throws IllegalStateException if that fails
   */
  public void writeParquet(String table, Path file) {
    try {
      execute(
          "COPY %s TO '%s' (FORMAT parquet, COMPRESSION zstd)"
              .formatted(identifier(table), file.toAbsolutePath().toString().replace("'", "''")));
    } catch (SQLException e) {
      throw new IllegalStateException(
          "%s: cannot be written (%s)".formatted(file, firstLine(e.getMessage())), e);
    }
  }

  /**
   * Answers a query. After the first one the database takes no more tables and writes no files.
   *
   * @throws IllegalArgumentException if the text is not one statement that only reads, or does not
   *     fit the tables; the message says what would
   */
  public Selection select(String sql) {
    try {
      requireQuery(sql);
      if (!sealed) {
        for (String statement : SEAL) {
          execute(statement);
        }
        sealed = true;
      }
      execute("BEGIN TRANSACTION READ ONLY");
      try (Statement statement = connection.createStatement();
          ResultSet results = statement.executeQuery(sql)) {
        return selection(results);
      } finally {
        execute("ROLLBACK");
      }
    } catch (SQLException e) {
      throw new IllegalArgumentException(explained(e), e);
    }
  }

  /** DuckDB's own parser says what kind of statement a text is: it serializes queries only. */
  private void requireQuery(String sql) throws SQLException {
    try (PreparedStatement parse = connection.prepareStatement("SELECT json_serialize_sql(?)")) {
      parse.setString(1, sql);
      try (ResultSet results = parse.executeQuery()) {
        results.next();
        JsonObject parsed = JsonParser.parseString(results.getString(1)).getAsJsonObject();
        if (parsed.get("error").getAsBoolean()) {
          String kind = parsed.get("error_type").getAsString();
          String message = parsed.get("error_message").getAsString();
          throw new IllegalArgumentException(
              kind.equals("not implemented")
                  ? "the query is not a SELECT; records can be read with SQL, not changed"
                  : "the query is not SQL: "
                      + message
                      + (parsed.has("position")
                          ? " (character " + (parsed.get("position").getAsInt() + 1) + ")"
                          : ""));
        }
        int statements = parsed.getAsJsonArray("statements").size();
        if (statements != 1) {
          throw new IllegalArgumentException(
              "the query must be one SELECT statement, but is " + statements);
        }
      }
    }
  }

  private static Selection selection(ResultSet results) throws SQLException {
    int width = results.getMetaData().getColumnCount();
    List<String> columns = new ArrayList<>();
    for (int i = 1; i <= width; i++) {
      columns.add(results.getMetaData().getColumnLabel(i));
    }
    List<List<Object>> rows = new ArrayList<>();
    while (results.next()) {
      List<Object> row = new ArrayList<>();
      for (int i = 1; i <= width; i++) {
        row.add(plain(results.getObject(i)));
      }
      rows.add(row);
    }
    return new Selection(columns, rows);
  }

  private static Object plain(Object value) throws SQLException {
    return switch (value) {
      case BigInteger whole when whole.bitLength() < Long.SIZE -> whole.longValue();
      case BigInteger whole -> whole.doubleValue();
      case BigDecimal decimal -> decimal.doubleValue();
      case null, default -> ParquetRows.plain(value);
    };
  }

  private String explained(SQLException e) {
    String message = String.valueOf(e.getMessage());
    Matcher column = UNKNOWN_COLUMN.matcher(message);
    if (column.find()) {
      String name = column.group("name") == null ? column.group("other") : column.group("name");
      Matcher near = CANDIDATES.matcher(message);
      return "there is no column '%s'%s; %s"
          .formatted(
              name,
              near.find() ? "; the nearest are " + near.group("names").replace("\"", "") : "",
              described());
    }
    Matcher table = UNKNOWN_TABLE.matcher(message);
    if (table.find()) {
      return "there is no table '%s'; %s".formatted(table.group("name"), described());
    }
    if (message.contains("disabled by configuration") || message.contains("read-only")) {
      return "a query reads "
          + String.join(" and ", tables.keySet())
          + " and nothing else, and changes nothing ("
          + firstLine(message)
          + ")";
    }
    return message.strip();
  }

  private String described() {
    return tables.entrySet().stream()
        .map(table -> table.getKey() + " has " + String.join(", ", table.getValue()))
        .collect(Collectors.joining("; "));
  }

  private static String firstLine(String message) {
    return message.lines().findFirst().orElse("no reason given");
  }

  private static String identifier(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      throw new IllegalStateException("DuckDB did not stop (" + e.getMessage() + ")", e);
    }
  }
}
