// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import io.lowbit.text.jinja.Expression.Call;
import io.lowbit.text.jinja.Expression.Step;
import io.lowbit.text.jinja.Options.Dialect;
import io.lowbit.text.jinja.Statement.Assign;
import io.lowbit.text.jinja.Statement.AssignBlock;
import io.lowbit.text.jinja.Statement.Autoescape;
import io.lowbit.text.jinja.Statement.Block;
import io.lowbit.text.jinja.Statement.Branch;
import io.lowbit.text.jinja.Statement.CallBlock;
import io.lowbit.text.jinja.Statement.Data;
import io.lowbit.text.jinja.Statement.FilterBlock;
import io.lowbit.text.jinja.Statement.For;
import io.lowbit.text.jinja.Statement.Generation;
import io.lowbit.text.jinja.Statement.If;
import io.lowbit.text.jinja.Statement.Jump;
import io.lowbit.text.jinja.Statement.MacroDefinition;
import io.lowbit.text.jinja.Statement.OtherTemplate;
import io.lowbit.text.jinja.Statement.Parameter;
import io.lowbit.text.jinja.Statement.Print;
import io.lowbit.text.jinja.Statement.Signature;
import io.lowbit.text.jinja.Statement.Target;
import io.lowbit.text.jinja.Statement.With;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Text and tags, by recursive descent; expressions are left to {@link ExpressionParser}. */
final class StatementParser {
  private static final List<String> SPECIAL = List.of("caller", "kwargs", "varargs");
  private static final Set<String> CONSTANTS =
      Set.of("true", "false", "none", "True", "False", "None");

  private final Cursor cursor;
  private final ExpressionParser expressions;
  private final boolean chat;
  private final Set<String> blocks = new HashSet<>();
  private int loops;

  private StatementParser(Cursor cursor, Options options) {
    this.cursor = cursor;
    this.expressions = new ExpressionParser(cursor, Builtins.of(options.dialect()));
    this.chat = options.dialect() == Dialect.CHAT;
  }

  /** The statements of a whole template. */
  static List<Statement> parse(String source, Options options) {
    StatementParser parser =
        new StatementParser(new Cursor(Lexer.tokens(source, options)), options);
    List<Statement> statements = parser.statements(List.of());
    parser.expressions.condemn(0);
    return statements;
  }

  /** Statements up to a tag with one of these names, whose name is then the current token. */
  private List<Statement> statements(List<String> ends) {
    int opened = cursor.line();
    List<Statement> body = new ArrayList<>();
    while (!cursor.at(Token.Kind.END)) {
      Token token = cursor.next();
      switch (token.kind()) {
        case DATA -> body.add(new Data(token.line(), token.text()));
        case PRINT_BEGIN -> {
          body.add(new Print(token.line(), expressions.tuple(true, false)));
          cursor.expect(Token.Kind.PRINT_END);
        }
        default -> {
          if (cursor.at(Token.Kind.NAME) && ends.contains(cursor.current().text())) {
            return List.copyOf(body);
          }
          statement(body);
          cursor.expect(Token.Kind.BLOCK_END);
        }
      }
    }
    if (!ends.isEmpty()) {
      throw cursor.error(
          "the template ends without '"
              + ends.getLast()
              + "' for the tag opened on line "
              + opened);
    }
    return List.copyOf(body);
  }

  /** The rest of the tag, and statements up to a tag with one of these names. */
  private List<Statement> body(String... ends) {
    cursor.skipOperator(":");
    cursor.expect(Token.Kind.BLOCK_END);
    return statements(List.of(ends));
  }

  /** The same, past the name of the closing tag. */
  private List<Statement> closedBody(String end) {
    List<Statement> body = body(end);
    cursor.next();
    return body;
  }

  /** A body whose unknown filters are errors even inside an {@code if}. */
  private <T> T strictly(Supplier<T> parse) {
    int mark = expressions.unknownNames();
    T result = parse.get();
    expressions.condemn(mark);
    return result;
  }

  /** A body that {@code break} cannot leave. */
  private <T> T apart(Supplier<T> parse) {
    int outer = loops;
    loops = 0;
    T result = strictly(parse);
    loops = outer;
    return result;
  }

