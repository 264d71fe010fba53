// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx.text;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads the body of a function: nested scopes of declarations, labels and instructions. */
final class BodyParser {
  /** Names of one pair of braces. */
  private static final class Scope {
    final Scope outer;
    final Map<String, Register> registers = new HashMap<>();
    final Map<String, Integer> labels = new HashMap<>();

    Scope(Scope outer) {
      this.outer = outer;
    }
  }

  private record Unresolved(int statement, Scope scope) {}

  private final TokenReader tokens;
  private final List<Register> registers = new ArrayList<>();
  private final List<Variable> variables = new ArrayList<>();
  private final List<Statement> statements = new ArrayList<>();
  private final List<Unresolved> branches = new ArrayList<>();
  private final Map<String, List<Token>> tableLabels = new LinkedHashMap<>();
  private final Map<String, List<Integer>> tables = new LinkedHashMap<>();
  private final Deque<Scope> open = new ArrayDeque<>();
  private Scope outermost;

  BodyParser(TokenReader tokens) {
    this.tokens = tokens;
  }

  List<Register> registers() {
    return List.copyOf(registers);
  }

  List<Variable> variables() {
    return List.copyOf(variables);
  }

  List<Statement> statements() {
    return List.copyOf(statements);
  }

  Map<String, List<Integer>> tables() {
    return Map.copyOf(tables);
  }

  /** Reads from the opening to the closing brace of the function. */
  void parse() {
    tokens.expect("{");
    outermost = new Scope(null);
    open.push(outermost);
    while (!open.isEmpty()) {
      item();
    }
    branches.forEach(this::resolve);
    tableLabels.forEach((name, labels) ->
        tables.put(name, labels.stream().map(label -> find(label, outermost)).toList()));
  }

  private void item() {
    Token token = tokens.peek();
    if (tokens.take("{")) {
      open.push(new Scope(open.peek()));
    } else if (tokens.take("}")) {
      open.pop();
    } else if (token.text().startsWith(".")) {
      directive(tokens.word());
    } else if (tokens.peek(1).is(":")) {
      label(tokens.word());
    } else {
      instruction();
    }
  }

  private void label(Token name) {
    tokens.expect(":");
    if (tokens.take(".branchtargets")) {
      List<Token> labels = new ArrayList<>();
      do {
        labels.add(tokens.word());
      } while (tokens.take(","));
      tokens.expect(";");
      tableLabels.put(name.text(), labels);
      return;
    }
    if (open.element().labels.put(name.text(), statements.size()) != null) {
      throw new PtxSyntaxException(name.line(), "label %s stands twice".formatted(name.text()));
    }
  }

  private void directive(Token word) {
    switch (word.text()) {
      case ".reg" -> declareRegisters();
      case ".pragma" -> tokens.skipPast(";");
      default -> {
        boolean external = word.is(".extern");
        Token spaceWord = external ? tokens.word() : word;
        Space space =
            Space.of(spaceWord.text().substring(1))
                .orElseThrow(() ->
                    new PtxSyntaxException(
                        word.line(), "directive '%s' is not supported".formatted(word.text())));
        variables.addAll(new VariableParser(tokens).declaration(space, external));
      }
    }
  }

  /** {@code .reg .b32 %r<70>;} or {@code .reg .pred p, q;}. */
  private void declareRegisters() {
    Token word = tokens.word();
    PtxType type =
        PtxType.of(word.text().substring(1))
            .orElseThrow(() ->
                new PtxSyntaxException(
                    word.line(),
                    "registers of type '%s' are not supported".formatted(word.text())));
    do {
      String name = tokens.word().text();
      if (tokens.take("<")) {
        int count = tokens.integer();
        tokens.expect(">");
        for (int i = 0; i < count; i++) {
          declare(name + i, type);
        }
      } else {
        declare(name, type);
      }
    } while (tokens.take(","));
    tokens.expect(";");
  }

  private void declare(String name, PtxType type) {
    Register register = new Register(name, type, registers.size());
    registers.add(register);
    open.element().registers.put(name, register);
  }

