// SPDX-License-Identifier: Apache-2.0
package io.lowbit.format;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.lowbit.quant.GgufBlocks;
import io.lowbit.quant.GgufType;
import io.lowbit.quant.QuantizedTensor;
import io.lowbit.tensor.DType;
import io.lowbit.tensor.Tensor;
import io.lowbit.testing.Shared;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.testng.annotations.Test;

/** GGUF against golden/formats/gguf: gguf-py and ggml bit for bit. */
public class GgufGoldenTest {
  private static final String ROOT = "golden/formats/gguf/";

  /** The types whose code books are not built in. */
  private static final Set<String> UNREAD =
      Set.of("IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ3_XXS", "IQ3_S", "IQ1_S", "IQ1_M");

  @Test
  public void everyBlockTypeDequantizesBitForBit() {
    for (var type : Golden.json(ROOT + "blocks/index.json").getAsJsonObject().entrySet()) {
      Path file = Shared.path(ROOT + "blocks/" + type.getKey() + ".gguf");
      if (UNREAD.contains(type.getKey())) {
        assertRefusedByName(file, type.getKey());
        continue;
      }
      Path expectation = Shared.path(ROOT + "blocks/" + type.getKey() + ".expected.safetensors");
      try (Checkpoint checkpoint = Checkpoints.open(file);
          Checkpoint expected = Checkpoints.open(expectation)) {
        assertEquals(checkpoint.tensors().size(), expected.tensors().size());
        for (Checkpoint.TensorInfo info : expected.tensors()) {
          String label = type.getKey() + " " + info.name();
          assertSameValues(label, checkpoint.tensor(info.name()), expected.tensor(info.name()));
        }
      }
    }
  }

  private static void assertRefusedByName(Path file, String type) {
    FormatException refusal = expectThrows(FormatException.class, () -> Checkpoints.open(file));
    assertTrue(refusal.getMessage().contains("(" + type + ")"), refusal.getMessage());
    assertTrue(refusal.getMessage().contains("known are F64, F32"), refusal.getMessage());
  }

  private static void assertSameValues(String label, Tensor actual, Tensor expected) {
    assertEquals(actual.shape(), expected.shape(), label);
    if (expected.type() != DType.F32) {
      assertEquals(actual.data().mismatch(expected.data()), -1, label);
      return;
    }
    for (long i = 0; i < expected.shape().elements(); i++) {
      // floatToIntBits makes all NaN one; everything else keeps its bits.
      assertEquals(
          Float.floatToIntBits(actual.get(i)),
          Float.floatToIntBits(expected.get(i)),
          label + " at " + i);
    }
  }

  @Test
  public void anyRangeOfColumnsIsThatPartOfTheRow() {
    for (GgufType type : GgufType.values()) {
      Path file = Shared.path(ROOT + "blocks/" + type + ".gguf");
      try (Checkpoint checkpoint = Checkpoints.open(file)) {
        QuantizedTensor matrix = checkpoint.quantized("random.2d");
        Tensor whole = checkpoint.tensor("random.2d");
        int columns = (int) matrix.columns();
        for (int start : new int[] {0, 1, 15, 17, type.blockSize(), columns - 3}) {
          for (int count : new int[] {0, 1, 16, type.blockSize() + 1, columns}) {
            int taken = Math.min(count, columns - start);
            float[] into = new float[taken + 2];
            matrix.dequantize(2, start, taken, into, 1);
            for (int i = 0; i < taken; i++) {
              float expected = whole.get(2L * columns + start + i);
              assertEquals(into[1 + i], expected, 0f, type + " " + start + " " + count);
            }
            assertEquals(into[0] + into[taken + 1], 0f, "written outside the range: " + type);
          }
        }
      }
    }
  }

  @Test
  public void realMatricesQuantizedByGgmlMatch() {
    for (var type : Golden.json(ROOT + "real/index.json").getAsJsonObject().entrySet()) {
      if (UNREAD.contains(type.getKey())) {
        continue;
      }
      Path file = Shared.path(ROOT + "real/" + type.getKey() + ".gguf");
      try (Checkpoint checkpoint = Checkpoints.open(file)) {
        for (var tensor : type.getValue().getAsJsonObject().entrySet()) {
          assertHash(checkpoint, tensor.getKey(), tensor.getValue().getAsJsonObject());
        }
      }
    }
  }

  @Test
  public void wholeModelsMatch() {
    for (var model : Golden.json(ROOT + "models/index.json").getAsJsonObject().entrySet()) {
      JsonObject tensors = model.getValue().getAsJsonObject().getAsJsonObject("tensors");
      try (Checkpoint checkpoint =
          Checkpoints.open(Shared.path(ROOT + "models/" + model.getKey()))) {
        assertEquals(checkpoint.tensors().size(), tensors.size());
        for (Checkpoint.TensorInfo info : checkpoint.tensors()) {
          JsonObject expected = tensors.getAsJsonObject(info.name());
          assertEquals(info.type(), expected.get("type").getAsString());
          assertHash(checkpoint, info.name(), expected);
        }
      }
    }
  }

