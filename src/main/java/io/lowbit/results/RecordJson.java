// SPDX-License-Identifier: Apache-2.0
package io.lowbit.results;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import com.google.gson.JsonSyntaxException;
import com.google.gson.TypeAdapter;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.util.Objects;

/** Records as one line of JSON. A NaN, which JSON does not have, is written as null. */
final class RecordJson {
  private static final Gson GSON =
      new GsonBuilder()
          .disableHtmlEscaping()
          .registerTypeAdapter(double.class, new NanAsNull())
          .registerTypeAdapter(Double.class, new NanAsNull())
          .serializeNulls()
          .create();

  private RecordJson() {}

  static String write(ItemRecord item) {
    return GSON.toJson(item);
  }

  /** A text as it stands in a line. */
  static String quoted(String text) {
    return GSON.toJson(text);
  }

  /**
   * Reads a line.
   *
   * @throws JsonParseException if it is not a record of this schema; the message says why
   */
  static ItemRecord read(String line) {
    ItemRecord item = GSON.fromJson(line, ItemRecord.class);
    if (item == null) {
      throw new JsonSyntaxException("the line is empty");
    }
    if (item.schema() != ItemRecord.SCHEMA) {
      throw new JsonSyntaxException(
          "schema %d is not %d, the one this version of Lowbit reads"
              .formatted(item.schema(), ItemRecord.SCHEMA));
    }
    for (Object field :
        new Object[] {
          item.key(), item.model(), item.modelSha256(), item.scheme(), item.schemeJson(),
              item.task(),
          item.taskType(), item.protocol(), item.item(), item.cluster(), item.metrics(),
              item.values(),
          item.logLikelihoods(), item.prediction(), item.target()
        }) {
      if (Objects.isNull(field)) {
        throw new JsonSyntaxException("a field of the record is missing");
      }
    }
    return item;
  }

  private static final class NanAsNull extends TypeAdapter<Double> {
    @Override
    public void write(JsonWriter out, Double value) throws IOException {
      if (value.isNaN()) {
        out.nullValue();
      } else {
        out.value(value);
      }
    }

    @Override
    public Double read(JsonReader in) throws IOException {
      if (in.peek() == JsonToken.NULL) {
        in.nextNull();
        return Double.NaN;
      }
      try {
        return in.nextDouble();
      } catch (NumberFormatException e) {
        throw new JsonSyntaxException(e.getMessage(), e);
      }
    }
  }
}
