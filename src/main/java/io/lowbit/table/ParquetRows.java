// SPDX-License-Identifier: Apache-2.0
package io.lowbit.table;

import java.nio.file.Path;
import java.sql.Array;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.duckdb.DuckDBStruct;

/** Parquet through an in-memory DuckDB. */
final class ParquetRows {
  private ParquetRows() {}

  static Stream<Row> rows(Path file) {
    return stream(file, "SELECT * FROM read_parquet(" + quoted(file) + ")");
  }

  private static Stream<Row> stream(Path file, String query) {
    Cursor cursor = Cursor.open(file, query);
    return StreamSupport.stream(cursor, false).onClose(cursor::close);
  }

  private static String quoted(Path file) {
    return "'" + file.toAbsolutePath().toString().replace("'", "''") + "'";
  }

  private static final class Cursor extends Spliterators.AbstractSpliterator<Row> {
    private final Path file;
    private final Connection connection;
    private final Statement statement;
    private final ResultSet results;
    private int index = -1;

    private Cursor(Path file, Connection connection, Statement statement, ResultSet results) {
      super(Long.MAX_VALUE, Spliterator.ORDERED | Spliterator.NONNULL);
      this.file = file;
      this.connection = connection;
      this.statement = statement;
      this.results = results;
    }

    static Cursor open(Path file, String query) {
      Connection connection = null;
      try {
        connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement();
        return new Cursor(file, connection, statement, statement.executeQuery(query));
      } catch (SQLException e) {
        if (connection != null) {
          closeAfter(connection, e);
        }
        throw malformed(file, e);
      }
    }

    private static void closeAfter(Connection connection, SQLException failure) {
      try {
        connection.close();
      } catch (SQLException e) {
        failure.addSuppressed(e);
      }
    }

    @Override
    public boolean tryAdvance(Consumer<? super Row> action) {
      Map<String, Object> values = new LinkedHashMap<>();
      try {
        if (!results.next()) {
          return false;
        }
        index++;
        ResultSetMetaData columns = results.getMetaData();
        for (int i = 1; i <= columns.getColumnCount(); i++) {
          values.put(columns.getColumnLabel(i), plain(results.getObject(i)));
        }
      } catch (SQLException e) {
        throw malformed(file, e);
      }
      action.accept(new Row(file.getFileName() + " row " + index, values));
      return true;
    }

    void close() {
      try (connection;
          statement;
          results) {
        // The resources close in reverse order.
      } catch (SQLException e) {
        throw malformed(file, e);
      }
    }
  }

  private static IllegalArgumentException malformed(Path file, SQLException e) {
    return new IllegalArgumentException(
        file + ": not readable as a table (" + e.getMessage() + "); the file may be damaged", e);
  }

  static Object plain(Object value) throws SQLException {
    return switch (value) {
      case null -> null;
      case String text -> text;
      case Boolean flag -> flag;
      case Double number -> number;
      case Float number -> number.doubleValue();
      case Byte number -> number.longValue();
      case Short number -> number.longValue();
      case Integer number -> number.longValue();
      case Long number -> number;
      case Array array -> list((Object[]) array.getArray());
      case DuckDBStruct struct -> map(struct.getMap());
      case Map<?, ?> map -> map(map);
      default -> value.toString();
    };
  }

  private static List<Object> list(Object[] values) throws SQLException {
    List<Object> plain = new ArrayList<>();
    for (Object value : values) {
      plain.add(plain(value));
    }
    return plain;
  }

  private static Map<String, Object> map(Map<?, ?> values) throws SQLException {
    Map<String, Object> plain = new LinkedHashMap<>();
    for (Map.Entry<?, ?> entry : values.entrySet()) {
      plain.put(String.valueOf(entry.getKey()), plain(entry.getValue()));
    }
    return plain;
  }
}
