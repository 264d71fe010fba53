// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench.speed;

import io.lowbit.backend.cuda.GpuDriver;
import io.lowbit.backend.cuda.GpuException;
import io.lowbit.backend.cuda.Kernels;
import io.lowbit.bench.speed.KernelReport.Dropped;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Times kernels on a device: the most important shapes first, until the time is over. A measurement
 * is a graph of calls that take copies of their operands in turn; see {@link Settings}.
 */
public final class KernelBench {
  /** Importance of what {@code --quick} leaves. */
  private static final int QUICK = 1;

  private final Settings settings;
  private final LongSupplier nanoTime;
  private final Consumer<String> progress;

  KernelBench(Settings settings, LongSupplier nanoTime, Consumer<String> progress) {
    this.settings = settings;
    this.nanoTime = nanoTime;
    this.progress = progress;
  }

  /**
   * What to time.
   *
   * @param quick only what the design's bars are about
   * @param only entries whose name holds one of these texts, and the copy that the others are a
   *     share of; none = all
   * @param seconds after which nothing more is begun
   */
  public record Options(boolean quick, List<String> only, double seconds) {
    /** Refuses no time. */
    public Options {
      if (!(seconds > 0)) {
        throw new IllegalArgumentException(
            "%s seconds are no time to measure in; give more than 0".formatted(seconds));
      }
    }
  }

  /**
   * Checks the options before a device is opened.
   *
   * @throws IllegalArgumentException if nothing has such a name
   */
  public static void check(Options options) {
    selected(Tables.full().entries(), options);
  }

  /**
   * Times the whole list on a device.
   *
   * @param driver stays the caller's
   * @param program name, version and commit, for the record
   * @param progress is told of every entry before it begins
   */
  public static KernelReport run(
      GpuDriver driver, Options options, Peers peers, String program, Consumer<String> progress) {
    return new KernelBench(Settings.STANDARD, System::nanoTime, progress)
        .run(driver, Tables.full().entries(), options, peers, program);
  }

  KernelReport run(
      GpuDriver driver, List<Entry> all, Options options, Peers peers, String program) {
    List<Entry> entries = selected(all, options);
    Provenance provenance =
        Provenance.of(program, driver.description()).with("clocks before", Provenance.clocks());
    List<Result> results = new ArrayList<>();
    List<Dropped> dropped = new ArrayList<>();
    long start = nanoTime.getAsLong();
    Optional<String> dead = Optional.empty();
    try (Kernels kernels = new Kernels(driver);
        Workbench bench = new Workbench(kernels, settings)) {
      for (Entry entry : entries) {
        double elapsed = (nanoTime.getAsLong() - start) / 1e9;
        if (dead.isPresent()) {
          dropped.add(new Dropped(entry.name(), dead.get(), true));
        } else if (elapsed > options.seconds()) {
          String reason = "the %.0f seconds were over".formatted(options.seconds());
          dropped.add(new Dropped(entry.name(), reason, false));
        } else {
          dead = measure(bench, entry, results, dropped);
        }
      }
    } catch (GpuException e) {
      // A device that failed does not free its memory either.
      if (dead.isEmpty()) {
        throw e;
      }
    }
    return new KernelReport(
        provenance.with("clocks after", Provenance.clocks()), results, dropped, peers);
  }

  static List<Entry> selected(List<Entry> all, Options options) {
    List<Entry> entries =
        all.stream()
            .filter(entry -> !options.quick() || entry.importance() <= QUICK)
            .filter(entry ->
                options.only().isEmpty()
                    || entry.problem().equals(CeilingEntries.COPY)
                    || options.only().stream().anyMatch(entry.name()::contains))
            .toList();
    for (String text : options.only()) {
      if (entries.stream().noneMatch(entry -> entry.name().contains(text))) {
        throw new IllegalArgumentException(
            "nothing to time has '%s' in its name%s; names are such as %s"
                .formatted(
                    text,
                    options.quick() ? " with --quick" : "",
                    String.join(", ", examples(all))));
      }
    }
    return entries;
  }

  /** The first name of each kind. */
  private static List<String> examples(List<Entry> all) {
    List<String> kinds = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (Entry entry : all) {
      String kind = entry.problem().replaceFirst("/.*", "");
      if (!kinds.contains(kind)) {
        kinds.add(kind);
        names.add(entry.name());
      }
    }
    return names;
  }

  /** Measures an entry; tells why nothing more can be measured, if so. */
  private Optional<String> measure(
      Workbench bench, Entry entry, List<Result> results, List<Dropped> dropped) {
    progress.accept(entry.name());
    try {
      bench.enter(entry.setup());
      results.add(timed(bench, entry));
      return Optional.empty();
    } catch (GpuException e) {
      boolean tooLarge = e.code() == GpuException.OUT_OF_MEMORY;
      dropped.add(new Dropped(entry.name(), e.getMessage(), !tooLarge));
      return tooLarge ? Optional.empty() : Optional.of("the device failed in " + entry.name());
    } catch (IllegalArgumentException | IllegalStateException e) {
      dropped.add(new Dropped(entry.name(), e.getMessage(), true));
      return Optional.empty();
    }
  }

  private Result timed(Workbench bench, Entry entry) {
    try (DeviceScope scope = new DeviceScope(bench.kernels)) {
      Entry.Job job = entry.preparation().prepare(bench, scope);
      int copies = job.copies();
      Timing timing =
          new GraphTimer(bench.kernels, settings).time(copies, job.calls(settings), job::run);
      job.run(0);
      OptionalDouble error = job.relativeError();
      return new Result(
          entry.problem(),
          entry.variant(),
          entry.dimensions(),
          job.bytes(),
          job.operations(),
          timing.microseconds(),
          timing.calls(),
          copies,
          timing.replays(),
          error);
    }
  }
}
