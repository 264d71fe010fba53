// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import io.lowbit.text.jinja.Expression.Attribute;
import io.lowbit.text.jinja.Expression.Binary;
import io.lowbit.text.jinja.Expression.Call;
import io.lowbit.text.jinja.Expression.CallArguments;
import io.lowbit.text.jinja.Expression.Comparison;
import io.lowbit.text.jinja.Expression.Concat;
import io.lowbit.text.jinja.Expression.Conditional;
import io.lowbit.text.jinja.Expression.DictOf;
import io.lowbit.text.jinja.Expression.Filtered;
import io.lowbit.text.jinja.Expression.Item;
import io.lowbit.text.jinja.Expression.Link;
import io.lowbit.text.jinja.Expression.ListOf;
import io.lowbit.text.jinja.Expression.Literal;
import io.lowbit.text.jinja.Expression.Logic;
import io.lowbit.text.jinja.Expression.Name;
import io.lowbit.text.jinja.Expression.Named;
import io.lowbit.text.jinja.Expression.Not;
import io.lowbit.text.jinja.Expression.Pair;
import io.lowbit.text.jinja.Expression.Sign;
import io.lowbit.text.jinja.Expression.Slice;
import io.lowbit.text.jinja.Expression.Step;
import io.lowbit.text.jinja.Expression.Tested;
import io.lowbit.text.jinja.Expression.TupleOf;
import io.lowbit.text.jinja.Options.Dialect;
import io.lowbit.text.jinja.TemplateException.Kind;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One rendering of a template: works out expressions; statements are left to {@link Renderer}. */
final class Evaluator {
  private final Options options;
  private final Builtins builtins;
  private final Budget budget = new Budget();
  private final Operators operators = new Operators(budget);
  private final Printer printer = new Printer(budget);
  private final Attributes attributes;
  private final Renderer renderer = new Renderer(this);
  private boolean escaping;

  Evaluator(Options options) {
    this.options = options;
    this.builtins = Builtins.of(options.dialect());
    this.attributes = new Attributes(options.dialect() == Dialect.CHAT, this);
  }

  Budget budget() {
    return budget;
  }

  Operators operators() {
    return operators;
  }

  Printer printer() {
    return printer;
  }

  Attributes attributes() {
    return attributes;
  }

  Builtins builtins() {
    return builtins;
  }

  Renderer renderer() {
    return renderer;
  }

  LocalDateTime now() {
    return options.now().get();
  }

  /** Whether printed text is escaped for HTML. */
  boolean escaping() {
    return escaping;
  }

  void setEscaping(boolean escaping) {
    this.escaping = escaping;
  }

  Undefined undefined(String reason) {
    return undefined(reason, Kind.UNDEFINED);
  }

  Undefined undefined(String reason, Kind kind) {
    return new Undefined(reason, kind, options.strictUndefined());
  }

  /** The filter of that name, when it is reached. */
  Builtin filter(String name) {
    return builtins.filter(name).orElseThrow(() -> unknown("filter", name));
  }

  /** The test of that name, when it is reached. */
  Builtin test(String name) {
    return builtins.test(name).orElseThrow(() -> unknown("test", name));
  }

  private static TemplateException unknown(String what, String name) {
    return new TemplateException(Kind.RUNTIME, "no " + what + " named '" + name + "'");
  }

  /** The items of a value; each is paid for as it is taken. */
  Iterator<Object> iterate(Object value) {
    budget.items(value instanceof String s ? s.length() : 0);
    Iterator<Object> items = Types.iterate(value);
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return items.hasNext();
      }