  private void statement(List<Statement> out) {
    if (!cursor.at(Token.Kind.NAME)) {
      throw cursor.unexpected("the name of a tag");
    }
    cursor.enter();
    Token tag = cursor.next();
    int line = tag.line();
    switch (tag.text()) {
      case "if" -> out.add(conditional(line));
      case "for" -> out.add(loop(line));
      case "set" -> out.add(assignment(line));
      case "macro" -> out.add(macro(line));
      case "call" -> out.add(callBlock(line));
      case "filter" -> out.add(filterBlock(line));
      case "with" -> out.add(with(line));
      case "block" -> out.add(block(line));
      case "print" -> printed(out);
      case "autoescape" -> {
        Expression value = expressions.expression();
        out.add(new Autoescape(line, value, strictly(() -> closedBody("endautoescape"))));
      }
      case "include", "import", "from", "extends" -> {
        while (!cursor.at(Token.Kind.BLOCK_END) && !cursor.at(Token.Kind.END)) {
          cursor.next();
        }
        out.add(new OtherTemplate(line, tag.text()));
      }
      default -> chatStatement(tag, out);
    }
    cursor.leave();
  }

  private void chatStatement(Token tag, List<Statement> out) {
    switch (chat ? tag.text() : "") {
      case "generation" ->
          out.add(new Generation(tag.line(), apart(() -> closedBody("endgeneration"))));
      case "break", "continue" -> {
        if (loops == 0) {
          throw cursor.error("'" + tag.text() + "' outside a loop");
        }
        out.add(new Jump(tag.line(), tag.text().equals("break")));
      }
      default -> throw cursor.error("unknown tag '" + tag.text() + "'");
    }
  }

  private void printed(List<Statement> out) {
    boolean first = true;
    while (!cursor.at(Token.Kind.BLOCK_END)) {
      if (!first) {
        cursor.expectOperator(",");
      }
      first = false;
      out.add(new Print(cursor.line(), expressions.expression()));
    }
  }

  private If conditional(int line) {
    int mark = expressions.unknownNames();
    List<Branch> branches = new ArrayList<>();
    List<Statement> otherwise = List.of();
    while (true) {
      Expression test = expressions.tuple(false, false);
      branches.add(new Branch(test, body("elif", "else", "endif")));
      Token end = cursor.next();
      if (end.isName("else")) {
        otherwise = closedBody("endif");
      }
      if (!end.isName("elif")) {
        expressions.forgive(mark);
        return new If(line, List.copyOf(branches), otherwise);
      }
    }
  }

  private For loop(int line) {
    Target target = target(false);
    cursor.expectName("in");
    Expression iterable = expressions.tuple(false, false);
    return strictly(() -> {
      Optional<Expression> test = Optional.empty();
      if (cursor.skipName("if")) {
        test = Optional.of(expressions.expression());
      }
      boolean recursive = cursor.skipName("recursive");
      loops++;
      List<Statement> body = body("else", "endfor");
      loops--;
      List<Statement> otherwise = cursor.next().isName("else") ? closedBody("endfor") : List.of();
      return new For(line, target, iterable, test, recursive, body, otherwise);
    });
  }

  private Statement assignment(int line) {
    Target target = target(true);
    if (cursor.skipOperator("=")) {
      return new Assign(line, target, expressions.tuple(true, false));
    }
    return strictly(() -> {
      List<Step> filters = new ArrayList<>();
      while (cursor.skipOperator("|")) {
        filters.add(expressions.filter());
      }
      return new AssignBlock(line, target, List.copyOf(filters), closedBody("endset"));
    });
  }

  private MacroDefinition macro(int line) {
    String name = variable(cursor.expect(Token.Kind.NAME));
    if (!cursor.atOperator("(")) {
      throw cursor.unexpected("'('");
    }
    return new MacroDefinition(line, name, signature("endmacro", parameters()));
  }

