// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import io.lowbit.ptx.text.Variable;
import java.util.List;
import java.util.Map;

/**
 * A kernel with the functions that it calls, ready to run.
 *
 * @param entry the kernel
 * @param programs the kernel and all functions, by number
 * @param ops all instructions of all programs, by index
 * @param parameters the kernel's parameters
 * @param parameterOffsets where each starts in the packed arguments
 * @param parameterBytes size of the packed arguments
 * @param sharedBytes static shared memory, and where dynamic shared memory starts
 * @param localBytes local memory of a lane
 * @param globalAtomics whether blocks may depend on each other
 */
record Image(
    Program entry,
    List<Program> programs,
    List<Op> ops,
    List<Variable> parameters,
    Map<String, Integer> parameterOffsets,
    int parameterBytes,
    int sharedBytes,
    int localBytes,
    boolean globalAtomics) {
  String name() {
    return entry.function().name();
  }
}
