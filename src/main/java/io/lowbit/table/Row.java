// SPDX-License-Identifier: Apache-2.0
package io.lowbit.table;

import java.util.Map;

/**
 * One record of a data file.
 *
 * @param origin where it stands, for messages: {@code validation.jsonl line 17}
 * @param values columns in file order; values are String, Long, Double, Boolean, null, List and Map
 */
public record Row(String origin, Map<String, Object> values) {}
