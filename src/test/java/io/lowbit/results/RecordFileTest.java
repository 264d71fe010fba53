// SPDX-License-Identifier: Apache-2.0
package io.lowbit.results;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertThrows;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import io.lowbit.results.ItemRecord.Aggregation;
import io.lowbit.results.ItemRecord.Metric;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

public class RecordFileTest {
  private Path folder;

  @BeforeMethod
  public void makeFolder() throws IOException {
    folder = Files.createTempDirectory("records");
  }

  @AfterMethod
  public void removeFolder() throws IOException {
    try (var files = Files.walk(folder)) {
      for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(file);
      }
    }
  }

  static ItemRecord item(String key) {
    return new ItemRecord(
        ItemRecord.SCHEMA,
        key,
        "m",
        "ab",
        10,
        "w4",
        "{}",
        "F32",
        4.25,
        6,
        "real",
        "cpu",
        "t",
        1,
        "basic",
        "0-shot",
        "cd",
        "1",
        "1",
        List.of(new Metric("acc", Aggregation.MEAN, true, Double.NaN)),
        Map.of("acc", 1.0),
        List.of(-1.5, Double.NaN),
        "<b>\u2028",
        "yes");
  }

  @Test
  public void recordsComeBackAsTheyWere() {
    Path path = folder.resolve("deep/unit.jsonl");
    try (RecordFile file = RecordFile.open(path)) {
      file.append(List.of(item("a"), item("b")));
      file.append(List.of(item("b"), item("c")));
    }
    assertEquals(RecordFile.read(folder), List.of(item("a"), item("b"), item("c")), "no key twice");
  }

  @Test
  public void anyCutLosesAtMostTheLastBatch() throws IOException {
    Path path = folder.resolve("unit.jsonl");
    try (RecordFile file = RecordFile.open(path)) {
      file.append(List.of(item("a")));
      file.append(List.of(item("b")));
    }
    byte[] whole = Files.readAllBytes(path);
    int first = whole.length / 2;
    for (int length = 0; length <= whole.length; length += length < whole.length - 3 ? 7 : 1) {
      Files.write(path, Arrays.copyOf(whole, length));
      try (RecordFile file = RecordFile.open(path)) {
        assertEquals(file.find("a").isPresent(), length >= first);
        assertEquals(file.find("b").isPresent(), length == whole.length);
        assertEquals(file.repair().isPresent(), length % first != 0, "a loss is reported");
        file.append(List.of(item("a"), item("b")));
      }
      assertEquals(Files.readAllBytes(path), whole, "resuming gives the undisturbed file");
    }
  }

  @Test
  public void damageInTheMiddleIsNamedWithItsLine() throws IOException {
    Path path = folder.resolve("unit.jsonl");
    try (RecordFile file = RecordFile.open(path)) {
      file.append(List.of(item("a")));
    }
    Files.writeString(path, "{\"schema\": 1}\n", StandardOpenOption.APPEND);
    String message =
        expectThrows(IllegalStateException.class, () -> RecordFile.open(path)).getMessage();
    assertTrue(message.startsWith(path + ":2: not a record"), message);
    Files.writeString(path, "");
    RecordFile.open(path).close();
  }

  @Test
  public void aSecondWriterIsRefused() {
    Path path = folder.resolve("unit.jsonl");
    try (RecordFile file = RecordFile.open(path)) {
      assertFalse(file.repair().isPresent());
      assertThrows(IllegalStateException.class, () -> RecordFile.open(path));
    }
  }

  @Test
  public void aFolderThatCannotBeMadeIsASentence() throws IOException {
    Path blocker = Files.createFile(folder.resolve("blocker"));
    String message =
        expectThrows(
                UncheckedIOException.class, () -> RecordFile.open(blocker.resolve("x/unit.jsonl")))
            .getMessage();
    assertTrue(message.contains("cannot be opened for writing records"), message);
  }

  @Test
  public void keysDependOnEveryPart() {
    String key = new ContentKey().with("a", "bc").with("n", 1).hex();
    assertEquals(key, new ContentKey().with("a", "bc").with("n", 1).hex());
    assertFalse(key.equals(new ContentKey().with("ab", "c").with("n", 1).hex()));
    assertFalse(
        new ContentKey()
            .with("ids", new int[] {1, 2})
            .hex()
            .equals(new ContentKey().with("ids", new int[] {1}).with("ids", new int[] {2}).hex()));
  }
}
