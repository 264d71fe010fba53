// SPDX-License-Identifier: Apache-2.0
/**
 * A small closed world that is told in generated English-like text: its facts, the genres that tell
 * them, and the benchmarks that ask about them. {@link io.lowbit.world.Corpus} writes text to train
 * on, {@link io.lowbit.world.HeldOutData} the data files of the {@code demo_*} tasks. Everything
 * follows from a seed, byte for byte. What is told in training and what is held out never meet: see
 * {@link io.lowbit.world.Side}. Must not know models or how a request is answered.
 */
package io.lowbit.world;
