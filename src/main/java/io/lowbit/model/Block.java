// SPDX-License-Identifier: Apache-2.0
package io.lowbit.model;

import io.lowbit.backend.Linear;
import io.lowbit.backend.Norm;

/** Weights of one decoder block. */
record Block(
    Norm attentionNorm,
    Linear query,
    Linear key,
    Linear value,
    Linear attentionOutput,
    Norm mlpNorm,
    Linear gate,
    Linear up,
    Linear down) {}
