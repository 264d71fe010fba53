// SPDX-License-Identifier: Apache-2.0
/**
 * Clocks on kernels and on whole models. {@link io.lowbit.bench.speed.Tables} says what is timed,
 * {@link io.lowbit.bench.speed.KernelBench} times it on a device, {@link
 * io.lowbit.bench.speed.ModelBench} runs models on any back-end.
 */
package io.lowbit.bench.speed;
