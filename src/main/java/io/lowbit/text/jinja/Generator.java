// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import java.util.Iterator;

/**
 * Items that are worked out when they are asked for, once.
 *
 * @param origin what made it, for display
 */
record Generator(String origin, Iterator<Object> items) {}
