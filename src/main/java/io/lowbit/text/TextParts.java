// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text;

import java.io.IOException;
import java.io.Reader;
import java.util.Optional;

/** Reads a text part by part, cut where {@link SafeCuts} allows it. */
final class TextParts {
  private static final int READ_CHARS = 8192;

  private final Reader reader;
  private final SafeCuts cuts;
  private final int partChars;
  private final StringBuilder waiting;
  private final char[] chunk = new char[READ_CHARS];
  private boolean ended;
  private boolean repeatsLine;
  private long offset;

  /**
   * Parts of a text.
   *
   * @param start its beginning, which is used up
   * @param reader the rest of it
   * @param partChars UTF-16 units that a part should have; it is longer where there is no cut
   */
  TextParts(StringBuilder start, Reader reader, SafeCuts cuts, int partChars) {
    this.waiting = start;
    this.reader = reader;
    this.cuts = cuts;
    this.partChars = partChars;
  }

  /**
   * A part.
   *
   * @param text what to encode
   * @param offset where it begins in the whole text
   * @param repeatsLine whether its first character, a line feed, belongs to the part before
   */
  record Part(String text, long offset, boolean repeatsLine) {}

  /** The next part; empty after the last. An empty text has no part. */
  Optional<Part> next() throws IOException {
    // What is left of a part has no cut, so it takes new text to find one.
    for (int wanted = Math.max(partChars, 2 * waiting.length()); ; wanted = 2 * waiting.length()) {
      fill(wanted);
      if (ended) {
        return waiting.isEmpty() ? Optional.empty() : Optional.of(take(waiting.length()));
      }
      SafeCuts.Cut cut = cuts.last(waiting);
      if (cut.end() > 0) {
        return Optional.of(take(cut));
      }
    }
  }

  private Part take(SafeCuts.Cut cut) {
    Part part = new Part(waiting.substring(0, cut.end()), offset, repeatsLine);
    waiting.delete(0, cut.next());
    offset += cut.next();
    repeatsLine = cut.repeatsLine();
    return part;
  }

  private Part take(int end) {
    return take(new SafeCuts.Cut(end, end));
  }

  private void fill(int wanted) throws IOException {
    while (!ended && waiting.length() < wanted) {
      int read = reader.read(chunk, 0, Math.min(chunk.length, wanted - waiting.length()));
      if (read < 0) {
        ended = true;
      } else {
        waiting.append(chunk, 0, read);
      }
    }
  }
}
