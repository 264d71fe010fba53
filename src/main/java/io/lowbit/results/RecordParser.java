// SPDX-License-Identifier: Apache-2.0
package io.lowbit.results;

import com.google.gson.JsonParseException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Reads lines of records of which most are like the line before: those of a file differ only in
 * key, item, values and texts. All else is compared byte by byte and shared, which is several times
 * as fast as reading it and takes a quarter of the memory. A line that differs in anything else is
 * read in full by {@link RecordJson}, which also says what is wrong with it.
 */
final class RecordParser {
  private static final byte[] HEAD = bytes("{\"schema\":" + ItemRecord.SCHEMA + ",\"key\":\"");
  private static final byte[] ITEM = bytes(",\"item\":\"");
  private static final byte[] CLUSTER = bytes(",\"cluster\":\"");
  private static final byte[] METRICS = bytes(",\"metrics\":");
  private static final byte[] VALUES = bytes(",\"values\":{");
  private static final byte[] LIKELIHOODS = bytes("},\"logLikelihoods\":[");
  private static final byte[] PREDICTION = bytes("],\"prediction\":\"");
  private static final byte[] TARGET = bytes(",\"target\":\"");
  private static final byte[] TAIL = bytes("}");

  /**
   * What the next line may share with a record.
   *
   * @param like the record
   * @param shared bytes from behind the key to behind the opening quote of the item
   * @param metrics bytes from behind the cluster to before the first value's name
   * @param names names of the values
   * @param heads bytes before each value
   */
  private record Template(
      ItemRecord like, byte[] shared, byte[] metrics, String[] names, List<byte[]> heads) {

    /** Empty if the line is not laid out as this program does it. */
    static Optional<Template> of(ItemRecord item, byte[] line) {
      if (!Arrays.equals(bytes(RecordJson.write(item)), line)) {
        return Optional.empty();
      }
      // Quotes inside of texts are escaped, so none of these is found in one.
      int keyEnd = indexOf(line, bytes("\""), HEAD.length) + 1;
      int item1 = indexOf(line, ITEM, keyEnd);
      int metrics = indexOf(line, METRICS, item1);
      int values = indexOf(line, VALUES, metrics);
      String[] names = item.values().keySet().toArray(String[]::new);
      List<byte[]> heads =
          Arrays.stream(names)
              .map(
                  name -> bytes((name.equals(names[0]) ? "" : ",") + RecordJson.quoted(name) + ":"))
              .toList();
      return Optional.of(
          new Template(
              item,
              Arrays.copyOfRange(line, keyEnd, item1 + ITEM.length),
              Arrays.copyOfRange(line, metrics, values + VALUES.length),
              names,
              heads));
    }
  }

  private final TextPool texts;
  private Optional<Template> template = Optional.empty();

  RecordParser(TextPool texts) {
    this.texts = texts;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static int indexOf(byte[] text, byte[] part, int from) {
    int at = from;
    while (!Arrays.equals(text, at, at + part.length, part, 0, part.length)) {
      at++;
    }
    return at;
  }

  /**
   * Reads a line.
   *
   * @throws JsonParseException if it is not a record of this schema; the message says why
   */
  ItemRecord read(byte[] buffer, int from, int to) {
    Optional<ItemRecord> quick =
        template.flatMap(like -> like(like, new LineCursor(buffer, from, to)));
    if (quick.isPresent()) {
      return quick.get();
    }
    ItemRecord item = RecordJson.read(new String(buffer, from, to - from, StandardCharsets.UTF_8));
    template = Template.of(item, Arrays.copyOfRange(buffer, from, to));
    return item;
  }

  /** The line, if it differs from the template only in what may differ. */
  private Optional<ItemRecord> like(Template like, LineCursor line) {
    Optional<String> key = line.skip(HEAD) ? line.text() : Optional.empty();
    Optional<String> item =
        key.isPresent() && line.skip(like.shared) ? line.text() : Optional.empty();
    Optional<String> cluster =
        item.isPresent() && line.skip(CLUSTER) ? line.text() : Optional.empty();
    if (cluster.isEmpty() || !line.skip(like.metrics)) {
      return Optional.empty();
    }
    double[] values = new double[like.names.length];
    for (int i = 0; i < values.length; i++) {
      if (!line.skip(like.heads.get(i)) || !line.passNumber()) {
        return Optional.empty();
      }
      values[i] = line.number();
    }
    Optional<double[]> likelihoods = line.skip(LIKELIHOODS) ? line.numbers() : Optional.empty();
    Optional<String> prediction =
        likelihoods.isPresent() && line.skip(PREDICTION) ? line.text() : Optional.empty();
    Optional<String> target =
        prediction.isPresent() && line.skip(TARGET) ? line.text() : Optional.empty();
    if (target.isEmpty() || !line.skip(TAIL) || !line.isAtEnd()) {
      return Optional.empty();
    }
    ItemRecord known = like.like;
    return Optional.of(
        new ItemRecord(
            known.schema(),
            key.get(),
            known.model(),
            known.modelSha256(),
            known.modelParameters(),
            known.scheme(),
            known.schemeJson(),
            known.base(),
            known.weightBits(),
            known.modelBits(),
            known.execution(),
            known.backend(),
            known.task(),
            known.taskVersion(),
            known.taskType(),
            known.protocol(),
            known.dataSha256(),
            texts.shared(item.get()),
            texts.shared(cluster.get()),
            known.metrics(),
            new NamedValues(like.names, values),
            likelihoods.get().length == 0 ? List.of() : new NumberList(likelihoods.get()),
            texts.shared(prediction.get()),
            texts.shared(target.get())));
  }
}
