// SPDX-License-Identifier: Apache-2.0
package io.lowbit.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import org.testng.SkipException;

/**
 * Models, data sets and reference outputs that lie beside the project; tests that need them skip
 * without.
 */
public final class Shared {
  private Shared() {}

  /** A file or folder under the shared folder; skips the calling test if it is absent. */
  public static Path path(String relative) {
    Path path = Path.of(System.getProperty("lowbit.shared", "../shared")).resolve(relative);
    if (!Files.exists(path)) {
      throw new SkipException(
          "needs " + path + "; set -Dlowbit.shared to the folder that holds it");
    }
    return path;
  }
}
