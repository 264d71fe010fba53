// SPDX-License-Identifier: Apache-2.0
/**
 * Rows out of files: JSONL, JSON, CSV and parquet, and SQL over them. Must not know what a row
 * means.
 */
package io.lowbit.table;
