// SPDX-License-Identifier: Apache-2.0
package io.lowbit.task;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.util.Objects;

/** A text with two line feeds more before each of its lines but the first. */
final class JoinedLines extends Reader {
  private final BufferedReader text;
  private int next;
  private int owed;
  private boolean started;

  JoinedLines(Reader text) {
    this.text = new BufferedReader(text);
  }

  @Override
  public int read(char[] into, int from, int count) throws IOException {
    Objects.checkFromIndexSize(from, count, into.length);
    if (!started) {
      next = text.read();
      started = true;
    }
    int done = 0;
    while (done < count && (owed > 0 || next >= 0)) {
      if (owed > 0) {
        into[from + done++] = '\n';
        owed--;
        continue;
      }
      into[from + done++] = (char) next;
      int following = text.read();
      owed = next == '\n' && following >= 0 ? 2 : 0;
      next = following;
    }
    return done == 0 && count > 0 ? -1 : done;
  }

  @Override
  public void close() throws IOException {
    text.close();
  }
}
