// SPDX-License-Identifier: Apache-2.0
package io.lowbit.task;

import io.lowbit.text.Request;
import java.util.List;
import java.util.Map;

/**
 * One item of a task: what to ask, and what scoring needs to know.
 *
 * @param id zero-based position in the data file, among the pages, or among the windows
 * @param cluster items that are not independent share one
 * @param requests what to ask, in the order in which {@link Task#score} takes the answers
 * @param choices the bare choices, without delimiter; empty if there are none
 * @param gold index of the right choice; -1 if there are no choices
 * @param target right answer as text; empty for perplexities
 * @param words of the original text, for perplexities per word; 0 otherwise
 * @param bytes of the original text in UTF-8, for perplexities per byte; 0 otherwise
 * @param shots position in the few-shot pool of each example, in prompt order
 * @param traits numbers that tell items apart, such as their length, by name
 */
public record TaskItem(
    String id,
    String cluster,
    List<Request> requests,
    List<String> choices,
    int gold,
    String target,
    long words,
    long bytes,
    List<Integer> shots,
    Map<String, Double> traits) {

  /** An item of running text. */
  static TaskItem ofText(int index, Request request, long words, long bytes) {
    String id = Integer.toString(index);
    return new TaskItem(
        id, id, List.of(request), List.of(), -1, "", words, bytes, List.of(), Map.of());
  }
}
