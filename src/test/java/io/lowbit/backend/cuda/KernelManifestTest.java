// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import static org.testng.Assert.assertEquals;

import java.io.StringReader;
import java.util.List;
import org.testng.annotations.Test;

/** The list of kernels as {@code kernels/build.sh} writes it. */
public final class KernelManifestTest {
  @Test
  public void modulesHaveTheirVersionAndTheirEntries() {
    String manifest =
        """
        {"modules": {
          "norms": {"version": "7.8", "target": "sm_80", "sources": {"norms.cu": "00"}, "ptx": "00",
            "entries": [{"name": "norms_f16_rms", "threads": 256}, {"name": "norms_bf16_rms"}]},
          "rope": {"version": "8.0", "target": "sm_90", "entries": []}}}
        """;
    assertEquals(
        KernelManifest.read(new StringReader(manifest)),
        List.of(
            new KernelManifest.Module(
                "norms", "7.8", "sm_80", List.of("norms_f16_rms", "norms_bf16_rms")),
            new KernelManifest.Module("rope", "8.0", "sm_90", List.of())));
  }

  @Test
  public void everyListedModuleShips() {
    for (KernelManifest.Module module : KernelManifest.modules()) {
      String text = Kernels.text(module.name());
      for (String entry : module.entries()) {
        assertEquals(text.split("\\.visible \\.entry " + entry + "\\(", -1).length, 2, entry);
      }
    }
  }
}
