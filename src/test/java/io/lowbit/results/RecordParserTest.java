// SPDX-License-Identifier: Apache-2.0
package io.lowbit.results;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertSame;
import static org.testng.Assert.expectThrows;

import com.google.gson.JsonParseException;
import io.lowbit.results.ItemRecord.Aggregation;
import io.lowbit.results.ItemRecord.Metric;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.testng.annotations.Test;

/** Whatever the lines before, a line means what reading it alone says. */
public class RecordParserTest {
  private static final String LETTERS = "ab \"\\/\n\r\t\b\f\u0000\u2028é漢{}[],:'<>";
  private static final double[] NUMBERS = {
    0, 1, -0.0, 0.5, -1.25, 1e-300, 1.7976931348623157e308, 123456789.125, Double.NaN, 3
  };

  private final Random random = new Random(11);

  private String text() {
    StringBuilder text = new StringBuilder(random.nextInt(20) == 0 ? "\uD83D\uDE00" : "");
    for (int length = random.nextInt(9); length > 0; length--) {
      text.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
    }
    return text.toString();
  }

  private double number() {
    return random.nextBoolean()
        ? NUMBERS[random.nextInt(NUMBERS.length)]
        : random.nextGaussian() * 100;
  }

  /** One of a few kinds of file: names of values, model and metrics repeat often, not always. */
  private ItemRecord record() {
    String rare = random.nextInt(8) == 0 ? text() : "same";
    Map<String, Double> values = new LinkedHashMap<>();
    values.put("acc", number());
    if (random.nextInt(6) > 0) {
      values.put(rare + ":\"", number());
    }
    List<Double> likelihoods = new ArrayList<>();
    for (int choices = random.nextInt(7); choices > 0; choices--) {
      likelihoods.add(number());
    }
    return new ItemRecord(
        ItemRecord.SCHEMA,
        text(),
        rare,
        "ab",
        10,
        "w4",
        "{\"item\":\"x\",\"metrics\":[]}",
        "F32",
        4.25,
        6,
        "real",
        "cpu",
        rare,
        1,
        "basic",
        "0-shot",
        "cd",
        text(),
        text(),
        List.of(new Metric("acc", Aggregation.MEAN, true, Double.NaN)),
        values,
        likelihoods,
        text(),
        text());
  }

  @Test
  public void readsEveryLineAsIfItWereAlone() {
    RecordParser parser = new RecordParser(new TextPool());
    for (int i = 0; i < 5000; i++) {
      ItemRecord record = record();
      String line = RecordJson.write(record);
      byte[] bytes = ("x" + line + "\n").getBytes(StandardCharsets.UTF_8);
      ItemRecord read = parser.read(bytes, 1, bytes.length - 1);
      assertEquals(read, record, line);
      assertEquals(record, read, line);
      assertEquals(RecordJson.write(read), line);
    }
  }

  @Test
  public void sharesWhatLinesHaveInCommon() {
    RecordParser parser = new RecordParser(new TextPool());
    byte[] first = RecordJson.write(RecordFileTest.item("a")).getBytes(StandardCharsets.UTF_8);
    byte[] next = RecordJson.write(RecordFileTest.item("b")).getBytes(StandardCharsets.UTF_8);
    ItemRecord a = parser.read(first, 0, first.length);
    ItemRecord b = parser.read(next, 0, next.length);
    assertEquals(b, RecordFileTest.item("b"));
    assertSame(b.schemeJson(), a.schemeJson());
    assertSame(b.metrics(), a.metrics());
  }

  /** Damage to any one byte of a line like the one before is judged as in the full reader. */
  @Test
  public void damageIsJudgedByTheFullReader() {
    RecordParser parser = new RecordParser(new TextPool());
    byte[] sound = RecordJson.write(RecordFileTest.item("a")).getBytes(StandardCharsets.UTF_8);
    for (int at = 0; at < sound.length; at++) {
      for (byte damage : new byte[] {'"', '\\', ',', '}', '0', 'x'}) {
        parser.read(sound, 0, sound.length);
        byte[] damaged = sound.clone();
        damaged[at] = damage;
        String line = new String(damaged, StandardCharsets.UTF_8);
        ItemRecord expected;
        try {
          expected = RecordJson.read(line);
        } catch (JsonParseException e) {
          assertEquals(
              expectThrows(JsonParseException.class, () -> parser.read(damaged, 0, damaged.length))
                  .getMessage(),
              e.getMessage());
          continue;
        }
        assertEquals(parser.read(damaged, 0, damaged.length), expected, line);
      }
    }
  }
}
