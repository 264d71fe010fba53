// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx.mutation;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import io.lowbit.bench.ConformanceCase;
import io.lowbit.bench.ConformanceSuite;
import java.util.List;
import java.util.Optional;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Which mutants there are, and that those live that nothing looks for. */
public final class MutationsTest {
  private static final EquivalentMutants NONE = new EquivalentMutants("# none\n");

  private static ModuleText module(String body) {
    return new ModuleText(
        """
        .version 7.8
        .visible .entry first(.param .u64 x)
        {
        %s
        }
        .visible .entry second()
        {
        ret;
        }
        """
            .formatted(body));
  }

  private static List<String> replacements(String body) {
    return Mutations.of(module(body)).stream().map(Mutant::replacement).map(String::strip).toList();
  }

  @DataProvider
  Object[][] instructions() {
    return new Object[][] {
      {"bar.sync 0;", List.of("")},
      {"cp.async.wait_group 2;", List.of("")},
      {"membar.gl;", List.of("")},
      {"@%p1 mov.u32 %r1, %r2;", List.of("mov.u32 %r1, %r2;")},
      {"@!%p1 bra $after;\n$after:", List.of("bra $after;", "")},
      {"$before:\n@%p1 bra $before;", List.of()},
      {"bra.uni $after;\n$after:", List.of()},
      {
        "ld.shared.f32 %f1, [%r1+8];",
        List.of(
            "ld.shared.f32 %f1, [%r1+10];",
            "ld.shared.f32 %f1, [%r1+12];",
            "ld.shared.f32 %f1, [%r1+24];",
            "ld.shared.f32 %f1, [%r1+6];",
            "ld.shared.f32 %f1, [%r1+4];",
            "ld.shared.f32 %f1, [%r1-8];")
      },
      {"ld.param.u64 %rd1, [x];", List.of()},
      {
        "add.s32 %r1, %r2, -1;",
        List.of(
            "add.s32 %r1, %r2, 0;",
            "add.s32 %r1, %r2, 3;",
            "add.s32 %r1, %r2, 15;",
            "add.s32 %r1, %r2, -2;",
            "add.s32 %r1, %r2, -5;",
            "add.s32 %r1, %r2, -17;")
      },
      {"add.s32 %r1, %r2, %r3;", List.of()},
      {"add.rn.f32 %f1, %f2, 0f3F800000;", List.of()},
      {"shl.b32 %r1, %r2, 4;", List.of("shl.b32 %r1, %r2, 5;", "shl.b32 %r1, %r2, 3;")},
      {"shl.b32 %r1, 4, %r2;", List.of()},
      {"shr.u32 %r1, %r2, 31;", List.of("shr.u32 %r1, %r2, 30;")},
      {"and.b32 %r1, %r2, 12;", List.of("and.b32 %r1, %r2, 8;", "and.b32 %r1, %r2, 13;")},
      {"and.b32 %r1, %r2, -1;", List.of("and.b32 %r1, %r2, -2;")},
      {
        "lop3.b32 %r1, %r2, 983055, 1677747200, 234;",
        List.of(
            "lop3.b32 %r1, %r2, 983054, 1677747200, 234;",
            "lop3.b32 %r1, %r2, 983055, 1677746176, 234;",
            "lop3.b32 %r1, %r2, 983071, 1677747200, 234;",
            "lop3.b32 %r1, %r2, 983055, 1677747201, 234;")
      },
    };
  }

  @Test(dataProvider = "instructions")
  public void eachInstructionHasItsMutants(String body, List<String> expected) {
    assertEquals(replacements(body), expected);
  }

  @Test
  public void otherEntriesAndLineNumbersStay() {
    ModuleText text = module("bar.sync 0;");
    assertEquals(
        text.only("first", 4, "ret;").lines().toList(),
        List.of(
            ".version 7.8",
            ".visible .entry first(.param .u64 x)",
            "{",
            "ret;",
            "}",
            "",
            "",
            "",
            ""));
  }

  private static List<ConformanceCase> embeddings() {
    return ConformanceSuite.sample().stream()
        .filter(c -> c.kernel().equals("rows") && c.description().startsWith("embed"))
        .toList();
  }

  /** Faults kill by themselves; wrong numbers only where somebody compares. */
  @Test
  public void mutantsLiveWhereNothingIsCompared() {
    List<ConformanceCase> blind =
        embeddings().stream()
            .map(c ->
                new ConformanceCase(
                    c.kernel(),
                    c.description(),
                    c.sample(),
                    kernels -> {
                      c.run(kernels);
                      return new ConformanceCase.Outcome(0, 1, "nothing");
                    }))
            .toList();
    MutationReport.Tally seeing = embed(embeddings());
    MutationReport.Tally unseeing = embed(blind);
    assertEquals(seeing.killed() + seeing.survived(), unseeing.killed() + unseeing.survived());
    assertTrue(unseeing.survived() >= seeing.survived() + 5, unseeing + " against " + seeing);
  }

  private static MutationReport.Tally embed(List<ConformanceCase> cases) {
    MutationRun run = new MutationRun("rows", cases, NONE);
    return run.run(run.mutants().stream().filter(m -> m.entry().equals("rows_embed")).toList())
        .tally();
  }

  @Test
  public void whatNoCaseExecutesLives() {
    MutationRun run = new MutationRun("rows", embeddings(), NONE);
    List<Mutant> others =
        run.mutants().stream().filter(m -> m.entry().equals("rows_f16_add")).limit(3).toList();
    assertEquals(run.run(others).tally(), new MutationReport.Tally(0, 3, 0));
  }

  @Test
  public void aCaseThatFailsAnywayIsRefused() {
    ConformanceCase failing =
        new ConformanceCase(
            "rows", "fails", true, kernels -> new ConformanceCase.Outcome(2, 1, "always"));
    IllegalStateException refusal =
        expectThrows(
            IllegalStateException.class, () -> new MutationRun("rows", List.of(failing), NONE));
    assertTrue(refusal.getMessage().contains("fails unmutated"), refusal.getMessage());
  }

  @Test
  public void excusesNameEntryAndChange() {
    EquivalentMutants table = new EquivalentMutants("a_.* | 8; -> .* 9;$ | same order\n");
    Mutant mutant = new Mutant("a_b", 1, "add.s32 %r1, %r2, 8;", "add.s32 %r1, %r2, 9;");
    assertEquals(table.reason(mutant), Optional.of("same order"));
    assertEquals(
        table.reason(new Mutant("b", 1, mutant.original(), mutant.replacement())),
        Optional.empty());
    expectThrows(IllegalArgumentException.class, () -> new EquivalentMutants("a | b"));
  }
}
