// SPDX-License-Identifier: Apache-2.0
package io.lowbit.house;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** The arrows between the rooms and the fences around libraries, and that breaking one is seen. */
public final class ArchitectureTest {
  private static final JavaClasses LOWBIT =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.lowbit");
  private static final String FIXTURES = "io.lowbit.house.fixture";
  private static final JavaClasses BROKEN = new ClassFileImporter().importPackages(FIXTURES);

  @DataProvider
  Object[][] rules() {
    Rooms rooms = new Rooms("io.lowbit");
    return new Object[][] {{rooms.places()}, {rooms.arrows()}, {rooms.fences()}};
  }

  @Test(dataProvider = "rules")
  public void theCodeKeepsTheRule(ArchRule rule) {
    rule.check(LOWBIT);
  }

  @Test
  public void everyPackageSaysWhatItIs() {
    Set<String> packages =
        LOWBIT.stream().map(c -> c.getPackageName()).collect(Collectors.toCollection(TreeSet::new));
    // Written by the template compiler.
    packages.remove("io.lowbit.report.pages");
    List<String> silent =
        packages.stream().filter(name -> !LOWBIT.contain(name + ".package-info")).toList();
    assertTrue(silent.isEmpty(), "no package-info.java in " + silent);
  }

  @Test
  public void anArrowAgainstTheTableIsSeen() {
    assertEquals(
        culprits(new Rooms(FIXTURES).arrows()),
        Set.of("tensor.UsesQuant", "study.UsesFormat", "format.UsesCli"));
  }

  @Test
  public void aLibraryOutsideItsFenceIsSeen() {
    assertEquals(
        culprits(new Rooms(FIXTURES).fences()), Set.of("backend.UsesVector", "study.UsesDuckDb"));
  }

  @Test
  public void aRoomThatIsNotInTheTableIsSeen() {
    assertEquals(culprits(new Rooms(FIXTURES).places()), Set.of("attic.Stranger"));
  }

  /** The fixture classes that break a rule, by the first of their names in each message. */
  private static Set<String> culprits(ArchRule rule) {
    List<String> details = rule.evaluate(BROKEN).getFailureReport().getDetails();
    assertTrue(
        details.stream().allMatch(detail -> detail.contains(FIXTURES)), String.join("\n", details));
    return details.stream()
        .map(detail -> detail.substring(detail.indexOf(FIXTURES) + FIXTURES.length() + 1))
        .map(detail -> detail.split("[^A-Za-z.]", 2)[0])
        .map(name -> name.replaceAll("\\.(<init>|[a-z]\\w*)?$", ""))
        .collect(Collectors.toSet());
  }
}
