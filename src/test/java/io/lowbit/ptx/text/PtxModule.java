// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx.text;

import java.util.List;
import java.util.Map;

/**
 * A PTX text.
 *
 * @param version {@code .version}, such as {@code 7.8}
 * @param target {@code .target}, such as {@code sm_80}
 * @param variables of the module
 * @param functions by name
 */
public record PtxModule(
    String version, String target, List<Variable> variables, Map<String, PtxFunction> functions) {}
