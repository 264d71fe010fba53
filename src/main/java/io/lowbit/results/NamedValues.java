// SPDX-License-Identifier: Apache-2.0
package io.lowbit.results;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/** A few numbers by name. Many records share the names, so that each only holds its numbers. */
final class NamedValues extends AbstractMap<String, Double> {
  private final String[] names;
  private final double[] values;

  /** Takes both arrays as they are; names are all different. */
  NamedValues(String[] names, double[] values) {
    this.names = names;
    this.values = values;
  }

  private int place(Object name) {
    for (int i = 0; i < names.length; i++) {
      if (names[i].equals(name)) {
        return i;
      }
    }
    return -1;
  }

  @Override
  public boolean containsKey(Object name) {
    return place(name) >= 0;
  }

  @Override
  public Double get(Object name) {
    int place = place(name);
    return place < 0 ? null : (Double) values[place];
  }

  @Override
  public Set<Map.Entry<String, Double>> entrySet() {
    return new AbstractSet<>() {
      @Override
      public Iterator<Map.Entry<String, Double>> iterator() {
        return IntStream.range(0, names.length)
            .mapToObj(i -> Map.entry(names[i], values[i]))
            .iterator();
      }

      @Override
      public int size() {
        return names.length;
      }
    };
  }
}
