// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import io.lowbit.text.jinja.Expression.Step;
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
import io.lowbit.text.jinja.Statement.Print;
import io.lowbit.text.jinja.Statement.Target;
import io.lowbit.text.jinja.Statement.With;
import io.lowbit.text.jinja.TemplateException.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Carries out statements. Bodies of loops, macros, {@code with}, {@code filter} and other blocks
 * have a scope of their own; those of {@code if} do not.
 */
final class Renderer {
  /** What follows a statement: the next one, or the end of the turn or of the loop. */
  private enum Flow {
    NEXT,
    CONTINUE,
    BREAK
  }

  private final Evaluator evaluator;
  private Scope top;

  Renderer(Evaluator evaluator) {
    this.evaluator = evaluator;
  }

  /** Renders a whole template. */
  String render(List<Statement> template, Scope context) {
    top = context.child();
    StringBuilder out = new StringBuilder();
    run(template, top, out);
    return out.toString();
  }

  /** What statements print, as a value. */
  Object capture(List<Statement> body, Scope scope) {
    StringBuilder out = new StringBuilder();
    run(body, scope, out);
    return marked(out.toString());
  }

  private Object marked(String text) {
    return evaluator.escaping() ? new Markup(text) : text;
  }

  private Flow run(List<Statement> statements, Scope scope, StringBuilder out) {
    for (Statement statement : statements) {
      Flow flow = run(statement, scope, out);
      if (flow != Flow.NEXT) {
        return flow;
      }
    }
    return Flow.NEXT;
  }

  private Flow run(Statement statement, Scope scope, StringBuilder out) {
    evaluator.budget().enter();
    try {
      switch (statement) {
        case Data data -> write(data.text(), out);
        case Print print -> print(evaluator.evaluate(print.value(), scope), out);
        case Assign set -> assign(set, scope);
        case AssignBlock block -> assignBlock(block, scope);
        case MacroDefinition macro ->
            scope.set(macro.name(), new Macro(Optional.of(macro.name()), macro.signature(), scope));
        case CallBlock block -> callBlock(block, scope, out);
        case FilterBlock block -> filterBlock(block, scope, out);
        case Block block -> block(block, scope, out);
        case Generation generation -> run(generation.body(), scope.child(), out);
        case OtherTemplate other -> throw alone(other);
        case If branches -> {
          return branch(branches, scope, out);
        }
        case For loop -> {
          return loop(loop, scope, out);
        }
        case With with -> {
          return with(with, scope, out);
        }
        case Autoescape autoescape -> {
          return autoescape(autoescape, scope, out);
        }
        case Jump jump -> {
          return jump.leaves() ? Flow.BREAK : Flow.CONTINUE;
        }
      }
      return Flow.NEXT;
    } catch (TemplateException e) {
      throw e.at(statement.line());
    } finally {
      evaluator.budget().leave();
    }
  }

  private void write(String text, StringBuilder out) {
    evaluator.budget().text(text.length());
    out.append(text);
  }

  private void print(Object value, StringBuilder out) {
    String text = evaluator.printer().str(value);
    boolean escape = evaluator.escaping() && !(value instanceof Markup);
    write(escape ? Text.escapeHtml(text) : text, out);
  }

  private Flow branch(If statement, Scope scope, StringBuilder out) {
    for (Branch branch : statement.branches()) {
      if (evaluator.truth(branch.test(), scope)) {
        return run(branch.body(), scope, out);
      }
    }
    return run(statement.otherwise(), scope, out);
  }

  private Flow loop(For loop, Scope scope, StringBuilder out) {
    Object iterable = evaluator.evaluate(loop.iterable(), scope);
    if (!loop.recursive()) {
      return turns(loop, iterable, 0, scope, out);
    }
    out.append(evaluator.printer().str(recursion(loop, scope).render(iterable, 0)));
    return Flow.NEXT;
  }

  private Loop.Recursion recursion(For loop, Scope scope) {
    return (items, depth) -> {
      StringBuilder inner = new StringBuilder();
      turns(loop, items, depth, scope, inner);
      return marked(inner.toString());
    };
  }

  private Flow turns(For loop, Object iterable, int depth, Scope scope, StringBuilder out) {
    List<Object> items = chosen(loop, evaluator.toList(iterable), scope);
    Loop.Recursion recursion = loop.recursive() ? recursion(loop, scope) : null;
    Loop state = new Loop(items, depth, recursion, evaluator);
    boolean completed = false;
    for (int i = 0; i < items.size(); i++) {
      evaluator.budget().work(1);
      state.moveTo(i);
      Scope turn = scope.child();
      turn.set("loop", state);
      store(loop.target(), items.get(i), turn);
      Flow flow = run(loop.body(), turn, out);
      if (flow == Flow.BREAK) {
        break;
      }
      completed |= flow == Flow.NEXT;
    }
    // Jinja2 runs 'else' also where no turn came to its end.
    return completed ? Flow.NEXT : run(loop.otherwise(), scope.child(), out);
  }

