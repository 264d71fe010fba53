// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.testng.SkipException;

/**
 * A CUDA driver written in C that keeps a log ({@code fake_cuda.c}): compiles it, runs classes in a
 * process that finds it as {@code libcuda.so.1}, and in that process reads its log.
 */
final class FakeCuda {
  private static final int LOG_BYTES = 1 << 20;

  private FakeCuda() {}

  /** What a process printed and how it ended. */
  record Ending(int exitCode, String output) {}

  /** Compiles the driver into a folder; skips the test where there is no C compiler. */
  static void compileInto(Path folder) throws IOException, InterruptedException {
    compile("fake_cuda.c", folder, "libcuda.so.1");
  }

  /**
   * Compiles a library; skips the test where there is no C compiler.
   *
   * @param name of a source beside this class
   * @param library its file and the name that the loader knows it by
   * @param options further ones of gcc
   */
  static void compile(String name, Path folder, String library, String... options)
      throws IOException, InterruptedException {
    Path source = folder.resolve(name);
    try (InputStream in = FakeCuda.class.getResourceAsStream(name)) {
      Files.copy(in, source, StandardCopyOption.REPLACE_EXISTING);
    }
    List<String> command =
        new ArrayList<>(
            List.of(
                "gcc",
                "-shared",
                "-fPIC",
                "-Wl,-soname," + library,
                "-o",
                folder.resolve(library).toString(),
                source.toString()));
    command.addAll(List.of(options));
    Ending ending;
    try {
      ending = run(new ProcessBuilder(command));
    } catch (IOException e) {
      throw new SkipException("gcc is not installed: the CUDA driver's calls are not checked", e);
    }
    if (ending.exitCode() != 0) {
      throw new IllegalStateException(name + " does not compile:\n" + ending.output());
    }
  }

  /** Runs a class in a Java process of its own that finds the library in the folder. */
  static Ending java(Path folder, Map<String, String> environment, String type, String... arguments)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Djava.io.tmpdir=" + folder.resolve("tmp"),
                "-Duser.home=" + folder.resolve("home"),
                "-cp",
                System.getProperty("java.class.path"),
                type));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("LD_LIBRARY_PATH", folder.toString());
    builder.environment().put("LOWBIT_CACHE", folder.resolve("cache").toString());
    builder.environment().putAll(environment);
    return run(builder);
  }

  private static Ending run(ProcessBuilder builder) throws IOException, InterruptedException {
    Process process = builder.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ending(process.waitFor(), output);
  }

  /** The calls since the last time, in order, each with its arguments. */
  static List<String> take() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment text = arena.allocate(LOG_BYTES);
      function("fake_take", FunctionDescriptor.ofVoid(ValueLayout.ADDRESS, ValueLayout.JAVA_LONG))
          .invokeWithArguments(text, (long) LOG_BYTES);
      return text.getString(0).lines().toList();
    } catch (Throwable e) {
      throw new AssertionError("the log cannot be read", e);
    }
  }

  /** Lets a function of the driver return a code from now on; an empty name ends it. */
  static void fail(String name, int code) {
    try (Arena arena = Arena.ofConfined()) {
      function("fake_fail", FunctionDescriptor.ofVoid(ValueLayout.ADDRESS, ValueLayout.JAVA_INT))
          .invokeWithArguments(arena.allocateFrom(name), code);
    } catch (Throwable e) {
      throw new AssertionError("the library cannot be told to fail", e);
    }
  }

  @SuppressWarnings("restricted")
  private static MethodHandle function(String name, FunctionDescriptor descriptor) {
    MemorySegment address =
        SymbolLookup.libraryLookup("libcuda.so.1", Arena.global()).findOrThrow(name);
    return Linker.nativeLinker().downcallHandle(address, descriptor);
  }
}
