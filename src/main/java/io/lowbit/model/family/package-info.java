// SPDX-License-Identifier: Apache-2.0
/**
 * One small file per model family: configuration, weight names and tokenizer data mapped onto an
 * architecture.
 */
package io.lowbit.model.family;
