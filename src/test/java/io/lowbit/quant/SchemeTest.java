// SPDX-License-Identifier: Apache-2.0
package io.lowbit.quant;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertNotEquals;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.lowbit.quant.IntegerGrid.Symmetry;
import io.lowbit.tensor.DType;
import io.lowbit.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

public class SchemeTest {
  /** Text as typed and as printed. */
  @DataProvider
  public Object[][] texts() {
    return new Object[][] {
      {"fp32", "fp32"},
      {"bf16", "bf16"},
      {"stored", "stored"},
      {"stored+kv4", "stored+kv4"},
      {"w4g128", "w4g128"},
      {"w4g128-gptq", "w4g128-gptq"},
      {"w8a8-sym-smoothquant", "w8a8-sym-smoothquant"},
      {"w8a8-smoothquant-sym", "w8a8-sym-smoothquant"},
      {"w8a8-static-s32-sym", "w8a8-sym-s32-static"},
      {"w4g64a8+kv4", "w4g64a8+kv4"},
      {"kv4+w4g64a8", "w4g64a8+kv4"},
      {"w3g128-awq+k4v2r128", "w3g128-awq+k4v2r128"},
      {"fp32+w4g64-s32", "fp32+w4g64-s32"},
      {"fp32+w4g64+compat", "fp32+w4g64+compat"},
      {"compat+w4-sym", "w4-sym+compat"},
      {"w4a4-rotate-gptq", "w4a4-gptq-rotate"},
      {"fp16+k4v4g32", "fp16+kv4g32"},
      {"kv16", "kv16"},
      {"k2v16", "k2v16"},
      {"kv2g32r128-kivi-s32", "kv2g32r128-s32-kivi"},
      {"kvfp8r16", "kvfp8r16"},
      {"fp16+mxfp4+kvfp8", "fp16+mxfp4+kvfp8"},
      {"q4_k+kv8", "q4_k+kv8"},
      {"nf4", "nf4"},
    };
  }

  @Test(dataProvider = "texts")
  public void textsAndJsonComeBack(String typed, String printed) {
    Scheme scheme = Scheme.parse(typed);
    assertEquals(scheme.toString(), printed);
    assertEquals(Scheme.parse(printed), scheme);
    assertEquals(Scheme.fromJson(scheme.canonicalJson()), scheme);
  }

  @Test
  public void knobsMeanWhatTheGrammarSays() {
    Scheme scheme = Scheme.parse("fp32+w4g64a8-s32+k4v2g32r128");
    assertEquals(scheme.base(), Optional.of(DType.F32));
    assertEquals(
        scheme.weights().orElseThrow().format(),
        new IntegerGrid(4, 64, Symmetry.ASYMMETRIC, DType.F32, Arithmetic.EXACT));
    assertEquals(
        scheme.activations().orElseThrow(), new ActivationScheme(8, false, Arithmetic.EXACT));
    assertEquals(
        scheme.cache().orElseThrow(),
        new CacheScheme(
            CacheScheme.Format.INTEGER, 4, 2, 32, 128, false, DType.F16, Arithmetic.EXACT));
    assertEquals(grid("w4-sym").symmetry(), Symmetry.SYMMETRIC_FULL);
    assertEquals(grid("w4a8-sym").symmetry(), Symmetry.SYMMETRIC_RESTRICTED);
    assertTrue(Scheme.parse("w4a8-sym").activations().orElseThrow().symmetric());
    assertEquals(grid("w4-sym+compat").symmetry(), Symmetry.SYMMETRIC_RESTRICTED);
    assertEquals(grid("w4").scaleType(), DType.F16);
    assertEquals(grid("w4+compat").in(DType.F32).scaleType(), DType.F32);
    assertEquals(grid("w4").in(DType.F32).scaleType(), DType.F16);
    assertEquals(
        Scheme.parse("w4+kv4+compat").cache().orElseThrow().arithmetic(), Arithmetic.COMPAT);
  }

  private static IntegerGrid grid(String text) {
    return (IntegerGrid) Scheme.parse(text).weights().orElseThrow().format();
  }

  /** Content keys are made of these bytes: a change here orphans every result on disk. */
  @Test
  public void canonicalJsonIsStable() {
    assertEquals(
        Scheme.parse("fp32+w4g64a8-sym-gptq+k4v2").canonicalJson(),
        "{\"activations\":{\"arithmetic\":\"exact\",\"bits\":8,\"calibrated\":false,"
            + "\"symmetric\":true},\"base\":\"fp32\",\"cache\":{\"arithmetic\":\"exact\","
            + "\"format\":\"integer\",\"groupSize\":0,\"keyBits\":4,\"keysPerChannel\":false,"
            + "\"scaleType\":\"fp16\",\"valueBits\":2,\"window\":0},\"stored\":false,"
            + "\"weights\":{\"arithmetic\":\"exact\",\"bits\":4,\"format\":\"integer\","
            + "\"groupSize\":64,\"methods\":[\"gptq\"],\"scaleType\":\"fp16\","
            + "\"symmetry\":\"symmetric_restricted\"}}");
    assertEquals(
        Scheme.parse("stored").canonicalJson(),
        "{\"activations\":null,\"base\":null,\"cache\":null,\"stored\":true,\"weights\":null}");
    assertTrue(Scheme.parse("w4+compat").canonicalJson().contains("\"scaleType\":\"base\""));
    Scheme based = Scheme.parse("w4").withDefaultBase(DType.F16);
    assertEquals(based, Scheme.parse("fp16+w4"));
    assertEquals(based.withDefaultBase(DType.F32), based);
  }

