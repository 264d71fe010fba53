// SPDX-License-Identifier: Apache-2.0
package io.lowbit.results;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.testng.SkipException;
import org.testng.annotations.Test;

/** Records on a disk of 64 KiB; needs the right to mount one. */
public final class FullDiskTest {
  @Test
  public void whatFitsIsKeptAndTheRestFollowsWhenThereIsRoom() throws Exception {
    Path disk = Files.createTempDirectory("disk");
    if (run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk.toString()) != 0) {
      Files.delete(disk);
      throw new SkipException("needs the right to mount a small file system");
    }
    try {
      Path ballast = Files.write(disk.resolve("ballast"), new byte[60 << 10]);
      Path path = disk.resolve("unit.jsonl");
      try (RecordFile file = RecordFile.open(path)) {
        int[] written = {0};
        String message =
            expectThrows(
                    UncheckedIOException.class,
                    () -> {
                      for (; written[0] < 1000; written[0]++) {
                        file.append(List.of(RecordFileTest.item("key " + written[0])));
                      }
                    })
                .getMessage();
        assertTrue(message.contains("unit.jsonl: 1 records could not be written"), message);
        assertTrue(message.contains("free some space and run the same command again"), message);
        assertEquals(RecordFile.keys(path).size(), written[0], "nothing half-written stays");
        Files.delete(ballast);
        file.append(List.of(RecordFileTest.item("key " + written[0])));
        assertEquals(RecordFile.read(path).size(), written[0] + 1);
      }
    } finally {
      run("umount", disk.toString());
      Files.delete(disk);
    }
  }

  private static int run(String... command) throws Exception {
    try {
      return new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
    } catch (java.io.IOException e) {
      throw new SkipException("needs the program " + command[0], e);
    }
  }
}