      @Override
      public Object next() {
        budget.work(1);
        return items.next();
      }
    };
  }

  /** The items of a value as a new list. */
  List<Object> toList(Object value) {
    List<Object> out = new ArrayList<>();
    Iterator<Object> items = iterate(value);
    while (items.hasNext()) {
      budget.items(1);
      out.add(items.next());
    }
    return out;
  }

  /** The value of an expression; failures come out with the line they happened on. */
  Object evaluate(Expression expression, Scope scope) {
    budget.enter();
    try {
      return switch (expression) {
        case Literal literal -> literal.value();
        case Name name -> name(name.name(), scope);
        case Attribute attribute ->
            attributes.attribute(evaluate(attribute.target(), scope), attribute.name());
        case Item item ->
            attributes.item(evaluate(item.target(), scope), evaluate(item.key(), scope));
        case Slice slice -> slice(slice, scope);
        case Call call -> call(call, Map.of(), scope);
        case Filtered filtered ->
            apply(filtered.filter(), evaluate(filtered.input(), scope), scope);
        case Tested tested -> tested(tested, scope);
        case Comparison comparison -> comparison(comparison, scope);
        case Logic logic -> logic(logic, scope);
        case Not not -> !truth(not.operand(), scope);
        case Conditional conditional -> conditional(conditional, scope);
        case Concat concat -> concat(concat, scope);
        case Binary binary -> binary(binary, scope);
        case Sign sign -> operators.sign(sign.negative(), evaluate(sign.operand(), scope));
        case TupleOf tuple -> Tuple.of(all(tuple.items(), scope));
        case ListOf list -> all(list.items(), scope);
        case DictOf dict -> dict(dict, scope);
      };
    } catch (TemplateException e) {
      throw e.at(expression.line());
    } finally {
      budget.leave();
    }
  }

  boolean truth(Expression expression, Scope scope) {
    return Types.truth(evaluate(expression, scope));
  }

  Object name(String name, Scope scope) {
    Object value = scope.find(name);
    return value == Attributed.ABSENT ? undefined("'" + name + "' is undefined") : value;
  }

  private Object slice(Slice slice, Scope scope) {
    Object target = evaluate(slice.target(), scope);
    Object start = evaluate(slice.start(), scope);
    Object stop = evaluate(slice.stop(), scope);
    return Slices.slice(target, start, stop, evaluate(slice.step(), scope), budget);
  }

  /** Calls what an expression names; a call block hands itself over as an extra argument. */
  Object call(Call call, Map<String, Object> extra, Scope scope) {
    Object callee = evaluate(call.callee(), scope);
    Arguments arguments = arguments(call.arguments(), extra, scope);
    return switch (callee) {
      case Undefined undefined -> throw undefined.failure();
      case Callee function -> function.call(this, arguments);
      case null, default ->
          throw new TemplateException(
              Kind.TYPE, "a value of type " + Types.name(callee) + " cannot be called");
    };
  }

  private Arguments arguments(CallArguments given, Map<String, Object> extra, Scope scope) {
    List<Object> positional = all(given.positional(), scope);
    if (given.spread().isPresent()) {
      positional.addAll(toList(evaluate(given.spread().get(), scope)));
    }
    Map<String, Object> named = new LinkedHashMap<>();
    for (Named argument : given.named()) {
      named.put(argument.name(), evaluate(argument.value(), scope));
    }
    named.putAll(extra);
    if (given.namedSpread().isPresent()) {
      spread(evaluate(given.namedSpread().get(), scope), named);
    }
    return new Arguments(positional, named);
  }

  private void spread(Object value, Map<String, Object> named) {
    if (!(value instanceof Dict dict)) {
      throw new TemplateException(
          Kind.TYPE, "'**' in a call needs a mapping, not " + Types.name(value));
    }
    budget.items(dict.size());
    for (Dict.Entry entry : dict.entries()) {
      String name = Types.text(entry.key());
      if (name == null || named.containsKey(name)) {
        throw new TemplateException(
            Kind.TYPE, "'**' in a call gives an argument twice, or one without a name");
      }
      named.put(name, entry.value());
    }
  }

  /** Applies a filter by name. */
  Object apply(Step filter, Object value, Scope scope) {
    Builtin builtin = filter(filter.name());
    try {
      return builtin.apply(this, value, arguments(filter.arguments(), Map.of(), scope));
    } catch (TemplateException e) {
      throw e.at(filter.line());
    }
  }

  private Object tested(Tested tested, Scope scope) {
    Builtin test = test(tested.test().name());
    Object subject = evaluate(tested.subject(), scope);
    return test.apply(this, subject, arguments(tested.test().arguments(), Map.of(), scope));
  }

  private boolean comparison(Comparison comparison, Scope scope) {
    Object left = evaluate(comparison.first(), scope);
    for (Link link : comparison.links()) {
      Object right = evaluate(link.operand(), scope);
      if (!operators.compare(link.operator(), left, right)) {
        return false;
      }
      left = right;
    }
    return true;
  }

  private Object logic(Logic logic, Scope scope) {
    Object left = evaluate(logic.left(), scope);
    return Types.truth(left) == logic.and() ? evaluate(logic.right(), scope) : left;
  }

  private Object conditional(Conditional conditional, Scope scope) {
    if (truth(conditional.test(), scope)) {
      return evaluate(conditional.then(), scope);
    }
    Optional<Expression> otherwise = conditional.otherwise();
    return otherwise.isPresent()
        ? evaluate(otherwise.get(), scope)
        : new Undefined("an inline 'if' is false and has no 'else'", Kind.UNDEFINED, false);
  }

  private Object concat(Concat concat, Scope scope) {
    List<Object> parts = all(concat.parts(), scope);
    boolean marked = escaping && parts.stream().anyMatch(Markup.class::isInstance);
    StringBuilder out = new StringBuilder();
    for (Object part : parts) {
      String text = printer.str(part);
      budget.text(text.length());
      out.append(marked && !(part instanceof Markup) ? Text.escapeHtml(text) : text);
    }
    return marked ? new Markup(out.toString()) : out.toString();
  }

  private Object binary(Binary binary, Scope scope) {
    Object left = evaluate(binary.left(), scope);
    Object right = evaluate(binary.right(), scope);
    String format = binary.operator().equals("%") ? Types.text(left) : null;
    if (format == null) {
      return operators.arithmetic(binary.operator(), left, right);
    }
    Invocation call = new Invocation(this, "%", left, new Object[] {right}, Arguments.NONE);
    return call.like(PercentFormat.format(format, right, call));
  }

  private List<Object> all(List<Expression> expressions, Scope scope) {
    budget.items(expressions.size());
    List<Object> values = new ArrayList<>(expressions.size());
    for (Expression expression : expressions) {
      values.add(evaluate(expression, scope));
    }
    return values;
  }

  private Dict dict(DictOf literal, Scope scope) {
    budget.items(literal.pairs().size());
    Dict dict = new Dict();
    for (Pair pair : literal.pairs()) {
      dict.put(evaluate(pair.key(), scope), evaluate(pair.value(), scope));
    }
    return dict;
  }
}
