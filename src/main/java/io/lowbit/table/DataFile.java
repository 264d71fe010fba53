// SPDX-License-Identifier: Apache-2.0
package io.lowbit.table;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/** A file of data as bytes: its hash, and its content as text. */
public final class DataFile {
  private static final int BUFFER_BYTES = 1 << 16;

  /** A text is held in memory as a whole; perplexity needs a thousandth of this. */
  private static final int MAX_TEXT_BYTES = 1 << 30;

  private DataFile() {}

  /** SHA-256 of bytes, hexadecimal. */
  public static String sha256(byte[] bytes) {
    return HexFormat.of().formatHex(newDigest().digest(bytes));
  }

  /** SHA-256 of the bytes on disk, hexadecimal. */
  public static String sha256(Path file) {
    requireReadable(file);
    try (InputStream in = Files.newInputStream(file)) {
      MessageDigest digest = newDigest();
      byte[] buffer = new byte[BUFFER_BYTES];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        digest.update(buffer, 0, read);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static MessageDigest newDigest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java has no SHA-256, which every Java must have", e);
    }
  }

  /**
   * The whole file (or what a {@code .gz} holds) as text, line ends as they are.
   *
   * @throws IllegalArgumentException if it is missing, not UTF-8, or larger than 1 GiB
   */
  public static String text(Path file) {
    requireReadable(file);
    try (InputStream in = open(file)) {

      byte[] bytes = in.readNBytes(MAX_TEXT_BYTES + 1);
      if (bytes.length > MAX_TEXT_BYTES) {
        throw new IllegalArgumentException(
            file + ": the text is larger than 1 GiB; cut a part out of it");
      }
      return decode(bytes);
    } catch (CharacterCodingException e) {
      throw notUnicode(file, e);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /**
   * The lines of a text without their line feeds.
   *
   * @throws IllegalArgumentException if it is missing or, naming the line, not UTF-8
   */
  public static List<String> lines(Path file) {
    requireReadable(file);
    List<String> all = new ArrayList<>();
    try (Utf8Lines lines = new Utf8Lines(file)) {
      for (Optional<String> line = lines.next(); line.isPresent(); line = lines.next()) {
        all.add(line.get());
      }
    } catch (IOException e) {
      throw unreadable(file, e);
    }
    return all;
  }

  /** What is made of a text while it is read. */
  @FunctionalInterface
  public interface TextFunction<T> {
    /** Reads the text from its beginning. */
    T of(Reader text) throws IOException;
  }

  /**
   * Like {@link #text}, for a text that need not be in memory as a whole.
   *
   * @throws IllegalArgumentException if it is missing or not UTF-8
   */
  public static <T> T read(Path file, TextFunction<T> function) {
    requireReadable(file);
    try (Reader text = new InputStreamReader(open(file), strictDecoder())) {
      return function.of(text);
    } catch (CharacterCodingException e) {
      throw notUnicode(file, e);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static IllegalArgumentException notUnicode(Path file, CharacterCodingException cause) {
    return new IllegalArgumentException(
        file + ": the text is not UTF-8; convert it to UTF-8 first", cause);
  }

  /** Strict decoding: a byte that is not UTF-8 is an error, not a replacement character. */
  static String decode(byte[] bytes) throws CharacterCodingException {
    return strictDecoder().decode(ByteBuffer.wrap(bytes)).toString();
  }

  private static CharsetDecoder strictDecoder() {
    return StandardCharsets.UTF_8
        .newDecoder()
        .onMalformedInput(CodingErrorAction.REPORT)
        .onUnmappableCharacter(CodingErrorAction.REPORT);
  }

  static InputStream open(Path file) throws IOException {
    InputStream in = new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES);
    if (!file.toString().endsWith(".gz")) {
      return in;
    }
    try {
      return new BufferedInputStream(new GZIPInputStream(in, BUFFER_BYTES), BUFFER_BYTES);
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  static void requireReadable(Path file) {
    if (!Files.exists(file)) {
      throw new IllegalArgumentException(
          file.toAbsolutePath() + ": no such file; check the path and the data folder");
    }
    if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
      throw new IllegalArgumentException(
          file.toAbsolutePath() + ": not a readable file; expected a file of data");
    }
  }

  static IllegalStateException unreadable(Path file, IOException cause) {
    return new IllegalStateException(
        file + ": reading failed (" + cause.getMessage() + "); is the file complete?", cause);
  }
}
