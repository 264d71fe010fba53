// SPDX-License-Identifier: Apache-2.0
/**
 * The small Jinja interpreter behind chat templates and task prompts; entry type {@link
 * io.lowbit.text.jinja.Template}. Must not know what a template is for.
 */
package io.lowbit.text.jinja;
