// SPDX-License-Identifier: Apache-2.0
package io.lowbit.quant;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.lowbit.tensor.DType;
import io.lowbit.tensor.Shape;
import io.lowbit.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reference tensors in a well-formed safetensors file; the real reader lives in another room. */
record GoldenTensors(JsonObject header, MemorySegment data) {
  static GoldenTensors read(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    int length = Math.toIntExact(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(0));
    String json = new String(bytes, 8, length, StandardCharsets.UTF_8);
    return new GoldenTensors(
        JsonParser.parseString(json).getAsJsonObject(),
        MemorySegment.ofArray(bytes).asSlice(8L + length));
  }

  Tensor get(String name) {
    JsonObject entry = header.getAsJsonObject(name);
    JsonArray shape = entry.getAsJsonArray("shape");
    long[] dimensions = new long[shape.size()];
    for (int i = 0; i < dimensions.length; i++) {
      dimensions[i] = shape.get(i).getAsLong();
    }
    JsonArray offsets = entry.getAsJsonArray("data_offsets");
    long from = offsets.get(0).getAsLong();
    return new Tensor(
        DType.valueOf(entry.get("dtype").getAsString()),
        Shape.of(dimensions),
        data.asSlice(from, offsets.get(1).getAsLong() - from));
  }
}
