// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

/**
 * The integers from start to before stop, in steps.
 *
 * @param size how many there are
 */
record Range(long start, long stop, long step, int size) {
  long get(int index) {
    return start + index * step;
  }
}
