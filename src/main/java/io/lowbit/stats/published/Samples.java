// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats.published;

import io.lowbit.stats.Moments;
import io.lowbit.stats.SampleMean;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Values of models on tasks, and their mean over what may count as independent: the models, or the
 * tasks where there are fewer than {@link #FEWEST_MODELS} models. Every task has the same weight in
 * a model's mean, whatever its number of parts and schemes.
 */
record Samples(Map<Samples.Place, Double> values) {
  /** Below this many models, the tasks are the sample. */
  static final int FEWEST_MODELS = 3;

  /** A model on a task. */
  record Place(String model, String task) implements Comparable<Place> {
    @Override
    public int compareTo(Place other) {
      int byModel = model.compareTo(other.model);
      return byModel != 0 ? byModel : task.compareTo(other.task);
    }
  }

  /** The mean of a sample and what the sample is of. */
  record Estimate(SampleMean mean, String unit) {}

  static Samples of(Selection selection, Quantity quantity, Observations observations) {
    Map<Place, List<Double>> all = new TreeMap<>();
    for (Observation one : selection.of(observations.all())) {
      OptionalDouble value = quantity.of(one, observations.fullOf(one));
      if (value.isPresent()) {
        all.computeIfAbsent(new Place(one.model(), one.task()), _ -> new ArrayList<>())
            .add(value.getAsDouble());
      }
    }
    Map<Place, Double> means = new TreeMap<>();
    all.forEach((place, values) -> means.put(place, mean(values)));
    return new Samples(means);
  }

  boolean isEmpty() {
    return values.isEmpty();
  }

  Map<String, Double> byModel() {
    return by(Place::model);
  }

  Map<String, Double> byTask() {
    return by(Place::task);
  }

  private Map<String, Double> by(Function<Place, String> part) {
    Map<String, List<Double>> groups = new TreeMap<>();
    values.forEach((place, value) ->
        groups.computeIfAbsent(part.apply(place), _ -> new ArrayList<>()).add(value));
    Map<String, Double> means = new TreeMap<>();
    groups.forEach((name, group) -> means.put(name, mean(group)));
    return means;
  }

  /** Over models, or over tasks where there are few models. */
  Estimate estimate() {
    Map<String, Double> models = byModel();
    return models.size() >= FEWEST_MODELS
        ? estimate(models.values(), "models")
        : estimate(byTask().values(), "tasks");
  }

  static Estimate estimate(Collection<Double> sample, String unit) {
    return new Estimate(
        SampleMean.of(sample.stream().mapToDouble(Double::doubleValue).toArray()), unit);
  }

  private static double mean(List<Double> values) {
    return Moments.mean(values.stream().mapToDouble(Double::doubleValue).toArray());
  }
}
