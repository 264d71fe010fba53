// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import io.lowbit.backend.cuda.GpuException;
import io.lowbit.backend.cuda.GpuFunction;
import io.lowbit.backend.cuda.GpuModule;
import io.lowbit.ptx.text.PtxFunction;
import io.lowbit.ptx.text.PtxModule;
import io.lowbit.ptx.text.PtxSyntaxException;
import io.lowbit.ptx.text.Space;
import io.lowbit.ptx.text.Variable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A parsed module with its variables in device memory; kernels are decoded when first asked for.
 */
final class InterpretedModule implements GpuModule {
  private final InterpretedDriver driver;
  private final String name;
  private final PtxModule text;
  private final Symbols symbols;
  private final List<Allocation> variables = new ArrayList<>();
  private final Map<String, InterpretedFunction> functions = new HashMap<>();

  InterpretedModule(InterpretedDriver driver, String name, PtxModule text) {
    this.driver = driver;
    this.name = name;
    this.text = text;
    this.symbols = new Symbols(null, text.functions());
    for (Variable variable : text.variables()) {
      boolean constant = variable.space() == Space.CONST;
      if ((constant || variable.space() == Space.GLOBAL) && variable.bytes() > 0) {
        place(variable, constant);
      }
    }
  }

  /** Variables of a module are zero where nothing else is said. */
  private void place(Variable variable, boolean constant) {
    Allocation allocation =
        driver.global().allocate(variable.bytes(), "variable " + variable.name(), constant);
    byte[] initial = new byte[variable.bytes()];
    System.arraycopy(variable.initial(), 0, initial, 0, variable.initial().length);
    System.arraycopy(initial, 0, allocation.data, 0, initial.length);
    allocation.define(0, initial.length);
    variables.add(allocation);
    symbols.put(variable.name(), variable.space(), allocation.base);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public GpuFunction function(String wanted) {
    return functions.computeIfAbsent(wanted, this::decode);
  }

  private InterpretedFunction decode(String wanted) {
    PtxFunction function = text.functions().get(wanted);
    if (function == null || !function.entry()) {
      throw new GpuException(
          GpuException.NOT_FOUND,
          "CUDA_ERROR_NOT_FOUND",
          "module %s has no kernel %s; it has %s"
              .formatted(
                  name,
                  wanted,
                  text.functions().values().stream()
                      .filter(PtxFunction::entry)
                      .map(PtxFunction::name)
                      .sorted()
                      .toList()));
    }
    try {
      return new InterpretedFunction(Linker.link(text, symbols, function));
    } catch (PtxSyntaxException exception) {
      throw InterpretedDriver.invalid(name, exception);
    }
  }

  @Override
  public void close() {
    variables.forEach(driver.global()::free);
    variables.clear();
    functions.clear();
  }
}
