// SPDX-License-Identifier: Apache-2.0
package io.lowbit.house;

import static org.testng.Assert.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** What every source file keeps to, and what two files have to say alike. */
public final class SourcesTest {
  private static final Path ROOT = Path.of(System.getProperty("basedir", "."));

  record Source(Path path, String text) {
    boolean contains(String regex) {
      return Pattern.compile(regex, Pattern.MULTILINE).matcher(text).find();
    }
  }

  @DataProvider
  Object[][] defects() {
    // The words are split so that this file does not contain them.
    return new Object[][] {
      defect("no licence line", s -> !s.contains("\\A// SPDX-License-Identifier: Apache-2\\.0\n")),
      defect("a tab", s -> s.contains("\t")),
      defect("a carriage return", s -> s.contains("\r")),
      defect("an unfinished thought", s -> s.contains("\\b(TO" + "DO|FIX" + "ME|X" + "XX)\\b")),
      defect(
          "a name that says nothing",
          s -> s.path().toString().matches(".*(Manager|Helper|Utils?)\\.java")),
      defect("an author tag", s -> s.contains("^ *\\* @" + "author")),
      defect(
          "an end of the process outside the command line",
          s -> !s.path().endsWith("cli/Main.java") && s.contains("System\\.(exit|halt)\\(")),
      defect("a swallowed exception", s -> s.contains("catch \\([^)]*\\) \\{\\s*\\}")),
    };
  }

  private static Object[] defect(String name, Predicate<Source> has) {
    return new Object[] {name, has};
  }

  @Test(dataProvider = "defects")
  public void noJavaSourceHas(String defect, Predicate<Source> has) throws IOException {
    List<Path> guilty = javaSources().stream().filter(has).map(Source::path).toList();
    assertTrue(guilty.isEmpty(), defect + " in " + guilty);
  }

  @Test
  public void theLauncherStartsJavaAsTheTestsDo() throws IOException {
    var options =
        Pattern.compile("<lowbit\\.jvm>(.*)</lowbit\\.jvm>")
            .matcher(Files.readString(ROOT.resolve("pom.xml")));
    assertTrue(options.find());
    String launcher = Files.readString(ROOT.resolve("lowbit"));
    assertTrue(launcher.contains(options.group(1)), options.group(1) + " in the launcher");
  }

  private static List<Source> javaSources() throws IOException {
    try (Stream<Path> files = Files.walk(ROOT.resolve("src"))) {
      List<Source> sources =
          files.filter(file -> file.toString().endsWith(".java")).map(SourcesTest::read).toList();
      assertTrue(sources.size() > 10, "found only " + sources);
      return sources;
    }
  }

  private static Source read(Path path) {
    try {
      return new Source(path, Files.readString(path));
    } catch (IOException exception) {
      throw new UncheckedIOException(exception);
    }
  }
}
