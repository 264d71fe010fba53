// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import com.google.gson.JsonSerializationContext;
import com.google.gson.JsonSerializer;
import io.lowbit.results.ItemRecord;
import io.lowbit.stats.PairedBinary;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/** Statistics as JSON: a record is an object, an undefined number is null. */
final class StatisticsJson {
  static final Gson GSON =
      new GsonBuilder()
          .setPrettyPrinting()
          .serializeNulls()
          .disableHtmlEscaping()
          .registerTypeAdapter(double.class, (JsonSerializer<Double>) (v, _, _) -> number(v))
          .registerTypeAdapter(Double.class, (JsonSerializer<Double>) (v, _, _) -> number(v))
          .registerTypeHierarchyAdapter(
              Enum.class,
              (JsonSerializer<Enum<?>>)
                  (v, _, _) -> new JsonPrimitive(v.name().toLowerCase(Locale.ROOT)))
          .registerTypeAdapter(
              OptionalDouble.class,
              (JsonSerializer<OptionalDouble>) (v, _, _) -> number(v.orElse(Double.NaN)))
          .registerTypeHierarchyAdapter(
              Optional.class,
              (JsonSerializer<Optional<?>>)
                  (v, _, json) -> v.<JsonElement>map(json::serialize).orElse(JsonNull.INSTANCE))
          .registerTypeAdapter(
              PairedBinary.class, (JsonSerializer<PairedBinary>) (v, _, json) -> flips(v, json))
          .registerTypeAdapter(
              ItemRecord.class, (JsonSerializer<ItemRecord>) (v, _, _) -> provenance(v))
          .create();

  private StatisticsJson() {}

  private static JsonElement number(double value) {
    return Double.isFinite(value) ? new JsonPrimitive(value) : JsonNull.INSTANCE;
  }

  private static JsonElement flips(PairedBinary table, JsonSerializationContext json) {
    JsonObject object = new JsonObject();
    object.addProperty("bothRight", table.bothRight());
    object.addProperty("rightToWrong", table.baseOnly());
    object.addProperty("wrongToRight", table.quantOnly());
    object.addProperty("bothWrong", table.bothWrong());
    object.add("rate", number(table.flipRate()));
    object.add("exactP", number(table.exactP()));
    object.add("midP", number(table.midP()));
    object.add("degradedP", number(table.degradedP()));
    object.add("degradedMidP", number(table.degradedMidP()));
    object.add("standardError", number(table.standardError()));
    object.add("oddsRatio", number(table.oddsRatio()));
    object.add("cohensG", number(table.cohensG()));
    object.add("newcombe", json.serialize(table.newcombe(0.95)));
    object.add("tango", json.serialize(table.tango(0.95)));
    return object;
  }

  /** Of an example record, what all items of its cell share. */
  private static JsonElement provenance(ItemRecord record) {
    JsonObject object = new JsonObject();
    object.addProperty("modelSha256", record.modelSha256());
    object.addProperty("modelParameters", record.modelParameters());
    object.addProperty("schemeJson", record.schemeJson());
    object.addProperty("base", record.base());
    object.add("weightBits", number(record.weightBits()));
    object.add("modelBits", number(record.modelBits()));
    object.addProperty("execution", record.execution());
    object.addProperty("backend", record.backend());
    object.addProperty("taskVersion", record.taskVersion());
    object.addProperty("taskType", record.taskType());
    object.addProperty("protocol", record.protocol());
    object.addProperty("dataSha256", record.dataSha256());
    return object;
  }
}
