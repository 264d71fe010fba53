// SPDX-License-Identifier: Apache-2.0
/**
 * The back-end for machines without a GPU: Vector API kernels on all cores, entry type {@link
 * io.lowbit.backend.Backend}. Must not know models.
 */
package io.lowbit.backend.cpu;