  @DataProvider
  public Object[][] mistakes() {
    return new Object[][] {
      {"w4g128-gtpq", "character 7", "'-gptq'"},
      {"fp32+w4g64+compt", "character 12", "'compat'"},
      {"fp31+w4", "character 1", "'fp32'"},
      {"W4G128", "character 1", "'w4g128'"},
      {"w4h64", "character 1", "'w4g64'"},
      {"fp32+vk4", "character 6", "'kv4'"},
      {"k4b2g32", "character 1", "'k4v2g32'"},
      {"w4g128+q4k", "character 8", "'q4_k'"},
      {"w4+fp16", "character 4", "first"},
      {"fp32+fp16", "character 6", "once"},
      {"w9", "character 2", "1 to 8 bits; not 9"},
      {"w4a16", "character 4", "no 'a'"},
      {"w4a1", "character 4", "2 to 8 bits"},
      {"w4g0", "character 4", "at least 1"},
      {"w04", "character 2", "'04'"},
      {"w4g99999999999", "character 4", "not a usable number"},
      {"kv4-sym", "character 4", "always asymmetric"},
      {"w4-static", "character 3", "activations"},
      {"w4-sym-sym", "character 7", "twice"},
      {"w1-sym", "character 3", "2 bits"},
      {"w4+w3", "character 4", "one kind of weights"},
      {"stored+w4", "character 8", "one kind of weights"},
      {"kv4+kv2", "character 5", "one cache part"},
      {"kv12", "character 3", "1 to 8 bits, or 16"},
      {"nf4-sym", "character 4", "not one of its part"},
      {"stored-sym", "character 7", "no options"},
      {"fp32+compat", "character 6", "nothing is quantized"},
      {"w4-s32+compat", "character 3", "type of the tensor"},
      {"compat+kv4-s32", "character 11", "type of the tensor"},
      {"", "character 1", "w<bits>"},
      {"w4+", "character 4", "w<bits>"},
      {"w4-", "character 3", "takes"},
      {" w4", "character 1", "'w4'"},
    };
  }

  @Test(dataProvider = "mistakes")
  public void mistakesAreShownWithTheirPlaceAndTheNearestWord(
      String text, String place, String hint) {
    String message =
        expectThrows(IllegalArgumentException.class, () -> Scheme.parse(text)).getMessage();
    assertTrue(message.startsWith("scheme '" + text + "', " + place + ": "), message);
    assertTrue(message.contains(hint), message);
  }

  @DataProvider
  public Object[][] unsupported() {
    return new Object[][] {
      {"w4g128-gptq", "weight method 'gptq'", "rounded to nearest"},
      {"nf4", "weight format 'nf4'", "rounded to nearest"},
      {"w8a8-static", "-static", "per token"},
      {"kvfp8", "kvfp8", "r<window>, -kivi"},
      {"kvfp8r16", "kvfp8", "r<window>, -kivi"},
      {"kv2g48-kivi", "blocks of 48 tokens", "g16, g32 (the default) or g64"},
      {"kv2g8r32-kivi", "blocks of 8 tokens", "g16, g32 (the default) or g64"},
      {"kv2g128-kivi", "blocks of 128 tokens", "g16, g32 (the default) or g64"},
    };
  }

  @Test(dataProvider = "unsupported")
  public void whatDoesNotRunIsRefusedByName(String text, String missing, String works) {
    Scheme scheme = Scheme.parse(text);
    String message =
        expectThrows(IllegalArgumentException.class, scheme::requireSupported).getMessage();
    for (String part : List.of("'" + text + "'", missing, "not implemented", works)) {
      assertTrue(message.contains(part), message);
    }
  }

  @Test
  public void useRefusesTooAndSupportedSchemesPass() {
    Tensor matrix = Tensor.of(new float[] {1, 2}, 1, 2);
    WeightScheme gptq = Scheme.parse("w4-gptq").weights().orElseThrow();
    expectThrows(
        IllegalArgumentException.class,
        () -> gptq.quantize("w", matrix, DType.F32, OnIndivisible.ERROR));
    CacheScheme floats = Scheme.parse("kvfp8").cache().orElseThrow();
    expectThrows(IllegalArgumentException.class, () -> floats.keyGrid(DType.F32));
    for (String text :
        List.of(
            "stored",
            "fp32",
            "w8",
            "w3g64-sym-s32",
            "w2g64",
            "w8a8",
            "w8a8-sym",
            "w4g64a4+kv4",
            "k8v2g16",
            "kv4r128",
            "k16v2g24r7",
            "kv2-kivi",
            "kv2g64r128-kivi-s32",
            "k16v2g48-kivi",
            "fp32+w4a8+kv3+compat")) {
      Scheme.parse(text).requireSupported();
    }
  }

