// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

/** Keys and values of {@link HeadLayout#PAGE} consecutive tokens in one layer. */
final class KvPage {
  private final PageSide keys;
  private final PageSide values;
  private volatile boolean shared;

  KvPage(PageSide keys, PageSide values) {
    this.keys = keys;
    this.values = values;
  }

  PageSide keys() {
    return keys;
  }

  PageSide values() {
    return values;
  }

  /** Forbids writing: from now on several caches read the page. */
  void share() {
    shared = true;
  }

  /** This page, or a copy where it must not be written. */
  KvPage writable() {
    return shared ? new KvPage(keys.copy(), values.copy()) : this;
  }

  long bytes() {
    return keys.bytes() + values.bytes();
  }
}
