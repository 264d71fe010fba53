// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

/**
 * What a compiled kernel needs.
 *
 * @param registers 32-bit registers of a thread
 * @param sharedBytes static shared memory of a block
 * @param localBytes local memory of a thread; more than zero means spills or indexed local arrays
 * @param constantBytes constant memory of the module's user
 * @param maxThreadsPerBlock most threads of a block that registers and launch bounds allow
 */
public record FunctionAttributes(
    int registers, int sharedBytes, int localBytes, int constantBytes, int maxThreadsPerBlock) {}
