// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Ids that come in pieces of any length. */
final class IdList {
  private final List<int[]> parts = new ArrayList<>();
  private int size;

  /** Adds the ids from {@code from} on; the array is kept if they are all of it. */
  void add(int[] ids, int from) {
    int[] part = from == 0 ? ids : Arrays.copyOfRange(ids, from, ids.length);
    parts.add(part);
    size = Math.addExact(size, part.length);
  }

  /** All ids in one array; the list is empty afterwards. */
  int[] drain() {
    int[] all = new int[size];
    int at = 0;
    for (int i = 0; i < parts.size(); i++) {
      int[] part = parts.set(i, new int[0]);
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    parts.clear();
    size = 0;
    return all;
  }
}
