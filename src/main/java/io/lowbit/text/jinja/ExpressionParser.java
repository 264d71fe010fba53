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
import io.lowbit.text.jinja.TemplateException.Kind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Expressions, by recursive descent. From loose to tight: conditional, {@code or}, {@code and},
 * {@code not}, comparisons, {@code + -}, {@code ~}, {@code * / // %}, {@code **}, sign, then
 * attributes, calls, filters and tests.
 */
final class ExpressionParser {
  private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");
  private static final Set<String> LITERAL_OPENERS = Set.of("(", "[", "{");

  private final Cursor cursor;
  private final Builtins builtins;
  private final List<TemplateException> unknown = new ArrayList<>();
  private final Set<String> namesRead = new HashSet<>();

  ExpressionParser(Cursor cursor, Builtins builtins) {
    this.cursor = cursor;
    this.builtins = builtins;
  }

  /** Variables read so far; a macro looks here for the special ones. */
  Set<String> namesRead() {
    return namesRead;
  }

  /** How many unknown filters and tests are waiting for {@link #forgive} or {@link #condemn}. */
  int unknownNames() {
    return unknown.size();
  }

  /** Unknown names since a mark stand in a condition: they fail only if they are reached. */
  void forgive(int mark) {
    unknown.subList(mark, unknown.size()).clear();
  }

  /** Unknown names since a mark are an error now. */
  void condemn(int mark) {
    if (unknown.size() > mark) {
      throw unknown.get(mark);
    }
  }

  /** One expression; a conditional only where one may stand. */
  Expression expression(boolean conditional) {
    cursor.enter();
    try {
      return conditional ? conditional() : or();
    } finally {
      cursor.leave();
    }
  }

  Expression expression() {
    return expression(true);
  }

  /** One expression, or several parted by commas, which make a tuple. */
  Expression tuple(boolean conditional, boolean mayBeEmpty) {
    int line = cursor.line();
    List<Expression> items = new ArrayList<>();
    boolean several = false;
    while (!atTupleEnd()) {
      items.add(expression(conditional));
      if (!cursor.skipOperator(",")) {
        break;
      }
      several = true;
    }
    if (items.size() == 1 && !several) {
      return items.getFirst();
    }
    if (items.isEmpty() && !mayBeEmpty) {
      throw cursor.unexpected("an expression");
    }
    return new TupleOf(line, List.copyOf(items));
  }

  boolean atTupleEnd() {
    return cursor.at(Token.Kind.PRINT_END)
        || cursor.at(Token.Kind.BLOCK_END)
        || cursor.atOperator(")");
  }

  private Expression conditional() {
    int line = cursor.line();
    int mark = unknown.size();
    Expression value = or();
    while (cursor.skipName("if")) {
      Expression test = or();
      Optional<Expression> otherwise = Optional.empty();
      if (cursor.skipName("else")) {
        otherwise = Optional.of(expression());
      }
      forgive(mark);
      value = new Conditional(line, test, value, otherwise);
    }
    return value;
  }

  private Expression or() {
    Expression left = and();
    while (cursor.atName("or")) {
      left = new Logic(cursor.next().line(), false, left, and());
    }
    return left;
  }

  private Expression and() {
    Expression left = not();
    while (cursor.atName("and")) {
      left = new Logic(cursor.next().line(), true, left, not());
    }
    return left;
  }

  private Expression not() {
    if (!cursor.atName("not")) {
      return comparison();
    }
    cursor.enter();
    Expression result = new Not(cursor.next().line(), not());
    cursor.leave();
    return result;
  }

  private Expression comparison() {
    int line = cursor.line();
    Expression first = sum();
    List<Link> links = new ArrayList<>();
    while (true) {
      Token token = cursor.current();
      if (token.kind() == Token.Kind.OPERATOR && COMPARISONS.contains(token.text())) {
        cursor.next();
        links.add(new Link(token.text(), sum()));
      } else if (cursor.skipName("in")) {
        links.add(new Link("in", sum()));
      } else if (token.isName("not") && cursor.look().isName("in")) {
        cursor.next();
        cursor.next();
        links.add(new Link("not in", sum()));
      } else {
        return links.isEmpty() ? first : new Comparison(line, first, List.copyOf(links));
      }
    }
  }

  private Expression sum() {
    Expression left = concat();
    while (cursor.atOperator("+") || cursor.atOperator("-")) {
      Token operator = cursor.next();
      left = new Binary(operator.line(), operator.text(), left, concat());
    }
    return left;
  }

  private Expression concat() {
    int line = cursor.line();
    Expression first = product();
    if (!cursor.atOperator("~")) {
      return first;
    }
    List<Expression> parts = new ArrayList<>(List.of(first));
    while (cursor.skipOperator("~")) {
      parts.add(product());
    }
    return new Concat(line, List.copyOf(parts));
  }

  private Expression product() {
    Expression left = power();
    while (cursor.atOperator("*")
        || cursor.atOperator("/")
        || cursor.atOperator("//")
        || cursor.atOperator("%")) {
      Token operator = cursor.next();
      left = new Binary(operator.line(), operator.text(), left, power());
    }
    return left;
  }

  private Expression power() {
    Expression left = signed(true);
    while (cursor.atOperator("**")) {
      left = new Binary(cursor.next().line(), "**", left, signed(true));
    }
    return left;
  }

  private Expression signed(boolean withFilters) {
    Expression node;
    if (cursor.atOperator("-") || cursor.atOperator("+")) {
      cursor.enter();
      Token sign = cursor.next();
      node = new Sign(sign.line(), sign.text().equals("-"), signed(false));
      cursor.leave();
    } else {
      node = primary();
    }
    node = postfix(node);
    return withFilters ? filters(node) : node;
  }

  /** A name, a literal or something in brackets. */
  Expression primary() {
    Token token = cursor.current();
    return switch (token.kind()) {
      case NAME -> {
        cursor.next();
        yield name(token);
      }
      case STRING -> {
        StringBuilder text = new StringBuilder();
        while (cursor.at(Token.Kind.STRING)) {
          text.append(cursor.next().text());
        }
        yield new Literal(token.line(), text.toString());
      }
      case INTEGER, FLOAT -> new Literal(token.line(), number(cursor.next()));
      case OPERATOR -> bracketed(token);
      default -> throw cursor.unexpected("an expression");
    };
  }

  private Expression name(Token token) {
    return switch (token.text()) {
      case "true", "True" -> new Literal(token.line(), true);
      case "false", "False" -> new Literal(token.line(), false);
      case "none", "None" -> new Literal(token.line(), null);
      default -> {
        namesRead.add(token.text());
        yield new Name(token.line(), token.text());
      }
    };
  }

  private static Object number(Token token) {
    try {
      return token.kind() == Token.Kind.FLOAT
          ? (Object) Double.valueOf(token.text())
          : Numbers.literal(token.text());
    } catch (TemplateException e) {
      throw e.at(token.line());
    }
  }

  private Expression bracketed(Token token) {
    return switch (token.text()) {
      case "(" -> {
        cursor.next();
        Expression inside = tuple(true, true);
        cursor.expectOperator(")");
        yield inside;
      }
      case "[" -> {
        cursor.next();
        List<Expression> items = new ArrayList<>();
        while (!cursor.atOperator("]")) {
          items.add(expression());
          if (!cursor.skipOperator(",")) {
            break;
          }
        }
        cursor.expectOperator("]");
        yield new ListOf(token.line(), List.copyOf(items));
      }
      case "{" -> dict(cursor.next().line());
      default -> throw cursor.unexpected("an expression");
    };
  }

  private Expression dict(int line) {
    List<Pair> pairs = new ArrayList<>();
    while (!cursor.atOperator("}")) {
      Expression key = expression();
      cursor.expectOperator(":");
      pairs.add(new Pair(key, expression()));
      if (!cursor.skipOperator(",")) {
        break;
      }
    }
    cursor.expectOperator("}");
    return new DictOf(line, List.copyOf(pairs));
  }

  private Expression postfix(Expression start) {
    Expression node = start;
    while (true) {
      if (cursor.atOperator(".")) {
        node = attribute(node);
      } else if (cursor.atOperator("[")) {
        node = subscript(node);
      } else if (cursor.atOperator("(")) {
        node = new Call(cursor.line(), node, arguments());
      } else {
        return node;
      }
    }
  }

  private Expression attribute(Expression target) {
    int line = cursor.next().line();
    Token name = cursor.next();
    return switch (name.kind()) {
      case NAME -> new Attribute(line, target, name.text());
      case INTEGER -> new Item(line, target, new Literal(name.line(), number(name)));
      default -> throw cursor.error("expected a name or number after '.'");
    };
  }

  private Expression subscript(Expression target) {
    int line = cursor.next().line();
    List<Expression> keys = new ArrayList<>();
    while (!cursor.atOperator("]")) {
      Expression start = cursor.atOperator(":") ? absent() : expression();
      if (cursor.atOperator(":")) {
        Slice slice = slice(line, target, start);
        if (!keys.isEmpty() || !cursor.skipOperator("]")) {
          throw cursor.error("a slice stands alone in its brackets");
        }
        return slice;
      }
      keys.add(start);
      if (!cursor.atOperator("]")) {
        cursor.expectOperator(",");
      }
    }
    cursor.next();
    return new Item(
        line, target, keys.size() == 1 ? keys.getFirst() : new TupleOf(line, List.copyOf(keys)));
  }

  private Slice slice(int line, Expression target, Expression start) {
    cursor.next();
    Expression stop = atSliceEnd() || cursor.atOperator(":") ? absent() : expression();
    Expression step = absent();
    if (cursor.skipOperator(":") && !atSliceEnd()) {
      step = expression();
    }
    return new Slice(line, target, start, stop, step);
  }

  private boolean atSliceEnd() {
    return cursor.atOperator("]") || cursor.atOperator(",");
  }

  private Expression absent() {
    return new Literal(cursor.line(), null);
  }

  private Expression filters(Expression start) {
    Expression node = start;
    while (true) {
      if (cursor.skipOperator("|")) {
        Step step = filter();
        node = new Filtered(step.line(), node, step);
      } else if (cursor.atName("is")) {
        node = test(node);
      } else if (cursor.atOperator("(")) {
        node = new Call(cursor.line(), node, arguments());
      } else {
        return node;
      }
    }
  }

  /** A filter's name and arguments; the bar before it has been read. */
  Step filter() {
    Token token = cursor.current();
    String name = dottedName();
    if (builtins.filter(name).isEmpty()) {
      unknown.add(
          new TemplateException(Kind.SYNTAX, "no filter named '" + name + "'", token.line(), null));
    }
    return new Step(token.line(), name, cursor.atOperator("(") ? arguments() : CallArguments.NONE);
  }

  private Expression test(Expression subject) {
    int line = cursor.next().line();
    boolean negated = cursor.skipName("not");
    String name = dottedName();
    if (builtins.test(name).isEmpty()) {
      unknown.add(new TemplateException(Kind.SYNTAX, "no test named '" + name + "'", line, null));
    }
    CallArguments arguments = CallArguments.NONE;
    if (cursor.atOperator("(")) {
      arguments = arguments();
    } else if (atTestArgument()) {
      if (cursor.atName("is")) {
        throw cursor.error("tests cannot be chained with 'is'");
      }
      List<Expression> argument = List.of(postfix(primary()));
      arguments = new CallArguments(argument, List.of(), Optional.empty(), Optional.empty());
    }
    Expression tested = new Tested(line, subject, new Step(line, name, arguments));
    return negated ? new Not(line, tested) : tested;
  }

  private boolean atTestArgument() {
    Token token = cursor.current();
    return switch (token.kind()) {
      case NAME -> !token.isName("else") && !token.isName("or") && !token.isName("and");
      case STRING, INTEGER, FLOAT -> true;
      case OPERATOR -> LITERAL_OPENERS.contains(token.text());
      default -> false;
    };
  }

  private String dottedName() {
    StringBuilder name = new StringBuilder(cursor.expect(Token.Kind.NAME).text());
    while (cursor.skipOperator(".")) {
      name.append('.').append(cursor.expect(Token.Kind.NAME).text());
    }
    return name.toString();
  }

  private CallArguments arguments() {
    cursor.expectOperator("(");
    List<Expression> positional = new ArrayList<>();
    List<Named> named = new ArrayList<>();
    Optional<Expression> spread = Optional.empty();
    Optional<Expression> namedSpread = Optional.empty();
    while (!cursor.atOperator(")")) {
      boolean keyword = cursor.at(Token.Kind.NAME) && cursor.look().isOperator("=");
      boolean inOrder =
          namedSpread.isEmpty() && (keyword || cursor.atOperator("**") || spread.isEmpty());
      if (cursor.skipOperator("*")) {
        spread = Optional.of(expression());
      } else if (cursor.skipOperator("**")) {
        namedSpread = Optional.of(expression());
      } else if (keyword) {
        named.add(namedArgument(named));
      } else {
        inOrder &= named.isEmpty();
        positional.add(expression());
      }
      if (!inOrder) {
        throw cursor.error("arguments of a call out of order: positional ones come first");
      }
      if (!cursor.skipOperator(",")) {
        break;
      }
    }
    cursor.expectOperator(")");
    return new CallArguments(List.copyOf(positional), List.copyOf(named), spread, namedSpread);
  }

  private Named namedArgument(List<Named> before) {
    String name = cursor.next().text();
    if (before.stream().anyMatch(n -> n.name().equals(name))) {
      throw cursor.error("argument '" + name + "' is given twice");
    }
    cursor.next();
    return new Named(name, expression());
  }
}
