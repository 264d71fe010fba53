// SPDX-License-Identifier: Apache-2.0
package io.lowbit.task;

import java.util.List;
import java.util.Map;

/**
 * The score of one item.
 *
 * @param values per-item value of each metric, and the raw counts perplexities are made of ({@code
 *     nll}, {@code tokens}, {@code words}, {@code bytes})
 * @param logLikelihoods one per request; empty for generations
 * @param prediction chosen option or extracted answer, as text
 * @param target right option or reference, as text
 */
public record ItemScore(
    Map<String, Double> values, List<Double> logLikelihoods, String prediction, String target) {}
