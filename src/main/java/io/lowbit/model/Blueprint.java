// SPDX-License-Identifier: Apache-2.0
package io.lowbit.model;

/**
 * A family's reading of a checkpoint: what to build and where the weights are.
 *
 * @param architecture the decoder
 * @param names where its weights are
 */
public record Blueprint(Architecture architecture, WeightNames names) {}
