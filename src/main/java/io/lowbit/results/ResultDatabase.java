// SPDX-License-Identifier: Apache-2.0
package io.lowbit.results;

import io.lowbit.results.ResultTable.Column;
import io.lowbit.table.Database;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Result tables that answer SQL and become parquet files. */
public final class ResultDatabase implements AutoCloseable {
  private final Database database = new Database();

  /** A database of these tables. */
  public ResultDatabase(List<ResultTable> tables) {
    for (ResultTable table : tables) {
      Map<String, Class<?>> columns = new LinkedHashMap<>();
      table.columns().forEach(column -> columns.put(column.name(), column.type()));
      database.add(table.name(), columns, table.rows());
    }
  }

  /**
   * Answers a query that only reads.
   *
   * @throws IllegalArgumentException if it is none or does not fit the tables, with what would
   */
  public ResultTable select(String sql) {
    Database.Selection answer = database.select(sql);
    return new ResultTable(
        "answer",
        answer.columns().stream().map(name -> new Column(name, Object.class)).toList(),
        answer.rows());
  }

  /** Writes a table into a parquet file, in the order of its rows. */
  public void writeParquet(String table, Path file) {
    database.writeParquet(table, file);
  }

  @Override
  public void close() {
    database.close();
  }
}
