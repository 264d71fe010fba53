// SPDX-License-Identifier: Apache-2.0
package io.lowbit.model;

import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.lowbit.backend.Backend;
import io.lowbit.backend.Backends;
import io.lowbit.format.FormatException;
import io.lowbit.quant.OnIndivisible;
import io.lowbit.quant.Scheme;
import io.lowbit.testing.Shared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** GGUF files that are sound as files but make no model. */
public final class HostileModelsTest {
  @DataProvider
  Object[][] models() throws IOException {
    Path folder = Shared.path("golden/formats/gguf/hostile");
    List<Object[]> models = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve("manifest.jsonl"))) {
      JsonObject entry = JsonParser.parseString(line).getAsJsonObject();
      if (entry.has("level")
          && entry.get("level").getAsString().equals("model")
          && !entry.get("expect").getAsString().equals("either")) {
        models.add(
            new Object[] {
              folder.resolve(entry.get("file").getAsString()), entry.get("expect").getAsString()
            });
      }
    }
    return models.toArray(Object[][]::new);
  }

  @Test(dataProvider = "models")
  public void isRefusedOrAcceptedAsTheManifestSays(Path file, String expected) {
    if (expected.equals("refuse")) {
      String message = expectThrows(FormatException.class, () -> load(file)).getMessage();
      assertTrue(message.contains(file.getFileName().toString()), message);
    } else {
      load(file);
    }
  }

  private static void load(Path file) {
    try (Backend backend = Backends.open("cpu", Optional.empty(), 1).backend();
        ModelSource source = ModelSource.open(file.toString());
        Model model = source.load(Scheme.parse("fp32"), backend, OnIndivisible.ERROR)) {
      assertFalse(model.architecture().layers() == 0);
    }
  }
}
