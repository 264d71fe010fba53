// SPDX-License-Identifier: Apache-2.0
package io.lowbit.quant;

import static org.testng.Assert.assertEquals;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.lowbit.quant.IntegerGrid.Symmetry;
import io.lowbit.tensor.DType;
import io.lowbit.tensor.Tensor;
import io.lowbit.testing.Shared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.testng.annotations.Test;

/** Compat arithmetic against every tensor that qllm-eval's own quantizer produced, bit for bit. */
public class QllmTensorsTest {
  private interface Fake {
    float[] quantize(String name, Tensor input, IntegerGrid grid);
  }

  @Test
  public void weightsAgreeBitForBit() throws IOException {
    checkAll((name, input, grid) -> {
      GroupedInteger packed = RoundToNearest.quantize(name, input, grid);
      int columns = Math.toIntExact(packed.columns());
      float[] values = new float[Math.toIntExact(packed.rows()) * columns];
      for (int row = 0; row < packed.rows(); row++) {
        packed.dequantize(row, 0, columns, values, row * columns);
      }
      return values;
    });
  }

  @Test
  public void tokenRowsAgreeBitForBit() throws IOException {
    checkAll((name, input, grid) -> {
      int columns = Math.toIntExact(input.shape().columns());
      int groups = columns / grid.effectiveGroup(columns);
      float[] values = input.toFloats();
      byte[] codes = new byte[columns];
      float[] scales = new float[groups];
      int[] zeros = new int[groups];
      for (int at = 0; at < values.length; at += columns) {
        RowQuantizer.quantize(values, at, columns, grid, codes, 0, scales, zeros, 0);
        RowQuantizer.dequantize(codes, 0, columns, grid, scales, zeros, 0, values, at);
      }
      return values;
    });
  }

  private static void checkAll(Fake fake) throws IOException {
    Path folder = Shared.path("golden/qllm");
    GoldenTensors tensors = GoldenTensors.read(folder.resolve("tensors.safetensors"));
    JsonArray cases =
        JsonParser.parseString(Files.readString(folder.resolve("tensors.json"))).getAsJsonArray();
    List<String> different = new ArrayList<>();
    for (JsonElement element : cases) {
      JsonObject test = element.getAsJsonObject();
      Tensor input = tensors.get("in." + test.get("input").getAsInt());
      IntegerGrid grid =
          new IntegerGrid(
              test.get("bits").getAsInt(),
              Math.max(0, test.get("group").getAsInt()),
              test.get("zero_point").getAsBoolean()
                  ? Symmetry.ASYMMETRIC
                  : Symmetry.SYMMETRIC_RESTRICTED,
              DType.valueOf(test.get("dtype").getAsString().equals("float16") ? "F16" : "F32"),
              Arithmetic.COMPAT);
      float[] expected = tensors.get(test.get("output").getAsString()).toFloats();
      float[] actual = fake.quantize(test.get("output").getAsString(), input, grid);
      int wrong = countDifferent(expected, actual);
      if (wrong > 0) {
        different.add(test + ": " + wrong + " of " + expected.length);
      }
    }
    assertEquals(cases.size(), 1008);
    assertEquals(different, List.of());
  }

  private static int countDifferent(float[] expected, float[] actual) {
    int wrong = Math.abs(expected.length - actual.length);
    for (int i = 0; i < Math.min(expected.length, actual.length); i++) {
      boolean same = Float.floatToRawIntBits(expected[i]) == Float.floatToRawIntBits(actual[i]);
      wrong += same ? 0 : 1;
    }
    return wrong;
  }
}
