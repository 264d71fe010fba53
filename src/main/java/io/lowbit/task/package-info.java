// SPDX-License-Identifier: Apache-2.0
/**
 * Benchmarks as data: task files, prompts, few-shot draws, per-item metrics. Must not know models
 * or how a request is answered.
 */
package io.lowbit.task;
