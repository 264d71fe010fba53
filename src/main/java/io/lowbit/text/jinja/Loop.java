// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import io.lowbit.text.jinja.TemplateException.Kind;
import java.util.List;

/** The variable {@code loop}: where a {@code for} is. */
final class Loop implements Attributed, Callee {
  /** Renders the body of a recursive loop for other items. */
  interface Recursion {
    Object render(Object items, int depth);
  }

  private final List<Object> items;
  private final int depth;
  private final Recursion recursion;
  private final Evaluator evaluator;
  private int index;
  private Object lastChanged = ABSENT;

  /**
   * Begins before the first item.
   *
   * @param depth how many recursive calls are around it
   * @param recursion null if the loop is not recursive
   */
  Loop(List<Object> items, int depth, Recursion recursion, Evaluator evaluator) {
    this.items = items;
    this.depth = depth;
    this.recursion = recursion;
    this.evaluator = evaluator;
  }

  void moveTo(int newIndex) {
    index = newIndex;
  }

  int length() {
    return items.size();
  }

  @Override
  public Object attribute(String name) {
    int size = items.size();
    return switch (name) {
      case "index" -> index + 1L;
      case "index0" -> (long) index;
      case "revindex" -> (long) size - index;
      case "revindex0" -> size - index - 1L;
      case "first" -> index == 0;
      case "last" -> index == size - 1;
      case "length" -> (long) size;
      case "depth" -> depth + 1L;
      case "depth0" -> (long) depth;
      case "previtem" ->
          index == 0 ? evaluator.undefined("there is no previous item") : items.get(index - 1);
      case "nextitem" ->
          index == size - 1 ? evaluator.undefined("there is no next item") : items.get(index + 1);
      case "cycle" -> new Method("cycle");
      case "changed" -> new Method("changed");
      default -> ABSENT;
    };
  }

  private final class Method implements Callee {
    private final String name;

    Method(String name) {
      this.name = name;
    }

    @Override
    public Object call(Evaluator ignored, Arguments arguments) {
      List<Object> values = arguments.positional();
      return name.equals("cycle") ? cycle(values) : changed(Tuple.of(values));
    }

    @Override
    public String describe() {
      return "<bound method LoopContext." + name + ">";
    }
  }

  private Object cycle(List<Object> values) {
    if (values.isEmpty()) {
      throw new TemplateException(Kind.TYPE, "'loop.cycle' needs something to cycle through");
    }
    return values.get(index % values.size());
  }

  private Object changed(Tuple values) {
    boolean same = lastChanged != ABSENT && evaluator.operators().equal(lastChanged, values);
    lastChanged = values;
    return !same;
  }

  @Override
  public Object call(Evaluator caller, Arguments arguments) {
    if (recursion == null) {
      throw new TemplateException(
          Kind.TYPE, "only a loop marked 'recursive' can be called from its body");
    }
    if (arguments.positional().size() != 1) {
      throw new TemplateException(Kind.TYPE, "'loop' is called with the items to loop over");
    }
    return recursion.render(arguments.positional().getFirst(), depth + 1);
  }

  @Override
  public String describe() {
    return "<LoopContext " + (index + 1) + "/" + items.size() + ">";
  }
}
