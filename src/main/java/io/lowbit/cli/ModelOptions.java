// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import io.lowbit.backend.Backends;
import io.lowbit.engine.Session;
import io.lowbit.model.ModelSource;
import io.lowbit.quant.OnIndivisible;
import io.lowbit.quant.Scheme;
import java.util.Iterator;
import java.util.Optional;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** The options of every command that runs a model. */
final class ModelOptions {
  @Parameters(index = "0", paramLabel = "MODEL", description = "a model folder or a .gguf file")
  String model;

  @Option(
      names = "--scheme",
      paramLabel = "SCHEME",
      description =
          "what is low-bit, such as w4g64+kv4 (default: 'stored' for packed files, else fp16 on a GPU and fp32 on the CPU)")
  String scheme;

  @Option(
      names = "--backend",
      defaultValue = "auto",
      converter = BackendName.class,
      completionCandidates = BackendNames.class,
      description = "one of ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
  String backend;

  @Option(
      names = "--threads",
      defaultValue = "0",
      converter = ThreadCount.class,
      description = "CPU threads (default: one per core)")
  int threads;

  @Option(
      names = "--fast",
      description =
          "let the GPU multiply with cuBLAS: scores may then depend on the batch, the GPU and the library, and have other keys")
  boolean fast;

  @Option(
      names = "--on-indivisible",
      defaultValue = "error",
      paramLabel = "error|channel",
      converter = Policy.class,
      description =
          "where a group size does not divide a row: stop, or use one group per channel and say so")
  OnIndivisible onIndivisible;

  /** Candidates for {@code --backend}. */
  static final class BackendNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Backends.NAMES.iterator();
    }
  }

  /** Refuses a back-end that does not exist while the command line is read. */
  static final class BackendName implements ITypeConverter<String> {
    @Override
    public String convert(String value) {
      if (!Backends.NAMES.contains(value)) {
        throw new TypeConversionException(
            "there is no back-end '%s'; choose one of %s"
                .formatted(value, String.join(", ", Backends.NAMES)));
      }
      return value;
    }
  }

  /** Refuses a number of threads that cannot be started while the command line is read. */
  static final class ThreadCount implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String value) {
      try {
        return Backends.requireThreads(Integer.parseInt(value));
      } catch (NumberFormatException e) {
        throw new TypeConversionException("'" + value + "' is not a whole number");
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }

  /** The policies by their names in lower case. */
  static final class Policy implements ITypeConverter<OnIndivisible> {
    @Override
    public OnIndivisible convert(String value) {
      return switch (value) {
        case "error" -> OnIndivisible.ERROR;
        case "channel" -> OnIndivisible.CHANNEL;
        default ->
            throw new TypeConversionException("expected 'error' or 'channel', not '" + value + "'");
      };
    }
  }

  Session.Options sessionOptions() {
    return new Session.Options(
        Optional.ofNullable(scheme).map(Scheme::parse), backend, threads, fast, onIndivisible);
  }

  /** Loads the model and says on standard error what runs it. */
  Session load(ModelSource source) {
    Session session = Session.load(source, sessionOptions());
    System.err.println(session.backend().reason());
    session.model().footprint().exceptions().forEach(System.err::println);
    return session;
  }
}