  @Test
  public void everyWayToOrderAndCombineComesBack() {
    Random random = new Random(7);
    Set<String> canonical = new HashSet<>();
    for (int i = 0; i < 3000; i++) {
      List<String> parts = new ArrayList<>();
      boolean compat = random.nextInt(4) == 0;
      parts.add(weights(random, compat));
      if (random.nextBoolean()) {
        parts.add(cache(random, compat));
      }
      if (compat) {
        parts.add("compat");
      }
      Collections.shuffle(parts, random);
      if (random.nextBoolean()) {
        parts.addFirst(List.of("fp32", "fp16", "bf16").get(random.nextInt(3)));
      }
      Scheme scheme = Scheme.parse(String.join("+", parts));
      assertEquals(Scheme.parse(scheme.toString()), scheme, scheme.toString());
      assertEquals(Scheme.fromJson(scheme.canonicalJson()), scheme);
      assertSorted(JsonParser.parseString(scheme.canonicalJson()).getAsJsonObject());
      canonical.add(scheme.toString() + scheme.canonicalJson());
    }
    // One JSON for each text: as many pairs as texts.
    long texts = canonical.stream().map(s -> s.substring(0, s.indexOf('{'))).distinct().count();
    assertEquals(canonical.size(), texts);
  }

  private static String weights(Random random, boolean compat) {
    List<String> options = new ArrayList<>();
    for (WeightMethod method : WeightMethod.values()) {
      if (random.nextInt(6) == 0) {
        options.add("-" + method.name().toLowerCase(Locale.ROOT));
      }
    }
    String word = "w" + (2 + random.nextInt(7)) + (random.nextBoolean() ? "g" + size(random) : "");
    if (random.nextBoolean()) {
      word += "a" + (2 + random.nextInt(7));
      options.addAll(random.nextBoolean() ? List.of("-static") : List.of());
    }
    options.addAll(random.nextBoolean() ? List.of("-sym") : List.of());
    options.addAll(random.nextBoolean() && !compat ? List.of("-s32") : List.of());
    Collections.shuffle(options, random);
    return word + String.join("", options);
  }

  private static String cache(Random random, boolean compat) {
    String word =
        random.nextBoolean()
            ? "kv" + (1 + random.nextInt(8))
            : "k" + (1 + random.nextInt(8)) + "v16";
    return word
        + (random.nextBoolean() ? "g" + size(random) : "")
        + (random.nextBoolean() ? "r" + size(random) : "")
        + (random.nextBoolean() ? "-kivi" : "")
        + (random.nextBoolean() && !compat ? "-s32" : "");
  }

  private static int size(Random random) {
    return 1 + random.nextInt(512);
  }

  private static void assertSorted(JsonObject json) {
    List<String> keys = List.copyOf(json.keySet());
    assertEquals(keys, keys.stream().sorted().toList());
    for (JsonElement value : json.asMap().values()) {
      if (value.isJsonObject()) {
        assertSorted(value.getAsJsonObject());
      }
    }
  }

  @Test
  public void badJsonIsRefused() {
    String json = Scheme.parse("w4a8+kv4").canonicalJson();
    for (String bad :
        List.of(
            "",
            "[]",
            "nonsense",
            json.substring(0, json.length() - 2),
            json.replace("\"bits\":4", "\"bits\":\"four\""),
            json.replace("\"window\":0", "\"window\":0,\"sink\":4"),
            json.replace("\"bits\":4,", ""),
            json.replace("integer", "interger"),
            json.replace("exact", "exakt"))) {
      assertNotEquals(bad, json);
      expectThrows(IllegalArgumentException.class, () -> Scheme.fromJson(bad));
    }
  }

  @Test
  public void partsThatNoTextSaysAreRefused() {
    WeightScheme full =
        new WeightScheme(
            new IntegerGrid(8, 0, Symmetry.SYMMETRIC_FULL, DType.F16, Arithmetic.EXACT));
    ActivationScheme symmetric = new ActivationScheme(8, true, Arithmetic.EXACT);
    CacheScheme compat = new CacheScheme(4, 4, 0, Arithmetic.COMPAT);
    expectThrows(
        IllegalArgumentException.class,
        () -> scheme(Optional.of(full), Optional.of(symmetric), Optional.empty()));
    expectThrows(
        IllegalArgumentException.class,
        () -> scheme(Optional.empty(), Optional.of(symmetric), Optional.empty()));
    expectThrows(
        IllegalArgumentException.class,
        () -> scheme(Optional.of(full), Optional.empty(), Optional.of(compat)));
    expectThrows(
        IllegalArgumentException.class,
        () -> scheme(Optional.empty(), Optional.empty(), Optional.empty()));
  }

  private static Scheme scheme(
      Optional<WeightScheme> weights,
      Optional<ActivationScheme> activations,
      Optional<CacheScheme> cache) {
    return new Scheme(false, Optional.empty(), weights, activations, cache);
  }
}
