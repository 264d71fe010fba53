// SPDX-License-Identifier: Apache-2.0
/** Requests into batches and batches into scores. Must not know tasks, records or studies. */
package io.lowbit.engine;
