// SPDX-License-Identifier: Apache-2.0
/**
 * Kernels and models held against references and clocks. {@link io.lowbit.bench.ConformanceSuite}
 * lists what {@code lowbit selftest} runs on a device and the tests run on an interpreter: every
 * kernel at ragged and extreme shapes against double precision. Must not know tasks or reports.
 */
package io.lowbit.bench;