  private static void assertHash(Checkpoint checkpoint, String name, JsonObject expected) {
    Tensor tensor = checkpoint.tensor(name);
    String label = checkpoint.source() + " " + name;
    assertEquals(
        tensor.shape().toString(), expected.get("shape").toString().replace(",", ", "), label);
    assertEquals(Golden.floatSha256(tensor), expected.get("f32_sha256").getAsString(), label);
  }

  @Test
  public void metadataAndPlacesMatch() {
    List<String> refusals = new ArrayList<>();
    for (JsonElement element : Golden.json(ROOT + "metadata/expected.json").getAsJsonArray()) {
      JsonObject expected = element.getAsJsonObject();
      String name = expected.get("file").getAsString();
      Path file = Shared.path(ROOT + "metadata").resolve(name);
      assertEquals(Golden.judge(expected, file), List.of());
      try (Checkpoint checkpoint = Checkpoints.open(file)) {
        if (expected.has("kv")) {
          assertMetadata(name, checkpoint.metadata(), expected.getAsJsonArray("kv"));
        }
        for (JsonElement tensor : expected.getAsJsonArray("tensors")) {
          assertTensor(name, checkpoint, tensor.getAsJsonObject());
        }
      } catch (FormatException e) {
        refusals.add(name);
      }
    }
    // What the format's two readers disagree on and we refuse.
    assertEquals(
        refusals,
        List.of(
            "big-endian-v3.gguf",
            "nested-array.gguf",
            "bool-2.gguf",
            "split/missing-00001-of-00002.gguf"));
  }

  private static void assertTensor(String file, Checkpoint checkpoint, JsonObject expected) {
    String name = expected.get("name").getAsString();
    MemorySegment data =
        checkpoint.isQuantized(name)
            ? ((GgufBlocks) checkpoint.quantized(name)).data()
            : checkpoint.tensor(name).data();
    assertEquals(
        checkpoint.tensor(name).shape().toString(),
        expected.get("shape_row_major").toString().replace(",", ", "),
        file);
    if (expected.has("data_sha256_as_little_endian")) {
      assertEquals(
          Golden.sha256(data), expected.get("data_sha256_as_little_endian").getAsString(), file);
    }
  }

  private static void assertMetadata(
      String file, Map<String, Object> actual, Iterable<JsonElement> expected) {
    int count = 0;
    for (JsonElement element : expected) {
      JsonObject entry = element.getAsJsonObject();
      String key = entry.get("key").getAsString();
      String type = entry.get("type").getAsString();
      Object value = actual.get(key);
      if (type.equals("array")) {
        JsonObject array = entry.getAsJsonObject("value");
        List<JsonElement> values = array.getAsJsonArray("values").asList();
        List<?> list = (List<?>) value;
        assertEquals(list.size(), values.size(), file + " " + key);
        for (int i = 0; i < values.size(); i++) {
          assertValue(
              file + " " + key, list.get(i), array.get("element").getAsString(), values.get(i));
        }
      } else {
        assertValue(file + " " + key, value, type, entry.get("value"));
      }
      count++;
    }
    assertEquals(actual.size(), count, file);
  }

  private static void assertValue(String label, Object actual, String type, JsonElement expected) {
    switch (type) {
      case "f32" ->
          assertEquals(
              Float.floatToIntBits(((Double) actual).floatValue()),
              Float.floatToIntBits(
                  Float.intBitsToFloat(Integer.parseUnsignedInt(hex(expected), 16))),
              label);
      case "f64" ->
          assertEquals(
              Double.doubleToLongBits((Double) actual),
              Double.doubleToLongBits(
                  Double.longBitsToDouble(Long.parseUnsignedLong(hex(expected), 16))),
              label);
      case "string" -> assertEquals(actual, text(expected), label);
      case "bool" -> assertEquals(actual, expected.getAsBoolean(), label);
      default -> assertEquals(actual.toString(), expected.getAsString(), label);
    }
  }

  /** Bytes that are not UTF-8 are given in hexadecimal. */
  private static String text(JsonElement expected) {
    return expected.isJsonObject()
        ? new String(
            HexFormat.of().parseHex(expected.getAsJsonObject().get("hex").getAsString()),
            StandardCharsets.UTF_8)
        : expected.getAsString();
  }

  private static String hex(JsonElement bits) {
    return bits.getAsString().substring(2);
  }

  @Test
  public void hostileFilesAreReceivedAsTheManifestSays() {
    List<String> wrong = new ArrayList<>();
    for (JsonObject entry : Golden.manifest(ROOT + "hostile/manifest.jsonl")) {
      Path file = Shared.path(ROOT + "hostile").resolve(entry.get("file").getAsString());
      if (entry.get("level").getAsString().equals("model")) {
        // Sound containers; it is the model room that refuses what their keys say.
        Golden.readAll(file);
      } else {
        wrong.addAll(Golden.judge(entry, file));
      }
    }
    assertEquals(wrong, List.of());
  }

  @Test
  public void fuzzedFilesAreReceivedAsTheManifestSays() {
    List<String> wrong = new ArrayList<>();
    for (JsonObject entry : Golden.manifest(ROOT + "fuzz/manifest.jsonl")) {
      Path file = Shared.path(ROOT + "fuzz").resolve(entry.get("file").getAsString());
      wrong.addAll(Golden.judge(entry, file));
    }
    assertEquals(wrong, List.of());
  }
}
