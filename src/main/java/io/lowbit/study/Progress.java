// SPDX-License-Identifier: Apache-2.0
package io.lowbit.study;

import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** How far a run is: a bar with the time left on a terminal, a line now and then elsewhere. */
public final class Progress implements AutoCloseable {
  private static final Duration BETWEEN_LINES = Duration.ofSeconds(10);

  private final PrintStream out;
  private final long total;
  private final ProgressBar bar;
  private final Instant started = Instant.now();
  private Instant lastLine = started;
  private long done;

  /**
   * Starts at zero.
   *
   * @param out where to show it
   * @param terminal whether that is a terminal
   * @param total units of work in all, such as tokens
   */
  public Progress(PrintStream out, boolean terminal, long total) {
    this.out = out;
    this.total = total;
    this.bar =
        terminal && total > 0
            ? new ProgressBarBuilder()
                .setInitialMax(total)
                .setStyle(ProgressBarStyle.ASCII)
                .setUnit(" tokens", 1)
                .setConsumer(new ConsoleProgressBarConsumer(out))
                .build()
            : null;
  }

  /** Says what is being worked on. */
  public void at(String what) {
    if (bar != null) {
      bar.setExtraMessage(what);
    } else {
      out.println(what);
    }
  }

  /** Adds finished work. */
  public void add(long work) {
    done += work;
    if (bar != null) {
      bar.stepTo(Math.min(done, total));
    } else if (Duration.between(lastLine, Instant.now()).compareTo(BETWEEN_LINES) > 0) {
      lastLine = Instant.now();
      out.println(line());
    }
  }

  private String line() {
    double elapsed = Duration.between(started, Instant.now()).toMillis() / 1000.0;
    return "  %,d of %,d tokens (%d %%), about %s left"
        .formatted(
            done,
            total,
            100 * done / Math.max(1, total),
            Plan.time(elapsed / done * (total - done)));
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
