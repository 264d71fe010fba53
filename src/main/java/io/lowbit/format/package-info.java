// SPDX-License-Identifier: Apache-2.0
/**
 * Checkpoints on disk: {@link io.lowbit.format.Checkpoint} and its readers and writers. Every
 * reader treats its file as hostile: clear refusal, bounded memory, no code run. Must not know what
 * a model does with the tensors.
 */
package io.lowbit.format;
