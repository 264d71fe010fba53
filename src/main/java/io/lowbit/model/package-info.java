// SPDX-License-Identifier: Apache-2.0
/**
 * Decoders: {@link io.lowbit.model.Model} is the entry type; {@link io.lowbit.model.Architecture}
 * says as data what a family needs and {@link io.lowbit.model.Decoder} runs it. Must not know tasks
 * or text requests.
 */
package io.lowbit.model;
