// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import io.lowbit.text.jinja.Statement.Parameter;
import io.lowbit.text.jinja.Statement.Signature;
import io.lowbit.text.jinja.TemplateException.Kind;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A part of the template that can be called; it gives the text it renders.
 *
 * @param name empty for the body of a call block
 * @param closure the variables around its definition
 */
record Macro(Optional<String> name, Signature signature, Scope closure)
    implements Attributed, Callee {

  @Override
  public Object call(Evaluator evaluator, Arguments arguments) {
    List<Parameter> parameters = signature.parameters();
    List<Object> positional = arguments.positional();
    Map<String, Object> named = new LinkedHashMap<>(arguments.named());
    Scope scope = closure.child();
    int taken = Math.min(positional.size(), parameters.size());
    for (int i = 0; i < parameters.size(); i++) {
      Parameter parameter = parameters.get(i);
      boolean given = i < taken || named.containsKey(parameter.name());
      if (given) {
        Object value = i < taken ? positional.get(i) : named.remove(parameter.name());
        scope.set(parameter.name(), value);
      }
    }
    bindSpecial(scope, positional.subList(taken, positional.size()), named, evaluator);
    for (Parameter parameter : parameters) {
      if (!scope.holds(parameter.name())) {
        scope.set(parameter.name(), fallback(parameter, scope, evaluator));
      }
    }
    return evaluator.renderer().capture(signature.body(), scope);
  }

  private static Object fallback(Parameter parameter, Scope scope, Evaluator evaluator) {
    if (parameter.fallback().isPresent()) {
      return evaluator.evaluate(parameter.fallback().get(), scope);
    }
    return evaluator.undefined("parameter '" + parameter.name() + "' was not provided");
  }

  private void bindSpecial(
      Scope scope, List<Object> extra, Map<String, Object> named, Evaluator evaluator) {
    if (signature.special().contains("caller")) {
      Object caller = named.remove("caller");
      scope.set(
          "caller", caller == null ? evaluator.undefined("no caller is defined here") : caller);
    }
    if (signature.special().contains("kwargs")) {
      Dict rest = new Dict();
      named.forEach(rest::put);
      scope.set("kwargs", rest);
    } else if (!named.isEmpty()) {
      throw new TemplateException(
          Kind.TYPE, describe() + " has no argument '" + named.keySet().iterator().next() + "'");
    }
    if (signature.special().contains("varargs")) {
      scope.set("varargs", Tuple.of(extra));
    } else if (!extra.isEmpty()) {
      throw new TemplateException(
          Kind.TYPE,
          describe() + " takes not more than " + signature.parameters().size() + " arguments");
    }
  }

  @Override
  public Object attribute(String attribute) {
    return switch (attribute) {
      case "name" -> name.orElse(null);
      case "arguments" ->
          Tuple.of(signature.parameters().stream().map(p -> (Object) p.name()).toList());
      case "caller" -> signature.special().contains("caller");
      case "catch_kwargs" -> signature.special().contains("kwargs");
      case "catch_varargs" -> signature.special().contains("varargs");
      default -> ABSENT;
    };
  }

  @Override
  public String describe() {
    return "<Macro " + name.map(Text::quoted).orElse("anonymous") + ">";
  }
}
