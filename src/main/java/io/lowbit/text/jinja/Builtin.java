// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import io.lowbit.text.jinja.TemplateException.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A filter, test, method or function of the language.
 *
 * @param name what templates call it
 * @param parameters names after the first value; empty with {@code open}
 * @param required how many of them must be given
 * @param open any arguments are taken, as they come
 * @param body what it does
 */
record Builtin(String name, List<String> parameters, int required, boolean open, Body body) {
  /** What a builtin does with the values of one call. */
  interface Body {
    Object apply(Invocation call);
  }

  /**
   * Declares a builtin in one line: its name, then its parameters; those with a question mark may
   * be left out. A star in place of the parameters takes any arguments.
   */
  static Builtin of(String declaration, Body body) {
    List<String> words = Arrays.asList(declaration.split(" "));
    List<String> parameters = new ArrayList<>();
    int required = 0;
    boolean open = words.size() == 2 && words.getLast().equals("*");
    for (String word : open ? List.<String>of() : words.subList(1, words.size())) {
      boolean optional = word.endsWith("?");
      parameters.add(optional ? word.substring(0, word.length() - 1) : word);
      required += optional ? 0 : 1;
    }
    return new Builtin(words.getFirst(), List.copyOf(parameters), required, open, body);
  }

  /** Calls it on a value; functions that belong to no value ignore it. */
  Object apply(Evaluator evaluator, Object self, Arguments arguments) {
    evaluator.budget().work(1 + Types.weight(self));
    Object[] values = open ? new Object[0] : bind(arguments);
    for (Object value : values) {
      evaluator.budget().work(Types.weight(value));
    }
    return body.apply(new Invocation(evaluator, name, self, values, arguments));
  }

  private Object[] bind(Arguments arguments) {
    Object[] values = new Object[parameters.size()];
    Arrays.fill(values, Attributed.ABSENT);
    int given = arguments.positional().size();
    if (given > values.length) {
      throw wrong("takes at most " + values.length + " arguments, " + given + " given");
    }
    for (int i = 0; i < given; i++) {
      values[i] = arguments.positional().get(i);
    }
    arguments
        .named()
        .forEach((argument, value) -> {
          int index = parameters.indexOf(argument);
          if (index < 0) {
            throw wrong("has no argument '" + argument + "'");
          }
          if (values[index] != Attributed.ABSENT) {
            throw wrong("is given '" + argument + "' twice");
          }
          values[index] = value;
        });
    for (int i = 0; i < required; i++) {
      if (values[i] == Attributed.ABSENT) {
        throw wrong("needs the argument '" + parameters.get(i) + "'");
      }
    }
    return values;
  }

  private TemplateException wrong(String why) {
    return new TemplateException(Kind.TYPE, "'" + name + "' " + why);
  }
}
