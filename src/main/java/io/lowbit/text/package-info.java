// SPDX-License-Identifier: Apache-2.0
/**
 * Text and tokens: {@link io.lowbit.text.Tokenizer}, built from a {@link
 * io.lowbit.text.TokenizerSpec}; chat templates and the Jinja interpreter; {@link
 * io.lowbit.text.Request}, what is asked of a model. Must not know models or tasks.
 */
package io.lowbit.text;
