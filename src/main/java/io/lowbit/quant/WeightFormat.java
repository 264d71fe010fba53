// SPDX-License-Identifier: Apache-2.0
package io.lowbit.quant;

/** The kind of numbers that weights become. */
public sealed interface WeightFormat permits IntegerGrid, NamedFormat {}
