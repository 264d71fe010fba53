// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import java.util.ArrayList;
import java.util.List;

/**
 * The way to a value inside a value, such as {@code address.city} or {@code tags.0}.
 *
 * @param steps keys, one after the other; none leads to the value itself
 * @param fallback what stands for an undefined value on the way; none for nothing
 */
record AttributePath(List<Object> steps, Object fallback, Attributes attributes) {
  /** The path that a filter's argument names; none leads to the value itself. */
  static AttributePath of(Object attribute, Invocation call) {
    List<Object> steps = new ArrayList<>();
    String text = Types.text(attribute);
    if (text != null) {
      for (String step : text.split("\\.", -1)) {
        boolean index = Letters.all(step, c -> c >= '0' && c <= '9');
        steps.add(index ? Numbers.literal(step) : step);
      }
    } else if (attribute != null) {
      steps.add(attribute);
    }
    return new AttributePath(steps, null, call.evaluator().attributes());
  }

  AttributePath orElse(Object value) {
    return new AttributePath(steps, value, attributes);
  }

  Object get(Object start) {
    Object value = start;
    for (Object step : steps) {
      value = attributes.item(value, step);
      if (fallback != null && value instanceof Undefined) {
        value = fallback;
      }
    }
    return value;
  }
}
