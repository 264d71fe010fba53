// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.testng.annotations.Test;
import picocli.CommandLine;

public class TasksCommandTest {
  @Test
  public void listsAndDescribes() {
    assertTrue(run().contains("piqa"));
    String shown = run("show", "boolq");
    assertTrue(shown.contains("boolq, version 2"), shown);
    assertTrue(shown.contains("{{passage}}\\nQuestion: {{question}}?\\nAnswer:"), shown);
  }

  private static String run(String... arguments) {
    StringWriter out = new StringWriter();
    CommandLine command = new CommandLine(new TasksCommand()).setOut(new PrintWriter(out));
    assertEquals(command.execute(arguments), 0);
    return out.toString();
  }
}
