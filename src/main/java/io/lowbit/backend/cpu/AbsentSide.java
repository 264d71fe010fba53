// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

/** What a page holds of keys or values that nobody reads in the page's form: nothing. */
record AbsentSide() implements PageSide {
  @Override
  public void read(int head, float[] into, Scratch scratch) {
    throw new IllegalStateException("these keys or values are not kept in this form");
  }

  @Override
  public void copyFrom(PageSide other) {}

  @Override
  public void clear() {}

  @Override
  public long bytes() {
    return 0;
  }
}
