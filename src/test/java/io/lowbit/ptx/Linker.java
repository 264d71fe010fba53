// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import io.lowbit.ptx.text.Operand;
import io.lowbit.ptx.text.PtxFunction;
import io.lowbit.ptx.text.PtxModule;
import io.lowbit.ptx.text.PtxSyntaxException;
import io.lowbit.ptx.text.Space;
import io.lowbit.ptx.text.Statement;
import io.lowbit.ptx.text.Variable;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Lays out the memory of a kernel and of the functions that it calls, and decodes them. */
final class Linker {
  private final PtxModule module;
  private final Symbols globals;
  private final Map<String, Program> programs = new LinkedHashMap<>();
  private final List<Op> ops = new ArrayList<>();
  private final List<String> dynamicShared = new ArrayList<>();
  private final Deque<String> calling = new ArrayDeque<>();
  private int sharedBytes;
  private int localBytes;

  private Linker(PtxModule module, Symbols moduleSymbols) {
    this.module = module;
    this.globals = new Symbols(moduleSymbols, module.functions());
  }

  /**
   * Decodes a kernel.
   *
   * @param module the text
   * @param moduleSymbols places of the module's global and constant variables
   * @param entry the kernel
   * @throws PtxSyntaxException if an instruction is not supported
   */
  static Image link(PtxModule module, Symbols moduleSymbols, PtxFunction entry) {
    Linker linker = new Linker(module, moduleSymbols);
    linker.layOutShared(entry);
    Program program = linker.program(entry);
    Map<String, Integer> offsets = new HashMap<>();
    int parameterBytes = layOut(entry.parameters(), 0, offsets);
    List<Program> all = new ArrayList<>(linker.programs.values());
    all.sort((a, b) -> Integer.compare(a.number(), b.number()));
    return new Image(
        program,
        List.copyOf(all),
        List.copyOf(linker.ops),
        entry.parameters(),
        Map.copyOf(offsets),
        parameterBytes,
        linker.sharedBytes,
        linker.localBytes,
        linker.ops.stream().anyMatch(Linker::dependsOnOthers));
  }

  private static boolean dependsOnOthers(Op op) {
    String opcode = op.statement.opcode();
    boolean strong =
        opcode.startsWith("atom")
            || opcode.startsWith("red.")
            || opcode.contains(".volatile")
            || opcode.contains(".relaxed")
            || opcode.contains(".acquire")
            || opcode.contains(".release");
    return strong && !opcode.contains(".shared");
  }

  /** Static shared variables in order; all dynamic ones start behind them. */
  private void layOutShared(PtxFunction entry) {
    for (Variable variable : module.variables()) {
      if (variable.space() == Space.SHARED && mentioned(variable.name(), entry)) {
        addShared(variable);
      }
    }
    entry.variables().stream().filter(v -> v.space() == Space.SHARED).forEach(this::addShared);
    for (PtxFunction function : module.functions().values()) {
      if (!function.entry()) {
        function.variables().stream()
            .filter(v -> v.space() == Space.SHARED)
            .forEach(this::addShared);
      }
    }
    sharedBytes = align(sharedBytes, dynamicShared.isEmpty() ? 1 : 16);
    dynamicShared.forEach(name -> globals.put(name, Space.SHARED, sharedBytes));
  }

  private boolean mentioned(String name, PtxFunction entry) {
    return module.functions().values().stream()
        .filter(function -> !function.entry() || function.equals(entry))
        .flatMap(function -> function.body().stream())
        .anyMatch(statement -> statement.text().contains(name));
  }

  private void addShared(Variable variable) {
    if (variable.external() || variable.bytes() == 0) {
      dynamicShared.add(variable.name());
      return;
    }
    sharedBytes = align(sharedBytes, variable.alignment());
    globals.put(variable.name(), Space.SHARED, sharedBytes);
    sharedBytes += variable.bytes();
  }

