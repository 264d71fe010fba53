// SPDX-License-Identifier: Apache-2.0
package io.lowbit.kernels;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import jcuda.nvptxcompiler.JNvPTXCompiler;
import jcuda.nvptxcompiler.nvPTXCompileResult;
import jcuda.nvptxcompiler.nvPTXCompilerHandle;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * The shipped PTX, translated by the oldest compiler it has to please: JCuda carries CUDA 12.0's,
 * which needs no GPU. Drivers differ in their register counts, so only their absence from memory is
 * asserted: nothing spilled, no stack.
 */
public final class AssemblyTest {
  private static final int[] ARCHITECTURES = {80, 86, 89, 90};
  private static final Pattern ENTRY = Pattern.compile("entry function '(\\w+)'");
  private static final Pattern MEMORY =
      Pattern.compile(
          "(\\d+) bytes stack frame, (\\d+) bytes spill stores, (\\d+) bytes spill loads");
  private static final Pattern REGISTERS = Pattern.compile("Used (\\d+) registers");

  /** What the compiler says of each kernel, by name. */
  private record Assembly(TreeSet<String> entries, Map<String, String> memory, String registers) {}

  @DataProvider(parallel = true)
  Object[][] assemblies() {
    return Manifest.read().modules().entrySet().stream()
        .flatMap(module ->
            Arrays.stream(ARCHITECTURES)
                .boxed()
                .map(sm -> new Object[] {module.getKey(), module.getValue(), sm}))
        .toArray(Object[][]::new);
  }

  @Test(dataProvider = "assemblies")
  public void assemblesWithoutSpilling(String name, Manifest.Module module, int architecture) {
    String ptx = Manifest.text(Manifest.PTX.resolve(name + ".ptx"));
    Assembly assembly = parse(compile(name, ptx, architecture));
    assertEquals(assembly.entries(), module.entryNames());
    assertEquals(
        assembly.memory(),
        Map.of(),
        "%s for sm_%d puts registers into memory; registers: %s"
            .formatted(name, architecture, assembly.registers()));
  }

  @Test
  public void aStackFrameIsSeen() {
    String ptx =
        """
        .version 7.8
        .target sm_80
        .address_size 64
        .visible .entry indexes(.param .u64 x, .param .u32 n)
        {
        .reg .b32 %r<4>;
        .reg .b64 %rd<5>;
        .local .align 4 .b8 frame[64];
        ld.param.u64 %rd1, [x];
        ld.param.u32 %r1, [n];
        mov.u64 %rd2, frame;
        mul.wide.u32 %rd3, %r1, 4;
        add.s64 %rd4, %rd2, %rd3;
        st.local.u32 [%rd4], %r1;
        ld.local.u32 %r2, [frame+8];
        st.global.u32 [%rd1], %r2;
        ret;
        }
        """;
    assertEquals(parse(compile("indexes", ptx, 80)).memory().keySet(), Set.of("indexes"));
  }

  /** The compiler's log. */
  private static String compile(String name, String ptx, int architecture) {
    byte[] text = Arrays.copyOf(ptx.getBytes(StandardCharsets.UTF_8), ptx.length() + 1);
    nvPTXCompilerHandle handle = new nvPTXCompilerHandle();
    succeed(name, JNvPTXCompiler.nvPTXCompilerCreate(handle, text.length - 1, text), "");
    try {
      String[] options = {"--gpu-name=sm_" + architecture, "--verbose"};
      int result = JNvPTXCompiler.nvPTXCompilerCompile(handle, options.length, options);
      succeed("%s for sm_%d".formatted(name, architecture), result, errors(handle));
      long[] size = new long[1];
      JNvPTXCompiler.nvPTXCompilerGetInfoLogSize(handle, size);
      byte[] log = new byte[Math.toIntExact(size[0]) + 1];
      JNvPTXCompiler.nvPTXCompilerGetInfoLog(handle, log);
      return new String(log, StandardCharsets.UTF_8);
    } finally {
      JNvPTXCompiler.nvPTXCompilerDestroy(handle);
    }
  }

  private static String errors(nvPTXCompilerHandle handle) {
    long[] size = new long[1];
    JNvPTXCompiler.nvPTXCompilerGetErrorLogSize(handle, size);
    byte[] log = new byte[Math.toIntExact(size[0]) + 1];
    JNvPTXCompiler.nvPTXCompilerGetErrorLog(handle, log);
    return new String(log, StandardCharsets.UTF_8);
  }

  private static void succeed(String what, int result, String log) {
    assertTrue(
        result == nvPTXCompileResult.NVPTXCOMPILE_SUCCESS,
        "%s: %s %s".formatted(what, nvPTXCompileResult.stringFor(result), log));
  }

  private static Assembly parse(String log) {
    Assembly assembly = new Assembly(new TreeSet<>(), new TreeMap<>(), "");
    Map<String, Integer> registers = new TreeMap<>();
    String entry = "";
    for (String line : log.lines().toList()) {
      Matcher name = ENTRY.matcher(line);
      Matcher memory = MEMORY.matcher(line);
      Matcher used = REGISTERS.matcher(line);
      if (name.find()) {
        entry = name.group(1);
        assembly.entries().add(entry);
      } else if (memory.find()) {
        if (Stream.of(1, 2, 3).anyMatch(i -> !memory.group(i).equals("0"))) {
          assembly.memory().put(entry, memory.group());
        }
      } else if (used.find()) {
        registers.put(entry, Integer.parseInt(used.group(1)));
      }
    }
    return new Assembly(assembly.entries(), assembly.memory(), registers.toString());
  }
}
