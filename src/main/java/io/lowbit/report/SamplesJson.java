// SPDX-License-Identifier: Apache-2.0
package io.lowbit.report;

import com.google.gson.stream.JsonWriter;
import io.lowbit.report.SamplesUnit.Sample;
import io.lowbit.report.SamplesUnit.Verdict;
import io.lowbit.results.ItemRecord;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/**
 * Items for the page's script: columns per task and scheme, texts by their place in one list,
 * log-probabilities in thousandths of a nat, all of it compressed. A record takes about ten bytes.
 *
 * <pre>
 * {units: [{model, task, metric, schemes: [name], hasBaseline,
 *           items: [text], targets: [text], choices: [count],
 *           verdicts: [letters of {@link Verdict} per scheme], predictions: [[text] per scheme],
 *           scores: [[number] per scheme] where a verdict does not say it all,
 *           likelihoods: [[thousandths of a nat, an item's choices in a row] per scheme]}],
 *  texts: [text]}
 * </pre>
 */
final class SamplesJson {
  /** Longer texts of a model are cut; the records hold them in full. */
  static final int LONGEST_TEXT = 1000;

  private final Map<String, Integer> texts = new LinkedHashMap<>();
  private final JsonWriter json;

  private SamplesJson(JsonWriter json) {
    this.json = json;
  }

  /** The data of the script, in letters that no markup can come of. */
  static String of(List<SamplesUnit> units) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (Deflater best = new Deflater(Deflater.BEST_COMPRESSION);
        JsonWriter json =
            new JsonWriter(
                new OutputStreamWriter(
                    new DeflaterOutputStream(bytes, best, 1 << 16), StandardCharsets.UTF_8))) {
      new SamplesJson(json).write(units);
    } catch (IOException e) {
      throw new UncheckedIOException("memory cannot be written to", e);
    }
    return Base64.getEncoder().encodeToString(bytes.toByteArray());
  }

  static String cut(String text) {
    if (text.length() <= LONGEST_TEXT) {
      return text;
    }
    int end = Character.isHighSurrogate(text.charAt(LONGEST_TEXT - 1)) ? 1 : 0;
    return "%s… (%,d characters more)"
        .formatted(text.substring(0, LONGEST_TEXT - end), text.length() - LONGEST_TEXT + end);
  }

  private void write(List<SamplesUnit> units) throws IOException {
    json.beginObject().name("units").beginArray();
    for (SamplesUnit unit : units) {
      write(unit);
    }
    json.endArray().name("texts").beginArray();
    for (String text : texts.keySet()) {
      json.value(text);
    }
    json.endArray().endObject();
  }

  private void write(SamplesUnit unit) throws IOException {
    json.beginObject();
    json.name("model").value(unit.model());
    json.name("task").value(unit.task());
    json.name("metric").value(unit.metric());
    json.name("hasBaseline").value(unit.hasBaseline());
    json.name("schemes").beginArray();
    for (String scheme : unit.schemes()) {
      json.value(scheme);
    }
    json.endArray();
    int[] choices = unit.samples().stream().mapToInt(SamplesJson::choices).toArray();
    json.name("choices").beginArray();
    for (int count : choices) {
      json.value(count);
    }
    json.endArray();
    texts("items", unit.samples(), Sample::item);
    texts("targets", unit.samples(), SamplesJson::target);
    verdicts(unit);
    json.name("predictions").beginArray();
    for (int i = 0; i < unit.schemes().size(); i++) {
      predictions(unit, i);
    }
    json.endArray();
    boolean isGraded = unit.samples().stream().anyMatch(sample -> isGraded(sample, unit.metric()));
    if (isGraded) {
      scores(unit);
    }
    json.name("likelihoods").beginArray();
    for (int i = 0; i < unit.schemes().size(); i++) {
      likelihoods(unit, i, choices);
    }
    json.endArray().endObject();
  }

  private interface Text {
    String of(Sample sample);
  }

  private void texts(String name, List<Sample> samples, Text text) throws IOException {
    json.name(name).beginArray();
    for (Sample sample : samples) {
      place(text.of(sample));
    }
    json.endArray();
  }

  private void place(String text) throws IOException {
    json.value(texts.computeIfAbsent(cut(text), _ -> texts.size()));
  }

  private static String target(Sample sample) {
    for (ItemRecord record : sample.records()) {
      if (record != null) {
        return record.target();
      }
    }
    return "";
  }

  private static int choices(Sample sample) {
    int most = 0;
    for (ItemRecord record : sample.records()) {
      most = record == null ? most : Math.max(most, record.logLikelihoods().size());
    }
    return most;
  }

  private void verdicts(SamplesUnit unit) throws IOException {
    json.name("verdicts").beginArray();
    for (int i = 0; i < unit.schemes().size(); i++) {
      StringBuilder letters = new StringBuilder();
      for (Sample sample : unit.samples()) {
        letters.append(Verdict.of(sample.records()[i], unit.metric()).letter());
      }
      json.value(letters.toString());
    }
    json.endArray();
  }

  private void predictions(SamplesUnit unit, int scheme) throws IOException {
    json.beginArray();
    for (Sample sample : unit.samples()) {
      ItemRecord record = sample.records()[scheme];
      place(record == null ? "" : record.prediction());
    }
    json.endArray();
  }

  private static boolean isGraded(Sample sample, String metric) {
    for (ItemRecord record : sample.records()) {
      if (Verdict.of(record, metric) == Verdict.NO_VERDICT) {
        return true;
      }
    }
    return false;
  }

  private void scores(SamplesUnit unit) throws IOException {
    json.name("scores").beginArray();
    for (int i = 0; i < unit.schemes().size(); i++) {
      json.beginArray();
      for (Sample sample : unit.samples()) {
        ItemRecord record = sample.records()[i];
        // A perplexity's items have no score of their own, but nats that make it.
        Double score =
            record == null
                ? null
                : record.values().getOrDefault(unit.metric(), record.values().get("nll"));
        number(score == null ? Double.NaN : score, 1e4);
      }
      json.endArray();
    }
    json.endArray();
  }

  private void likelihoods(SamplesUnit unit, int scheme, int[] choices) throws IOException {
    json.beginArray();
    for (int k = 0; k < choices.length; k++) {
      ItemRecord record = unit.samples().get(k).records()[scheme];
      for (int choice = 0; choice < choices[k]; choice++) {
        Double value =
            record == null || choice >= record.logLikelihoods().size()
                ? null
                : record.logLikelihoods().get(choice);
        if (value == null || !Double.isFinite(value)) {
          json.nullValue();
        } else {
          json.value(Math.round(1000 * value));
        }
      }
    }
    json.endArray();
  }

  private void number(double value, double places) throws IOException {
    if (Double.isFinite(value)) {
      json.value(Math.round(places * value) / places);
    } else {
      json.nullValue();
    }
  }
}