  private void instruction() {
    Token first = tokens.peek();
    Optional<Statement.Guard> guard = Optional.empty();
    if (tokens.take("@")) {
      boolean negated = tokens.take("!");
      Token name = tokens.word();
      guard = Optional.of(new Statement.Guard(register(name), negated));
    }
    Token opcode = tokens.word();
    List<Operand> operands = new ArrayList<>();
    while (!tokens.peek().is(";")) {
      operands.add(operand());
      tokens.take(",");
    }
    Token last = tokens.expect(";");
    String root = opcode.text().split("\\.", 2)[0];
    if (root.equals("bra")) {
      branches.add(new Unresolved(statements.size(), open.element()));
    }
    statements.add(
        new Statement(
            first.line(),
            tokens.between(first, last),
            guard,
            opcode.text(),
            List.copyOf(operands)));
  }

  private Operand operand() {
    if (tokens.take("[")) {
      return address();
    }
    if (tokens.take("{")) {
      return new Operand.Vector(list("}"));
    }
    if (tokens.take("(")) {
      return new Operand.Group(list(")"));
    }
    if (tokens.take("!")) {
      return new Operand.Not(register(tokens.word()));
    }
    if (tokens.take("-")) {
      return Numbers.negate(Numbers.parse(tokens.word()));
    }
    Operand first = simple(tokens.word());
    if (tokens.take("|")) {
      return new Operand.Both(first, simple(tokens.word()));
    }
    if (first instanceof Operand.Symbol symbol && tokens.take("+")) {
      return new Operand.Offset(symbol.name(), Numbers.parse(tokens.word()).bits());
    }
    return first;
  }

  private List<Operand> list(String closing) {
    List<Operand> elements = new ArrayList<>();
    while (!tokens.take(closing)) {
      elements.add(operand());
      tokens.take(",");
    }
    return List.copyOf(elements);
  }

  private Operand address() {
    Operand base = simple(tokens.word());
    long offset = 0;
    if (tokens.take("+")) {
      boolean negative = tokens.take("-");
      long distance = Numbers.parse(tokens.word()).bits();
      offset = negative ? -distance : distance;
    } else if (tokens.take("-")) {
      offset = -Numbers.parse(tokens.word()).bits();
    }
    tokens.expect("]");
    return new Operand.Address(base, offset);
  }

  private Operand simple(Token word) {
    if (word.is("_")) {
      return new Operand.Sink();
    }
    if (Numbers.isNumber(word.text())) {
      return Numbers.parse(word);
    }
    Register register = findRegister(word.text());
    return register != null ? new Operand.Reg(register) : new Operand.Symbol(word.text());
  }

  private Register findRegister(String name) {
    for (Scope scope = open.element(); scope != null; scope = scope.outer) {
      Register register = scope.registers.get(name);
      if (register != null) {
        return register;
      }
    }
    return null;
  }

  private Register register(Token name) {
    Register register = findRegister(name.text());
    if (register == null) {
      throw new PtxSyntaxException(
          name.line(), "register %s is not declared".formatted(name.text()));
    }
    return register;
  }

  private void resolve(Unresolved branch) {
    Statement statement = statements.get(branch.statement());
    if (!(statement.operands().getFirst() instanceof Operand.Symbol label)) {
      throw new PtxSyntaxException(statement.line(), "a branch without a label");
    }
    Token token = new Token(Token.Kind.WORD, label.name(), statement.line(), 0, 0);
    Operand target = new Operand.Target(find(token, branch.scope()));
    statements.set(
        branch.statement(),
        new Statement(
            statement.line(),
            statement.text(),
            statement.guard(),
            statement.opcode(),
            List.of(target)));
  }

  private static int find(Token label, Scope from) {
    for (Scope scope = from; scope != null; scope = scope.outer) {
      Integer target = scope.labels.get(label.text());
      if (target != null) {
        return target;
      }
    }
    throw new PtxSyntaxException(label.line(), "there is no label %s".formatted(label.text()));
  }
}
