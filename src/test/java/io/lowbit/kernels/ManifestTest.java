// SPDX-License-Identifier: Apache-2.0
package io.lowbit.kernels;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import io.lowbit.kernels.Manifest.Module;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** The shipped PTX is what the sources beside it compile to. */
public final class ManifestTest {
  private static final String REMEDY = "; run kernels/build.sh and commit kernels/ptx";
  private static final String VERSION = "7.8";
  private static final String TARGET = "sm_80";

  @Test
  public void everySourceHasItsModuleAndTheOtherWayRound() {
    TreeSet<String> sources = Manifest.stems(Manifest.KERNELS, "cu");
    assertTrue(!sources.isEmpty(), "no sources in " + Manifest.KERNELS);
    assertEquals(
        Manifest.stems(Manifest.PTX, "ptx"), sources, "modules, not one per source" + REMEDY);
    assertEquals(
        new TreeSet<>(Manifest.read().modules().keySet()),
        sources,
        "modules of the manifest, not one per source" + REMEDY);
  }

  @DataProvider
  Object[][] modules() {
    return Manifest.read().modules().entrySet().stream()
        .map(entry -> new Object[] {entry.getKey(), entry.getValue()})
        .toArray(Object[][]::new);
  }

  @Test(dataProvider = "modules")
  public void sourcesHaveNotChangedSinceTheyWereCompiled(String name, Module module) {
    Map<String, String> current = new TreeMap<>();
    Manifest.sourceTexts(name + ".cu").forEach((file, text) -> current.put(file, sha256(text)));
    assertEquals(
        new TreeMap<>(module.sources()), current, "%s.ptx is stale%s".formatted(name, REMEDY));
  }

  @Test(dataProvider = "modules")
  public void thePtxIsAsTheCompilerWroteIt(String name, Module module) {
    String ptx = ptx(name);
    assertEquals(sha256(ptx), module.ptx(), "%s.ptx was changed by hand%s".formatted(name, REMEDY));
    assertEquals(directive(ptx, "version"), VERSION, name + REMEDY);
    assertEquals(directive(ptx, "target"), TARGET, name + REMEDY);
    assertEquals(module.version(), VERSION, name + REMEDY);
    assertEquals(module.target(), TARGET, name + REMEDY);
  }

  @Test(dataProvider = "modules")
  public void theManifestNamesTheEntries(String name, Module module) {
    TreeSet<String> entries = new TreeSet<>();
    Matcher entry =
        Pattern.compile("^\\.visible \\.entry (\\w+)", Pattern.MULTILINE).matcher(ptx(name));
    while (entry.find()) {
      entries.add(entry.group(1));
    }
    assertEquals(module.entryNames(), entries, name + REMEDY);
    assertEquals(module.entries().size(), entries.size(), name + REMEDY);
  }

  private static String ptx(String name) {
    return Manifest.text(Manifest.PTX.resolve(name + ".ptx"));
  }

  private static String directive(String ptx, String name) {
    Matcher line = Pattern.compile("^\\." + name + " (\\S+)$", Pattern.MULTILINE).matcher(ptx);
    return line.find() ? line.group(1) : "missing";
  }

  private static String sha256(String text) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException exception) {
      throw new IllegalStateException("every Java has SHA-256", exception);
    }
  }
}
