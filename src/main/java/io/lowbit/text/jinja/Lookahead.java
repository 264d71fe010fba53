// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import java.util.Iterator;
import java.util.NoSuchElementException;

/** An iterator that finds each item before it is asked for it. */
abstract class Lookahead implements Iterator<Object> {
  private boolean ready;
  private boolean done;
  private Object item;

  /** Looks for the next item; hands it to {@link #found} and returns true, or returns false. */
  abstract boolean advance();

  void found(Object next) {
    item = next;
  }

  /** What was found last. */
  Object last() {
    return item;
  }

  @Override
  public boolean hasNext() {
    if (!ready && !done) {
      ready = advance();
      done = !ready;
    }
    return ready;
  }

  @Override
  public Object next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    ready = false;
    return item;
  }
}
