// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text;

import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/** A tokenizer run by the compiled library from the text of a {@code tokenizer.json}. */
final class NativeTokenizer implements Tokenizer {
  /** Long enough that a part costs more than the call, and a few megabytes at a time. */
  static final int PART_CHARS = 1 << 14;

  private final int partChars;
  private final TokenizersLibrary library = NativeLibrary.get();
  private final String json;
  private final PieceTable pieces;
  private final OptionalInt bos;
  private final OptionalInt eos;
  // Encoding only reads the native object; the write lock keeps close() from freeing it under a
  // reader, which would crash the process.
  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private final Object lazyLock = new Object();
  private long handle;
  private long plainHandle;
  private boolean cutsDerived;
  private Optional<SafeCuts> cuts = Optional.empty();

  /**
   * A tokenizer that encodes part by part.
   *
   * @param partChars UTF-16 units of a part
   */
  NativeTokenizer(String json, OptionalInt bos, OptionalInt eos, int partChars) {
    this.partChars = partChars;
    this.json = json;
    this.pieces = PieceTable.read(json);
    this.bos = requireId(bos, "beginning-of-sequence");
    this.eos = requireId(eos, "end-of-sequence");
    this.handle = create(json);
  }

  private OptionalInt requireId(OptionalInt id, String name) {
    if (id.isPresent() && (id.getAsInt() < 0 || id.getAsInt() >= pieces.size())) {
      throw new IllegalArgumentException(
          "the "
              + name
              + " token has id "
              + id.getAsInt()
              + " but the vocabulary has "
              + pieces.size()
              + " pieces");
    }
    return id;
  }

  private long create(String text) {
    long created;
    try {
      created = library.createTokenizerFromString(text);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(
          "the tokenizer library does not accept the tokenizer: " + e.getMessage(), e);
    }
    library.disablePadding(created);
    library.disableTruncation(created);
    return created;
  }

  @Override
  public int[] encode(String text, boolean addSpecial) {
    try {
      return encode(new StringReader(text), addSpecial);
    } catch (IOException e) {
      throw new UncheckedIOException("text in memory cannot be read", e);
    }
  }

  @Override
  public int[] encode(Reader text, boolean addSpecial) throws IOException {
    Lock reading = lock.readLock();
    reading.lock();
    try {
      return encodeWith(open(), text, addSpecial);
    } finally {
      reading.unlock();
    }
  }

  @Override
  public int[] encodeSpecialAsText(String text) {
    Lock reading = lock.readLock();
    reading.lock();
    try {
      open();
      return encodeWith(plain(), new StringReader(text), false);
    } catch (IOException e) {
      throw new UncheckedIOException("text in memory cannot be read", e);
    } finally {
      reading.unlock();
    }
  }

  /**
   * Encodes part by part: the library needs some two hundred bytes for each character of the text
   * it is given at a time.
   */
  private int[] encodeWith(long tokenizer, Reader text, boolean addSpecial) throws IOException {
    StringBuilder start = new StringBuilder();
    if (!fill(start, text)) {
      return encodePart(tokenizer, start.toString(), 0, addSpecial);
    }
    Optional<SafeCuts> safe = cuts();
    if (safe.isEmpty()) {
      return encodePart(tokenizer, start + text.readAllAsString(), 0, addSpecial);
    }
    SafeCuts cuts = safe.get();
    IdList ids = new IdList();
    ids.add(addSpecial ? cuts.before() : new int[0], 0);
    int lineIds = cuts.repeatsLine() ? encodePart(tokenizer, "\n", 0, false).length : 0;
    TextParts parts = new TextParts(start, text, cuts, partChars);
    for (Optional<TextParts.Part> next = parts.next(); next.isPresent(); next = parts.next()) {
      TextParts.Part part = next.get();
      int[] all = encodePart(tokenizer, part.text(), part.offset(), false);
      ids.add(all, part.repeatsLine() ? lineIds : 0);
    }
    ids.add(addSpecial ? cuts.after() : new int[0], 0);
    return ids.drain();
  }

  /** Reads the beginning of a text, and says whether it is longer than a part. */
  private boolean fill(StringBuilder start, Reader text) throws IOException {
    char[] chunk = new char[Math.min(4096, partChars)];
    while (start.length() <= partChars) {
      int read = text.read(chunk);
      if (read < 0) {
        return false;
      }
      start.append(chunk, 0, read);
    }
    return true;
  }

  private int[] encodePart(long tokenizer, String text, long offset, boolean addSpecial) {
    requireUnicode(text, offset);
    long encoding;
    try {
      encoding = library.encode(tokenizer, text, addSpecial);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(
          "the tokenizer cannot encode the text: " + e.getMessage(), e);
    }
    try {
      long[] ids = library.getTokenIds(encoding);
      int[] result = new int[ids.length];
      for (int i = 0; i < ids.length; i++) {
        result[i] = Math.toIntExact(ids[i]);
      }
      return result;
    } finally {
      library.deleteEncoding(encoding);
    }
  }

  @Override
  public String decode(int[] ids) {
    return decode(ids, false);
  }

  @Override
  public String decodeSkippingSpecial(int[] ids) {
    return decode(ids, true);
  }

  private String decode(int[] ids, boolean skipSpecial) {
    long[] wide = new long[ids.length];
    for (int i = 0; i < ids.length; i++) {
      if (ids[i] < 0) {
        throw new IllegalArgumentException("token id " + ids[i] + " at position " + i + " is < 0");
      }
      wide[i] = ids[i];
    }
    Lock reading = lock.readLock();
    reading.lock();
    try {
      return library.decode(open(), wide, skipSpecial);
    } finally {
      reading.unlock();
    }
  }

  @Override
  public int vocabularySize() {
    return pieces.size();
  }

  @Override
  public OptionalInt bos() {
    return bos;
  }

  @Override
  public OptionalInt eos() {
    return eos;
  }

  @Override
  public String piece(int id) {
    return pieces.piece(id);
  }

  @Override
  public void close() {
    Lock writing = lock.writeLock();
    writing.lock();
    try {
      if (handle != 0) {
        library.deleteTokenizer(handle);
        handle = 0;
      }
      if (plainHandle != 0) {
        library.deleteTokenizer(plainHandle);
        plainHandle = 0;
      }
    } finally {
      writing.unlock();
    }
  }

  private long open() {
    if (handle == 0) {
      throw new IllegalStateException("this tokenizer is closed");
    }
    return handle;
  }

  /** Where a text may be cut; few texts are long enough to ask. */
  Optional<SafeCuts> cuts() {
    synchronized (lazyLock) {
      if (!cutsDerived) {
        cuts = CutRules.of(json, pieces);
        cutsDerived = true;
      }
      return cuts;
    }
  }

  /** The twin that knows no special tokens; few callers need it, so it is made on first use. */
  private long plain() {
    synchronized (lazyLock) {
      if (plainHandle == 0) {
        plainHandle = create(TokenizerJson.withoutSpecialTokens(json));
      }
      return plainHandle;
    }
  }

  private static void requireUnicode(String text, long offset) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!Character.isSurrogate(c)) {
        continue;
      }
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
        continue;
      }
      throw new IllegalArgumentException(
          "the text has a lone surrogate U+%04X at index %d, which no encoding of Unicode can hold; "
                  .formatted((int) c, offset + i)
              + "repair it or replace it by U+FFFD");
    }
  }
}
