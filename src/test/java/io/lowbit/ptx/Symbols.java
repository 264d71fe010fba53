// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import io.lowbit.ptx.text.PtxFunction;
import io.lowbit.ptx.text.Space;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Where the variables of a function, and of what surrounds it, lie. */
final class Symbols {
  /** A place in a state space. */
  record Place(Space space, long address) {}

  private final Symbols outer;
  private final Map<String, Place> places = new HashMap<>();
  private final Map<String, PtxFunction> functions;

  Symbols(Symbols outer, Map<String, PtxFunction> functions) {
    this.outer = outer;
    this.functions = functions;
  }

  void put(String name, Space space, long address) {
    places.put(name, new Place(space, address));
  }

  Optional<Place> place(String name) {
    Place place = places.get(name);
    if (place == null && outer != null) {
      return outer.place(name);
    }
    return Optional.ofNullable(place);
  }

  Optional<PtxFunction> function(String name) {
    return Optional.ofNullable(functions.get(name));
  }
}
