// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

/**
 * Text that needs no more HTML escapes; it counts as text everywhere.
 *
 * @param text the text itself
 */
record Markup(String text) {}
