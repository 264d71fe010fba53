// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx.text;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads a PTX text as nvcc emits it (PTX ISA 7.0 to 9.0). */
public final class PtxParser {
  private final TokenReader tokens;
  private final List<Variable> variables = new ArrayList<>();
  private final Map<String, PtxFunction> functions = new LinkedHashMap<>();
  private String version = "";
  private String target = "";

  private PtxParser(String text) {
    tokens = new TokenReader(text);
  }

  /**
   * Reads a text.
   *
   * @throws PtxSyntaxException with the line, if it is not PTX or uses what is not supported
   */
  public static PtxModule parse(String text) {
    PtxParser parser = new PtxParser(text);
    while (!parser.tokens.atEnd()) {
      parser.topLevel();
    }
    if (parser.version.isEmpty() || parser.target.isEmpty()) {
      throw new PtxSyntaxException(1, "no .version or no .target");
    }
    return new PtxModule(
        parser.version, parser.target, List.copyOf(parser.variables), Map.copyOf(parser.functions));
  }

  private void topLevel() {
    Token word = tokens.next();
    switch (word.text()) {
      case ".version" -> version = tokens.word().text();
      case ".target" -> {
        target = tokens.word().text();
        while (tokens.take(",")) {
          tokens.word();
        }
      }
      case ".address_size" -> {
        int bits = tokens.integer();
        if (bits != 64) {
          throw new PtxSyntaxException(word.line(), "addresses of %d bits".formatted(bits));
        }
      }
      case ".section" -> {
        tokens.skipPast("{");
        tokens.skipPast("}");
      }
      case ".pragma", ".alias" -> tokens.skipPast(";");
      default -> linked(word);
    }
  }

  private void linked(Token first) {
    Token word = first;
    boolean external = false;
    while (word.is(".visible") || word.is(".extern") || word.is(".weak") || word.is(".common")) {
      external |= word.is(".extern");
      word = tokens.word();
    }
    switch (word.text()) {
      case ".entry" -> function(true, word.line());
      case ".func" -> function(false, word.line());
      default -> {
        String text = word.text();
        int line = word.line();
        Space space =
            Space.of(text.substring(1))
                .orElseThrow(() ->
                    new PtxSyntaxException(
                        line, "'%s' starts nothing that is known".formatted(text)));
        variables.addAll(new VariableParser(tokens).declaration(space, external));
      }
    }
  }

  private void function(boolean entry, int line) {
    VariableParser declarations = new VariableParser(tokens);
    List<Variable> results = List.of();
    if (!entry && tokens.peek().is("(")) {
      results = declarations.parameters();
    }
    String name = tokens.word().text();
    List<Variable> parameters =
        tokens.peek().is("(") ? declarations.parameters() : List.<Variable>of();
    Optional<Integer> maxThreads = Optional.empty();
    Optional<List<Integer>> required = Optional.empty();
    while (!tokens.peek().is("{") && !tokens.peek().is(";")) {
      Token word = tokens.word();
      switch (word.text()) {
        case ".maxntid" ->
            maxThreads = Optional.of(extents().stream().reduce(1, Math::multiplyExact));
        case ".reqntid" -> required = Optional.of(extents());
        case ".minnctapersm", ".maxnctapersm", ".maxnreg" -> tokens.integer();
        case ".noreturn" -> {
          // Says nothing that running does not show.
        }
        case ".pragma" -> tokens.skipPast(";");
        default ->
            throw new PtxSyntaxException(
                word.line(), "'%s' before the body of %s".formatted(word.text(), name));
      }
    }
    BodyParser body = new BodyParser(tokens);
    boolean defined = !tokens.take(";");
    if (defined) {
      body.parse();
    } else if (functions.containsKey(name) && functions.get(name).defined()) {
      return;
    }
    PtxFunction before = functions.get(name);
    if (before != null && before.defined()) {
      throw new PtxSyntaxException(line, "%s is defined twice".formatted(name));
    }
    functions.put(
        name,
        new PtxFunction(
            name,
            entry,
            defined,
            results,
            parameters,
            body.registers(),
            body.variables(),
            body.statements(),
            body.tables(),
            maxThreads,
            required));
  }

  private List<Integer> extents() {
    List<Integer> extents = new ArrayList<>();
    do {
      extents.add(tokens.integer());
    } while (tokens.take(","));
    while (extents.size() < 3) {
      extents.add(1);
    }
    return extents;
  }
}
