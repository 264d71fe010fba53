// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

/**
 * Device memory at one moment.
 *
 * @param freeBytes what can still be allocated, by all processes together
 * @param totalBytes size of the memory
 */
public record MemoryState(long freeBytes, long totalBytes) {}
