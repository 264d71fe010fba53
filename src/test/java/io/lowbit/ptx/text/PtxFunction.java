// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx.text;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A kernel or a device function.
 *
 * @param name its name
 * @param entry whether the host can launch it
 * @param defined whether the text has its body
 * @param results return parameters
 * @param parameters in order
 * @param registers all registers of all scopes; the position is the register's index
 * @param variables shared, local, constant and call-parameter variables declared inside
 * @param body instructions
 * @param tables branch tables of {@code brx.idx} by name: indexes of statements
 * @param maxThreads {@code .maxntid}, the product of its extents
 * @param requiredThreads {@code .reqntid}: x, y, z
 */
public record PtxFunction(
    String name,
    boolean entry,
    boolean defined,
    List<Variable> results,
    List<Variable> parameters,
    List<Register> registers,
    List<Variable> variables,
    List<Statement> body,
    Map<String, List<Integer>> tables,
    Optional<Integer> maxThreads,
    Optional<List<Integer>> requiredThreads) {}