  private CallBlock callBlock(int line) {
    List<Parameter> parameters = cursor.atOperator("(") ? parameters() : List.of();
    if (!(expressions.expression() instanceof Call call)) {
      throw cursor.error("the tag 'call' needs a call, such as name(...)");
    }
    return new CallBlock(line, call, signature("endcall", parameters));
  }

  private List<Parameter> parameters() {
    cursor.expectOperator("(");
    List<Parameter> parameters = new ArrayList<>();
    while (!cursor.atOperator(")")) {
      if (!parameters.isEmpty()) {
        cursor.expectOperator(",");
      }
      String name = variable(cursor.expect(Token.Kind.NAME));
      Optional<Expression> fallback = Optional.empty();
      if (cursor.skipOperator("=")) {
        fallback = Optional.of(strictly(expressions::expression));
      } else if (!parameters.isEmpty() && parameters.getLast().fallback().isPresent()) {
        throw cursor.error("parameter '" + name + "' needs a default, as the one before it has");
      }
      if (parameters.stream().anyMatch(p -> p.name().equals(name))) {
        throw cursor.error("parameter '" + name + "' appears twice");
      }
      parameters.add(new Parameter(name, fallback));
    }
    cursor.next();
    return List.copyOf(parameters);
  }

  private Signature signature(String end, List<Parameter> parameters) {
    Set<String> outer = Set.copyOf(expressions.namesRead());
    expressions.namesRead().clear();
    List<Statement> body = apart(() -> closedBody(end));
    List<String> special =
        SPECIAL.stream()
            .filter(expressions.namesRead()::contains)
            .filter(s -> parameters.stream().noneMatch(p -> p.name().equals(s)))
            .toList();
    expressions.namesRead().addAll(outer);
    return new Signature(parameters, body, special);
  }

  private FilterBlock filterBlock(int line) {
    return strictly(() -> {
      List<Step> filters = new ArrayList<>();
      do {
        filters.add(expressions.filter());
      } while (cursor.skipOperator("|"));
      return new FilterBlock(line, List.copyOf(filters), closedBody("endfilter"));
    });
  }

  private With with(int line) {
    List<Assign> bindings = new ArrayList<>();
    while (!cursor.at(Token.Kind.BLOCK_END)) {
      if (!bindings.isEmpty()) {
        cursor.expectOperator(",");
      }
      Target target = target(false);
      cursor.expectOperator("=");
      bindings.add(new Assign(line, target, expressions.expression()));
    }
    return new With(line, List.copyOf(bindings), strictly(() -> closedBody("endwith")));
  }

  private Block block(int line) {
    String name = cursor.expect(Token.Kind.NAME).text();
    if (!blocks.add(name)) {
      throw cursor.error("block '" + name + "' is defined twice");
    }
    boolean scoped = cursor.skipName("scoped");
    boolean required = cursor.skipName("required");
    List<Statement> body = apart(() -> closedBody("endblock"));
    cursor.skipName(name);
    return new Block(line, scoped, required, body);
  }

  /** Names parted by commas, brackets for nesting; members of namespaces where those may stand. */
  private Target target(boolean members) {
    List<Target> targets = new ArrayList<>();
    boolean several = false;
    while (!expressions.atTupleEnd()) {
      targets.add(singleTarget(members));
      if (!cursor.skipOperator(",")) {
        break;
      }
      several = true;
    }
    if (targets.isEmpty()) {
      throw cursor.unexpected("a name to assign to");
    }
    return several ? new Target.Several(List.copyOf(targets)) : targets.getFirst();
  }

  private Target singleTarget(boolean members) {
    if (cursor.skipOperator("(")) {
      cursor.enter();
      Target inner = cursor.atOperator(")") ? new Target.Several(List.of()) : target(false);
      cursor.leave();
      cursor.expectOperator(")");
      return inner;
    }
    Token name = cursor.expect(Token.Kind.NAME);
    if (members && cursor.skipOperator(".")) {
      return new Target.Member(name.text(), cursor.expect(Token.Kind.NAME).text());
    }
    return new Target.Variable(variable(name));
  }

  private String variable(Token name) {
    if (CONSTANTS.contains(name.text())) {
      throw cursor.error("cannot assign to '" + name.text() + "'");
    }
    return name.text();
  }
}
