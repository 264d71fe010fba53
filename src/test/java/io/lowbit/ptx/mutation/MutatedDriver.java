// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx.mutation;

import io.lowbit.backend.cuda.GpuDriver;
import io.lowbit.backend.cuda.GpuFunction;
import io.lowbit.backend.cuda.GpuModule;
import io.lowbit.ptx.InterpretedDriver;
import io.lowbit.ptx.text.PtxModule;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A driver that takes kernels from elsewhere than the text that it is told to load. */
final class MutatedDriver {
  private MutatedDriver() {}

  /** Where kernels come from. */
  @FunctionalInterface
  interface Source {
    /** A parsed module that has the entry. */
    PtxModule module(String module, String entry);
  }

  /** The driver with another way to load: only kernels that run, each from the source. */
  static GpuDriver of(InterpretedDriver driver, Source source) {
    return (GpuDriver)
        Proxy.newProxyInstance(
            GpuDriver.class.getClassLoader(),
            new Class<?>[] {GpuDriver.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("load")) {
                return new Entries(driver, source, (String) arguments[0]);
              }
              try {
                return method.invoke(driver, arguments);
              } catch (InvocationTargetException exception) {
                throw exception.getCause();
              }
            });
  }

  private record Entries(
      InterpretedDriver driver,
      Source source,
      String name,
      List<GpuModule> modules,
      Map<String, GpuFunction> functions)
      implements GpuModule {
    Entries(InterpretedDriver driver, Source source, String name) {
      this(driver, source, name, new ArrayList<>(), new HashMap<>());
    }

    @Override
    public GpuFunction function(String entry) {
      return functions.computeIfAbsent(entry, this::load);
    }

    private GpuFunction load(String entry) {
      modules.add(driver.load(name, source.module(name, entry)));
      return modules.getLast().function(entry);
    }

    @Override
    public void close() {
      modules.forEach(GpuModule::close);
    }
  }
}
