// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench.speed;

/**
 * What the clock said.
 *
 * @param microseconds of one call: the median over replays of a graph's time by its calls
 * @param calls in the graph
 * @param replays whose median it is
 */
record Timing(double microseconds, int calls, int replays) {}
