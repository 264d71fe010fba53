// SPDX-License-Identifier: Apache-2.0
package io.lowbit.format;

import static org.testng.Assert.assertEquals;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.lowbit.testing.Shared;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.testng.annotations.Test;

/** safetensors against golden/formats/safetensors: the official library bit for bit. */
public class SafetensorsGoldenTest {
  private static final String ROOT = "golden/formats/safetensors/";

  @Test
  public void soundFilesMatchBitForBit() {
    List<String> refused = new ArrayList<>();
    JsonObject all = Golden.json(ROOT + "expected.json").getAsJsonObject();
    for (JsonElement element : all.getAsJsonArray("cases")) {
      JsonObject expected = element.getAsJsonObject();
      String name = expected.get("file").getAsString();
      if (expected.has("tensors")) {
        Path file = Shared.path(ROOT).resolve(name);
        assertEquals(Golden.judge(expected, file), List.of());
        try (Checkpoint checkpoint = Checkpoints.open(file)) {
          assertContent(name, checkpoint, expected);
        } catch (FormatException e) {
          refused.add(name);
        }
      }
    }
    // E8M0 and complex numbers; an entry with a field that the format does not define.
    assertEquals(refused, List.of("rare-dtypes.safetensors", "extra-key.safetensors"));
  }

  private static void assertContent(String file, Checkpoint checkpoint, JsonObject expected) {
    JsonObject tensors = expected.getAsJsonObject("tensors");
    assertEquals(checkpoint.tensors().size(), tensors.size(), file);
    for (Checkpoint.TensorInfo info : checkpoint.tensors()) {
      JsonObject tensor = tensors.getAsJsonObject(info.name());
      assertEquals(info.type(), tensor.get("dtype").getAsString(), file);
      assertEquals(
          info.shape().toString(), tensor.get("shape").toString().replace(",", ", "), file);
      byte[] bytes = new byte[(int) info.bytes()];
      checkpoint.tensor(info.name()).data().asByteBuffer().get(bytes);
      assertEquals(
          HexFormat.of().formatHex(bytes), tensor.get("data_hex").getAsString(), info.name());
    }
    if (expected.has("metadata") && !expected.get("metadata").isJsonNull()) {
      JsonObject metadata = expected.getAsJsonObject("metadata");
      assertEquals(checkpoint.metadata().keySet(), metadata.keySet(), file);
      checkpoint
          .metadata()
          .forEach((key, value) -> assertEquals(value, metadata.get(key).getAsString(), file));
    }
  }

  @Test
  public void hostileFilesAreReceivedAsTheManifestSays() {
    assertEquals(judgeAll("hostile"), List.of());
  }

  @Test
  public void fuzzedFilesAreReceivedAsTheManifestSays() {
    assertEquals(judgeAll("fuzz"), List.of());
  }

  private static List<String> judgeAll(String folder) {
    List<String> wrong = new ArrayList<>();
    for (JsonObject entry : Golden.manifest(ROOT + folder + "/manifest.jsonl")) {
      // The entry without a file is a header of 100,000,001 bytes; CheckpointsTest makes it.
      if (!entry.get("file").isJsonNull()) {
        Path file = Shared.path(ROOT + folder).resolve(entry.get("file").getAsString());
        wrong.addAll(Golden.judge(entry, file));
      }
    }
    return wrong;
  }
}
