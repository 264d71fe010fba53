// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import io.lowbit.text.jinja.TemplateException.Kind;
import java.util.List;
import java.util.Set;

/** What a dot or brackets find on a value: methods, attributes, items. */
final class Attributes {
  /** Methods that change their value; chat templates must not have them. */
  private static final Set<String> LIST_CHANGES =
      Set.of("append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort");

  private static final Set<String> DICT_CHANGES =
      Set.of("clear", "pop", "popitem", "setdefault", "update");

  private final boolean frozen;
  private final Evaluator evaluator;

  Attributes(boolean frozen, Evaluator evaluator) {
    this.frozen = frozen;
    this.evaluator = evaluator;
  }

  /** A method of one value. */
  private record Method(Builtin builtin, Object self) implements Callee {
    @Override
    public Object call(Evaluator evaluator, Arguments arguments) {
      return builtin.apply(evaluator, self, arguments);
    }

    @Override
    public String describe() {
      return "<built-in method " + builtin.name() + " of " + Types.name(self) + " object>";
    }
  }

  /** {@code owner.name}: a method or attribute, else the item of that key. */
  Object attribute(Object owner, String name) {
    Object own = ownOrAbsent(owner, name);
    if (own == Attributed.ABSENT) {
      own = owner instanceof Dict dict ? keyed(dict, name) : own;
    }
    return own == Attributed.ABSENT ? missing(owner, name) : own;
  }

  /** {@code owner[key]}: the item of that key, else the attribute of that name. */
  Object item(Object owner, Object key) {
    Object found = itemOrAbsent(owner, key);
    String name = Types.text(key);
    if (found == Attributed.ABSENT && name != null) {
      found = ownOrAbsent(owner, name);
    }
    return found == Attributed.ABSENT ? missing(owner, key) : found;
  }

  /** A method or attribute only. */
  Object own(Object owner, String name) {
    Object own = ownOrAbsent(owner, name);
    return own == Attributed.ABSENT ? missing(owner, name) : own;
  }

  private static Object keyed(Dict dict, Object key) {
    Dict.Entry entry = dict.find(key);
    return entry == null ? Attributed.ABSENT : entry.value();
  }

  private Object itemOrAbsent(Object owner, Object key) {
    if (owner instanceof Undefined undefined) {
      throw undefined.failure();
    }
    if (owner instanceof Dict dict) {
      boolean changeable = key instanceof List || key instanceof Dict;
      return changeable ? Attributed.ABSENT : keyed(dict, key);
    }
    if (!Numbers.isInteger(key) || !(Numbers.plain(key) instanceof Long index)) {
      return Attributed.ABSENT;
    }
    return switch (owner) {
      case String s -> character(s, index);
      case Markup m -> character(m.text(), index);
      case List<?> list -> at(list, index);
      case Tuple tuple -> at(tuple.items(), index);
      case Range range -> {
        long place = index < 0 ? index + range.size() : index;
        yield place < 0 || place >= range.size()
            ? Attributed.ABSENT
            : (Object) range.get((int) place);
      }
      case null, default -> Attributed.ABSENT;
    };
  }

  private static Object at(List<?> list, long index) {
    long place = index < 0 ? index + list.size() : index;
    return place < 0 || place >= list.size() ? Attributed.ABSENT : list.get((int) place);
  }

  private Object character(String text, long index) {
    evaluator.budget().work(text.length() / 16);
    int length = Text.length(text);
    long place = index < 0 ? index + length : index;
    if (place < 0 || place >= length) {
      return Attributed.ABSENT;
    }
    return Character.toString(text.codePointAt(Text.offset(text, (int) place)));
  }

  private Object ownOrAbsent(Object owner, String name) {
    if (owner instanceof Undefined undefined) {
      throw undefined.failure();
    }
    boolean internal = name.length() > 4 && name.startsWith("__") && name.endsWith("__");
    boolean isKey = owner instanceof Dict dict && dict.find(name) != null;
    if (internal && !isKey) {
      return unsafe(owner, name);
    }
    return switch (owner) {
      case String s -> method(TextMethods.find(name), owner);
      case Markup m -> method(TextMethods.find(name), owner);
      case List<?> list ->
          frozen && LIST_CHANGES.contains(name)
              ? unsafe(owner, name)
              : method(ContainerMethods.ofList(name), owner);
      case Dict dict ->
          frozen && DICT_CHANGES.contains(name)
              ? unsafe(owner, name)
              : method(ContainerMethods.ofDict(name), owner);
      case Tuple tuple -> {
        Builtin method = ContainerMethods.ofTuple(name);
        yield method == null ? tuple.attribute(name) : method(method, owner);
      }
      case Attributed attributed -> attributed.attribute(name);
      case null, default -> Attributed.ABSENT;
    };
  }

  private static Object method(Builtin builtin, Object owner) {
    return builtin == null ? Attributed.ABSENT : new Method(builtin, owner);
  }

  private Undefined unsafe(Object owner, String name) {
    return evaluator.undefined(
        "the attribute '"
            + name
            + "' of a "
            + Types.name(owner)
            + " is out of bounds for templates",
        Kind.SECURITY);
  }

  private Undefined missing(Object owner, Object key) {
    String text = Types.text(key);
    if (text != null) {
      return evaluator.undefined("'" + Types.owner(owner) + "' has no attribute '" + text + "'");
    }
    String shown =
        Numbers.isNumber(key)
            ? evaluator.printer().repr(key)
            : "for a key of type " + Types.name(key);
    return evaluator.undefined("'" + Types.owner(owner) + "' has no element " + shown);
  }
}
