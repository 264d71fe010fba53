// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx.mutation;

import io.lowbit.backend.cuda.GpuDriver;
import io.lowbit.backend.cuda.GpuFunction;
import io.lowbit.backend.cuda.GpuModule;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A driver that loads one module entry by entry, one of its entries mutated. */
final class MutatedDriver {
  private MutatedDriver() {}

  /**
   * The driver with another way to load.
   *
   * @param driver does everything else
   * @param module whose entries are loaded one by one, so that only what runs is parsed
   * @param text of the module
   * @param mutant what to break
   */
  static GpuDriver of(GpuDriver driver, String module, ModuleText text, Mutant mutant) {
    return (GpuDriver)
        Proxy.newProxyInstance(
            GpuDriver.class.getClassLoader(),
            new Class<?>[] {GpuDriver.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("load") && arguments[0].equals(module)) {
                return new Entries(driver, module, text, mutant);
              }
              try {
                return method.invoke(driver, arguments);
              } catch (InvocationTargetException exception) {
                throw exception.getCause();
              }
            });
  }

  private record Entries(
      GpuDriver driver,
      String module,
      ModuleText text,
      Mutant mutant,
      List<GpuModule> modules,
      Map<String, GpuFunction> functions)
      implements GpuModule {
    Entries(GpuDriver driver, String module, ModuleText text, Mutant mutant) {
      this(driver, module, text, mutant, new ArrayList<>(), new HashMap<>());
    }

    @Override
    public String name() {
      return module;
    }

    @Override
    public GpuFunction function(String name) {
      return functions.computeIfAbsent(name, this::load);
    }

    private GpuFunction load(String entry) {
      String source =
          entry.equals(mutant.entry())
              ? text.only(entry, mutant.line(), mutant.replacement())
              : text.only(entry);
      modules.add(driver.load(module, source));
      return modules.getLast().function(entry);
    }

    @Override
    public void close() {
      modules.forEach(GpuModule::close);
    }
  }
}
