// SPDX-License-Identifier: Apache-2.0
/**
 * What a machine must be able to do to run a decoder: {@link io.lowbit.backend.Backend}, its
 * buffers and its short list of fused operations. Must not know models, files or tasks.
 */
package io.lowbit.backend;
