// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend;

/**
 * Rotary position embedding of the first {@code 2 * inverseFrequencies.length} values of each head
 * (Su et al. 2021). The angle of pair i at position p is {@code p * inverseFrequencies[i]},
 * computed in fp32 as the reference implementations do; cosine and sine are multiplied by {@code
 * magnitude}.
 *
 * @param inverseFrequencies radians per position, one per rotated pair
 * @param interleaved pairs are (2i, 2i+1) instead of (i, i + n/2)
 * @param magnitude factor on cosine and sine, 1 unless a length-scaling rule says otherwise
 */
public record Rotary(float[] inverseFrequencies, boolean interleaved, float magnitude) {}