  private List<Object> chosen(For loop, List<Object> items, Scope scope) {
    if (loop.test().isEmpty()) {
      return items;
    }
    List<Object> chosen = new ArrayList<>();
    for (Object item : items) {
      Scope inner = scope.child();
      store(loop.target(), item, inner);
      if (evaluator.truth(loop.test().get(), inner)) {
        chosen.add(item);
      }
    }
    return chosen;
  }

  private void assign(Assign set, Scope scope) {
    requireNamespaces(set.target(), scope);
    store(set.target(), evaluator.evaluate(set.value(), scope), scope);
  }

  private void assignBlock(AssignBlock block, Scope scope) {
    Object value = filtered(block.filters(), block.body(), scope.child());
    boolean mark = evaluator.escaping() && Types.text(value) != null;
    requireNamespaces(block.target(), scope);
    store(block.target(), mark ? new Markup(Types.text(value)) : value, scope);
  }

  private void filterBlock(FilterBlock block, Scope scope, StringBuilder out) {
    Object value = filtered(block.filters(), block.body(), scope.child());
    if (Types.text(value) == null) {
      throw new TemplateException(
          Kind.TYPE, "a filter block must end in text, not " + Types.name(value));
    }
    print(value, out);
  }

  private Object filtered(List<Step> filters, List<Statement> body, Scope scope) {
    Object value = capture(body, scope);
    for (Step filter : filters) {
      value = evaluator.apply(filter, value, scope);
    }
    return value;
  }

  private void requireNamespaces(Target target, Scope scope) {
    switch (target) {
      case Target.Variable variable -> {}
      case Target.Several several ->
          several.targets().forEach(inner -> requireNamespaces(inner, scope));
      case Target.Member member -> namespace(member, scope);
    }
  }

  private Namespace namespace(Target.Member member, Scope scope) {
    Object owner = evaluator.name(member.namespace(), scope);
    if (owner instanceof Namespace namespace) {
      return namespace;
    }
    throw new TemplateException(
        Kind.RUNTIME,
        "'set' can give an attribute to a namespace only, and '"
            + member.namespace()
            + "' is of type "
            + Types.name(owner));
  }

  private void store(Target target, Object value, Scope scope) {
    switch (target) {
      case Target.Variable variable -> scope.set(variable.name(), value);
      case Target.Member member -> namespace(member, scope).set(member.attribute(), value);
      case Target.Several several -> {
        List<Object> values = evaluator.toList(value);
        List<Target> targets = several.targets();
        if (values.size() != targets.size()) {
          throw new TemplateException(
              Kind.VALUE,
              values.size() + " values cannot be unpacked into " + targets.size() + " variables");
        }
        for (int i = 0; i < values.size(); i++) {
          store(targets.get(i), values.get(i), scope);
        }
      }
    }
  }

  private void callBlock(CallBlock block, Scope scope, StringBuilder out) {
    Macro caller = new Macro(Optional.empty(), block.signature(), scope);
    print(evaluator.call(block.call(), Map.of("caller", caller), scope), out);
  }

  private Flow with(With with, Scope scope, StringBuilder out) {
    Scope inner = scope.child();
    for (Assign binding : with.bindings()) {
      store(binding.target(), evaluator.evaluate(binding.value(), scope), inner);
    }
    return run(with.body(), inner, out);
  }

  private Flow autoescape(Autoescape statement, Scope scope, StringBuilder out) {
    return escaping(
        evaluator.truth(statement.value(), scope), statement.body(), scope.child(), out);
  }

  private Flow escaping(boolean escape, List<Statement> body, Scope scope, StringBuilder out) {
    boolean outer = evaluator.escaping();
    evaluator.setEscaping(escape);
    Flow flow = run(body, scope, out);
    evaluator.setEscaping(outer);
    return flow;
  }

  private void block(Block block, Scope scope, StringBuilder out) {
    if (block.required()) {
      throw new TemplateException(
          Kind.RUNTIME, "a required block is filled by another template, and there is none");
    }
    // A block is a template of its own: 'autoescape' around it does not reach inside.
    escaping(false, block.body(), (block.scoped() ? scope : top).child(), out);
  }

  private static TemplateException alone(OtherTemplate other) {
    return new TemplateException(
        Kind.RUNTIME, "'" + other.tag() + "' needs a second template; templates here stand alone");
  }
}
