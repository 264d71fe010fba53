// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx.text;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/** Reads declarations of variables and parameters. */
final class VariableParser {
  private final TokenReader tokens;

  VariableParser(TokenReader tokens) {
    this.tokens = tokens;
  }

  /** {@code .align 16 .b8 name[64] = {…}, more…;} after the word of its space. */
  List<Variable> declaration(Space space, boolean external) {
    List<Variable> variables = new ArrayList<>();
    Shape shape = shape();
    do {
      variables.add(variable(space, shape, external));
    } while (tokens.take(","));
    tokens.expect(";");
    return variables;
  }

  /** {@code (.param .u64 a, .param .u32 b)}. */
  List<Variable> parameters() {
    List<Variable> parameters = new ArrayList<>();
    tokens.expect("(");
    while (!tokens.take(")")) {
      Token word = tokens.word();
      if (!word.is(".param")) {
        throw new PtxSyntaxException(
            word.line(), "expected .param but found '%s'".formatted(word.text()));
      }
      parameters.add(variable(Space.PARAM, shape(), false));
      tokens.take(",");
    }
    return parameters;
  }

  /** Element type, vector length and alignment. */
  private record Shape(PtxType type, int length, int alignment) {}

  private Shape shape() {
    int alignment = 0;
    int length = 1;
    while (true) {
      Token word = tokens.word();
      switch (word.text()) {
        case ".align" -> alignment = tokens.integer();
        case ".ptr", ".global", ".const", ".shared", ".local" -> {
          // What a pointer parameter points to is of no interest here.
        }
        case ".v2" -> length = 2;
        case ".v4" -> length = 4;
        default -> {
          PtxType type =
              PtxType.of(word.text().substring(1))
                  .orElseThrow(() ->
                      new PtxSyntaxException(
                          word.line(), "'%s' is not a type".formatted(word.text())));
          // '.param .u64 .ptr .align 1 name': the alignment is that of what is pointed to.
          if (tokens.take(".ptr")) {
            while (tokens.peek().text().startsWith(".")) {
              if (tokens.word().is(".align")) {
                tokens.integer();
              }
            }
          }
          return new Shape(type, length, alignment == 0 ? length * type.bytes() : alignment);
        }
      }
    }
  }

  private Variable variable(Space space, Shape shape, boolean external) {
    Token name = tokens.word();
    long elements = shape.length();
    while (tokens.take("[")) {
      elements *= tokens.peek().is("]") ? 0 : tokens.integer();
      tokens.expect("]");
    }
    byte[] initial = tokens.take("=") ? initial(shape.type()) : new byte[0];
    int bytes = Math.toIntExact(Math.max(elements * shape.type().bytes(), initial.length));
    return new Variable(name.text(), space, shape.alignment(), bytes, initial, external);
  }

  private byte[] initial(PtxType type) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    value(type, bytes);
    return bytes.toByteArray();
  }

  private void value(PtxType type, ByteArrayOutputStream bytes) {
    if (tokens.take("{")) {
      while (!tokens.take("}")) {
        value(type, bytes);
        tokens.take(",");
      }
      return;
    }
    boolean negative = tokens.take("-");
    Token token = tokens.word();
    if (!Numbers.isNumber(token.text())) {
      throw new PtxSyntaxException(
          token.line(),
          "the address '%s' as an initial value is not supported".formatted(token.text()));
    }
    Operand.Immediate constant = Numbers.parse(token);
    long value = (negative ? Numbers.negate(constant) : constant).bits();
    for (int i = 0; i < type.bytes(); i++) {
      bytes.write((int) (value >>> (8 * i)));
    }
  }
}
