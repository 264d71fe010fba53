// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx.mutation;

import io.lowbit.backend.cuda.Kernels;
import io.lowbit.ptx.text.PtxModule;
import io.lowbit.ptx.text.PtxParser;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Modules as they ship, each parsed once. */
final class ShippedModules {
  private final Map<String, ModuleText> texts = new ConcurrentHashMap<>();
  private final Map<String, PtxModule> parsed = new ConcurrentHashMap<>();

  /** The lines of a module. */
  ModuleText text(String module) {
    return texts.computeIfAbsent(module, name -> new ModuleText(Kernels.text(name)));
  }

  /** A module with one entry. */
  PtxModule only(String module, String entry) {
    return parsed.computeIfAbsent(
        module + "/" + entry, name -> PtxParser.parse(text(module).only(entry)));
  }
}
