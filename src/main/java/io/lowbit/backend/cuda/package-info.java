// SPDX-License-Identifier: Apache-2.0
/**
 * The back-end for NVIDIA GPUs. Everything it asks of a CUDA driver goes through the small
 * interface {@link io.lowbit.backend.cuda.GpuDriver}, so that tests can plug in an interpreter of
 * PTX where there is no GPU. Must not know models.
 */
package io.lowbit.backend.cuda;
