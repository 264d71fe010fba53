// SPDX-License-Identifier: Apache-2.0
/**
 * Scored items on disk: {@link io.lowbit.results.Record}, its schema, its content key, and the
 * files they live in. Must not know how a record was made, so that a report needs nothing but
 * records.
 */
package io.lowbit.results;
