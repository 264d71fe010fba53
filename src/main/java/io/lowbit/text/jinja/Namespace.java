// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

/** The one value whose attributes a template may set. */
final class Namespace implements Attributed {
  private final Dict attributes;

  Namespace(Dict attributes) {
    this.attributes = attributes;
  }

  Dict attributes() {
    return attributes;
  }

  void set(String name, Object value) {
    attributes.put(name, value);
  }

  @Override
  public Object attribute(String name) {
    Dict.Entry entry = attributes.find(name);
    return entry == null ? ABSENT : entry.value();
  }
}
