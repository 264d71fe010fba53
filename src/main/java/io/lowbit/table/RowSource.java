// SPDX-License-Identifier: Apache-2.0
package io.lowbit.table;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Rows one after another. */
interface RowSource {
  /** The next row; empty at the end. */
  Optional<Row> next() throws IOException;

  /** A stream that reads as it is asked and closes {@code in} when it is closed. */
  static Stream<Row> stream(Path file, Closeable in, RowSource source) {
    var rows =
        new Spliterators.AbstractSpliterator<Row>(
            Long.MAX_VALUE, Spliterator.ORDERED | Spliterator.NONNULL) {
          @Override
          public boolean tryAdvance(Consumer<? super Row> action) {
            try {
              Optional<Row> row = source.next();
              row.ifPresent(action);
              return row.isPresent();
            } catch (IOException e) {
              throw DataFile.unreadable(file, e);
            }
          }
        };
    return StreamSupport.stream(rows, false)
        .onClose(() -> {
          try {
            in.close();
          } catch (IOException e) {
            throw DataFile.unreadable(file, e);
          }
        });
  }
}