  /** The decoded function; decodes it, and what it calls, at the first call. */
  Program program(PtxFunction function) {
    Program known = programs.get(function.name());
    if (known != null) {
      return known;
    }
    if (calling.contains(function.name())) {
      throw new PtxSyntaxException(
          function.body().getFirst().line(),
          "function %s calls itself, which is not supported".formatted(function.name()));
    }
    calling.push(function.name());
    Program program = decode(function);
    calling.pop();
    programs.put(function.name(), program);
    return program;
  }

  private Program decode(PtxFunction function) {
    Symbols symbols = new Symbols(globals, module.functions());
    Map<String, Integer> parameters = new LinkedHashMap<>();
    int frameBytes = layOut(function.parameters(), 0, parameters);
    frameBytes = layOut(function.results(), frameBytes, parameters);
    frameBytes = layOut(callParameters(function), frameBytes, parameters);
    for (Variable variable : function.variables()) {
      if (variable.space() == Space.LOCAL) {
        localBytes = align(localBytes, variable.alignment());
        symbols.put(variable.name(), Space.LOCAL, localBytes);
        localBytes += variable.bytes();
      }
    }
    parameters.forEach((name, offset) -> symbols.put(name, Space.PARAM, offset));
    Slots slots = new Slots(function.registers());
    List<Statement> body = withReturn(function);
    // Numbers and indexes are given before what is called is decoded, but used only while running.
    List<int[]> successors = new ArrayList<>();
    Op[] code = new Op[body.size()];
    for (int i = 0; i < code.length; i++) {
      Statement statement = body.get(i);
      Instruction instruction = new Instruction(statement, slots, symbols);
      code[i] = Decoder.decode(instruction, function, this);
      instruction.finish(code[i]);
      successors.add(successors(statement, i, code.length, function));
    }
    for (Op op : code) {
      op.opIndex = ops.size();
      ops.add(op);
    }
    return new Program(
        function,
        programs.size(),
        code,
        ControlFlow.postDominators(successors),
        slots,
        align(frameBytes, 16));
  }

  /**
   * Every call has its own {@code param0}; one place large enough for all of a name serves them.
   */
  private static List<Variable> callParameters(PtxFunction function) {
    Map<String, Variable> byName = new LinkedHashMap<>();
    for (Variable variable : function.variables()) {
      if (variable.space() == Space.PARAM) {
        byName.merge(variable.name(), variable, Linker::larger);
      }
    }
    return List.copyOf(byName.values());
  }

  private static Variable larger(Variable a, Variable b) {
    return new Variable(
        a.name(),
        a.space(),
        Math.max(a.alignment(), b.alignment()),
        Math.max(a.bytes(), b.bytes()),
        a.initial(),
        a.external());
  }

  /** A function may end without a return, or with a label behind the last instruction. */
  private static List<Statement> withReturn(PtxFunction function) {
    List<Statement> body = new ArrayList<>(function.body());
    int line = body.isEmpty() ? 1 : body.getLast().line();
    body.add(new Statement(line, "ret;", java.util.Optional.empty(), "ret", List.of()));
    return body;
  }

  private static int[] successors(Statement statement, int at, int end, PtxFunction function) {
    String root = statement.opcode().split("\\.", 2)[0];
    boolean guarded = statement.guard().isPresent();
    return switch (root) {
      case "bra" -> {
        int target = ((Operand.Target) statement.operands().getFirst()).statement();
        yield guarded ? new int[] {target, at + 1} : new int[] {target};
      }
      case "brx" -> {
        String table = ((Operand.Symbol) statement.operands().get(1)).name();
        yield function.tables().get(table).stream().mapToInt(i -> i).toArray();
      }
      case "ret", "exit", "trap" -> guarded ? new int[] {end, at + 1} : new int[] {end};
      default -> new int[] {at + 1};
    };
  }

  private static int layOut(List<Variable> variables, int from, Map<String, Integer> offsets) {
    int at = from;
    for (Variable variable : variables) {
      at = align(at, variable.alignment());
      offsets.put(variable.name(), at);
      at += variable.bytes();
    }
    return at;
  }

  private static int align(int offset, int alignment) {
    return (offset + alignment - 1) & -alignment;
  }
}
