// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import io.lowbit.backend.cuda.GpuException;
import io.lowbit.format.FormatException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** What the user reads when the work failed: a sentence for a mishap, a stack trace for a bug. */
final class Failure {
  private static final int EXIT_CODE = 1;

  private Failure() {}

  /** Prints the failure and returns the exit code. */
  static int report(Throwable failure, boolean trace, PrintWriter err) {
    String sentence = sentence(failure);
    if (sentence == null) {
      failure.printStackTrace(err);
      err.println(
          "lowbit: this is a bug in Lowbit; please report it with the lines above, the command and"
              + " the output of 'lowbit --version'");
      return EXIT_CODE;
    }
    if (trace) {
      failure.printStackTrace(err);
    }
    err.println("lowbit: " + sentence);
    return EXIT_CODE;
  }

  /** A sentence for a failure that the user can do something about; null for a bug. */
  private static String sentence(Throwable failure) {
    return switch (failure) {
      case UncheckedIOException wrapper -> sentence(wrapper.getCause());
      case FileSystemException exception -> fileSentence(exception);
      case FormatException _,
          GpuException _,
          IllegalArgumentException _,
          IllegalStateException _,
          IOException _ ->
          failure.getMessage();
      case OutOfMemoryError error ->
          "out of memory (%s); the limit is %,d MiB: free some memory, take a smaller model or batch, or raise it with LOWBIT_JAVA_OPTS=-Xmx…"
              .formatted(error.getMessage(), Runtime.getRuntime().maxMemory() >> 20);
      default -> null;
    };
  }

  /** The messages of these exceptions are bare file names. */
  private static String fileSentence(FileSystemException exception) {
    String what =
        switch (exception) {
          case NoSuchFileException _ -> "no such file or folder";
          case AccessDeniedException _ -> "permission denied";
          case FileAlreadyExistsException _ -> "already exists";
          case NotDirectoryException _ -> "is not a folder";
          case DirectoryNotEmptyException _ -> "the folder is not empty";
          default -> exception.getReason();
        };
    return what == null || exception.getFile() == null
        ? exception.getMessage()
        : exception.getFile() + ": " + what;
  }
}
