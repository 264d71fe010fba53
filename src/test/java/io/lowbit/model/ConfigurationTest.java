// SPDX-License-Identifier: Apache-2.0
package io.lowbit.model;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import com.google.gson.JsonParser;
import io.lowbit.format.FormatException;
import java.util.Map;
import java.util.OptionalInt;
import org.testng.Assert.ThrowingRunnable;
import org.testng.annotations.Test;

public final class ConfigurationTest {
  private static Configuration json(String text) {
    return Configuration.ofJson("c.json", JsonParser.parseString(text).getAsJsonObject());
  }

  private static void refused(ThrowingRunnable action, String sentence) {
    assertEquals(expectThrows(FormatException.class, action).getMessage(), sentence);
  }

  @Test
  public void nestedOptionsHaveDottedNames() {
    Configuration config = json("{\"rope\": {\"type\": \"linear\", \"factor\": 2.5}, \"n\": 3}");
    assertEquals(config.text("rope.type", "none"), "linear");
    assertEquals(config.number("rope.factor"), 2.5);
    assertEquals(config.integer("n"), 3);
    config.refuseUnread("llama");
  }

  @Test
  public void nullIsAbsent() {
    Configuration config = json("{\"window\": null}");
    assertEquals(config.optionalInteger("window"), OptionalInt.empty());
    assertTrue(config.flag("use", true));
    assertEquals(config.text("act", "silu"), "silu");
  }

  @Test
  public void metadataIsReadBelowItsPrefix() {
    Configuration config =
        Configuration.ofMetadata("m.gguf", Map.of("llama.n", 7L, "tokenizer.n", 8L), "llama.");
    assertEquals(config.integer("n"), 7);
    config.refuseUnread("llama");
  }

  @Test
  public void anOptionThatNobodyReadIsRefusedByName() {
    Configuration config = json("{\"n\": 3, \"softcap\": 30, \"norms\": {\"qk\": true}}");
    assertEquals(config.integer("n"), 3);
    refused(
        () -> config.refuseUnread("llama"),
        "c.json: the options 'norms.qk' = true, 'softcap' = 30.0 of a llama model are not known to"
            + " Lowbit, so the model would be run wrong");
    config.ignore("softcap", "norms.qk");
    config.refuseUnread("llama");
  }

  @Test
  public void aMissingOptionIsNamed() {
    Configuration config = json("{}");
    refused(
        () -> config.integer("n"), "c.json: the option 'n' is missing; expected a whole number");
    refused(() -> config.number("x"), "c.json: the option 'x' is missing; expected a number");
  }

  @Test
  public void aWrongTypeIsNamedWithTheValue() {
    Configuration config =
        json("{\"text\": \"8\", \"half\": 0.5, \"large\": 4294967295, \"list\": [1], \"yes\": 1}");
    String whole = "expected a whole number below 2^31";
    refused(() -> config.integer("text"), "c.json: the option 'text' is 8; " + whole);
    refused(() -> config.integer("half"), "c.json: the option 'half' is 0.5; " + whole);
    refused(() -> config.integer("large"), "c.json: the option 'large' is 4.294967295E9; " + whole);
    refused(
        () -> config.number("list"), "c.json: the option 'list' is [1]; expected a finite number");
    refused(
        () -> config.flag("yes", false), "c.json: the option 'yes' is 1.0; expected true or false");
    refused(() -> config.text("half", ""), "c.json: the option 'half' is 0.5; expected a text");
  }
}
