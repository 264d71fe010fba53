// SPDX-License-Identifier: Apache-2.0
package io.lowbit.study;

import io.lowbit.engine.Generator;
import io.lowbit.engine.Scorer;
import io.lowbit.engine.Session;
import io.lowbit.model.Model;
import io.lowbit.results.ItemRecord;
import io.lowbit.results.RecordFile;
import io.lowbit.task.ItemScore;
import io.lowbit.task.Response;
import io.lowbit.task.Task;
import io.lowbit.task.TaskItem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Works a plan off, unit by unit. Records of a batch are on the disk before the next batch begins,
 * so an end at any moment loses at most the batch in flight; running the same study again goes on
 * from there.
 */
final class Runner {
  /**
   * Tokens read at a time: enough for the matrix kernels to be at their best, few enough to lose.
   */
  static final int TOKENS_PER_PASS = 1024;

  private final Study study;
  private final Progress progress;

  Runner(Study study, Progress progress) {
    this.study = study;
    this.progress = progress;
  }

  /**
   * Scores every missing item. Units of one model and scheme stand together in the plan, so that it
   * is loaded once.
   */
  void run(List<Unit> units) {
    int begin = 0;
    while (begin < units.size()) {
      int end = begin;
      while (end < units.size()
          && units.get(end).model().equals(units.get(begin).model())
          && units.get(end).scheme().equals(units.get(begin).scheme())) {
        end++;
      }
      List<Unit> group =
          units.subList(begin, end).stream().filter(unit -> !unit.missing().isEmpty()).toList();
      if (!group.isEmpty()) {
        runGroup(group);
      }
      begin = end;
    }
  }

  private void runGroup(List<Unit> group) {
    Unit first = group.get(0);
    progress.at("loading " + first.model().name() + " as " + first.scheme().name());
    Session.Options options =
        new Session.Options(
            Optional.of(first.scheme().scheme()),
            study.backend(),
            study.threads(),
            study.fast(),
            study.onIndivisible());
    try (Session session = Session.load(first.model().source(), options)) {
      HeapWatch heap = new HeapWatch();
      for (Unit unit : group) {
        run(unit, session.model(), heap);
      }
    }
  }

  private void run(Unit unit, Model model, HeapWatch heap) {
    progress.at(unit.label());
    Answers answers =
        new Answers(
            new Scorer(model.decoder(), TOKENS_PER_PASS),
            new Generator(model.decoder(), unit.model().tokenizer(), unit.model().stops()));
    try (RecordFile file = RecordFile.open(unit.file())) {
      file.repair().ifPresent(progress::at);
      List<EncodedTask.Item> batch = new ArrayList<>();
      long tokens = 0;
      for (EncodedTask.Item item : unit.missing()) {
        batch.add(item);
        tokens += item.tokens();
        if (tokens >= TOKENS_PER_PASS) {
          score(unit, model, batch, answers, file);
          heap.check();
          progress.add(tokens);
          batch.clear();
          tokens = 0;
        }
      }
      score(unit, model, batch, answers, file);
      progress.add(tokens);
    }
  }

  private static void score(
      Unit unit, Model model, List<EncodedTask.Item> batch, Answers answers, RecordFile file) {
    List<List<Response>> responses = answers.to(batch);
    List<ItemRecord> records = new ArrayList<>();
    for (int i = 0; i < batch.size(); i++) {
      records.add(record(unit, model, batch.get(i), responses.get(i)));
    }
    file.append(records);
  }

  private static ItemRecord record(
      Unit unit, Model model, EncodedTask.Item encoded, List<Response> responses) {
    TaskItem item = encoded.item();
    ItemScore score = unit.task().task().score(item, responses);
    return new ItemRecord(
        ItemRecord.SCHEMA,
        Keys.of(unit.model(), unit.scheme(), model.backend(), unit.task().task(), encoded),
        unit.model().name(),
        unit.model().sha256(),
        model.footprint().parameters(),
        unit.scheme().name(),
        unit.scheme().scheme().canonicalJson(),
        model.backend().base().name(),
        model.footprint().weightBits(),
        model.footprint().modelBits(),
        model.execution().name().toLowerCase(Locale.ROOT),
        model.backend().name(),
        unit.task().task().name(),
        unit.task().task().definition().version(),
        unit.task().task().definition().type(),
        unit.task().task().protocol(),
        unit.task().task().dataSha256(),
        item.id(),
        item.cluster(),
        metrics(unit.task().task()),
        values(item, score),
        score.logLikelihoods(),
        score.prediction(),
        score.target());
  }

  /** Scores, then what tells items apart. */
  private static Map<String, Double> values(TaskItem item, ItemScore score) {
    Map<String, Double> values = new LinkedHashMap<>(score.values());
    item.traits().forEach(values::putIfAbsent);
    return values;
  }

  private static List<ItemRecord.Metric> metrics(Task task) {
    return task.metrics().stream()
        .map(metric ->
            new ItemRecord.Metric(
                metric.name(),
                ItemRecord.Aggregation.valueOf(metric.aggregation().name()),
                metric.higherIsBetter(),
                metric.chance()))
        .toList();
  }
}
