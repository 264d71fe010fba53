// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import java.io.PrintWriter;
import java.io.StringWriter;

/** What a command line did: its exit code and what it said on standard error. */
record CommandLineRun(int exitCode, String err) {
  static CommandLineRun of(Object... args) {
    String[] texts = new String[args.length];
    for (int i = 0; i < args.length; i++) {
      texts[i] = args[i].toString();
    }
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode = Main.run(Main.COMMANDS, new PrintWriter(out), new PrintWriter(err), texts);
    return new CommandLineRun(exitCode, err.toString());
  }
}
