// SPDX-License-Identifier: Apache-2.0
/**
 * What the papers found, as data, and one class per kind of test that decides whether it holds: on
 * their own figures or on records. Must not know how an outcome is printed.
 */
package io.lowbit.stats.published;
