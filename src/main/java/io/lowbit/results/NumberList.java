// SPDX-License-Identifier: Apache-2.0
package io.lowbit.results;

import java.util.AbstractList;
import java.util.RandomAccess;

/** Numbers as a list that takes no object for each. */
final class NumberList extends AbstractList<Double> implements RandomAccess {
  private final double[] values;

  /** Takes the array as it is. */
  NumberList(double[] values) {
    this.values = values;
  }

  @Override
  public Double get(int index) {
    return values[index];
  }

  @Override
  public int size() {
    return values.length;
  }
}
