// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The kernel modules that ship, as {@code kernels/build.sh} listed them. */
public final class KernelManifest {
  private static final String NAME = "/io/lowbit/kernels/manifest.json";

  private KernelManifest() {}

  /**
   * A module that ships.
   *
   * @param name of its file in {@code kernels/}, without {@code .cu}
   * @param version of the PTX language, which decides what drivers load it, such as {@code 7.8}
   * @param target the oldest GPU that runs it, such as {@code sm_80}
   * @param entries names of its kernels
   */
  public record Module(String name, String version, String target, List<String> entries) {}

  /** All modules by name; empty if the program was built without kernels. */
  public static List<Module> modules() {
    try (InputStream in = KernelManifest.class.getResourceAsStream(NAME)) {
      return in == null ? List.of() : read(new InputStreamReader(in, StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException("the list of kernels cannot be read", e);
    }
  }

  static List<Module> read(Reader manifest) {
    return JsonParser.parseReader(manifest)
        .getAsJsonObject()
        .getAsJsonObject("modules")
        .asMap()
        .entrySet()
        .stream()
        .map(module -> module(module.getKey(), module.getValue().getAsJsonObject()))
        .toList();
  }

  private static Module module(String name, JsonObject description) {
    return new Module(
        name,
        description.get("version").getAsString(),
        description.get("target").getAsString(),
        description.getAsJsonArray("entries").asList().stream()
            .map(entry -> entry.getAsJsonObject().get("name").getAsString())
            .toList());
  }
}
