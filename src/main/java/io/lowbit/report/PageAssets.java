// SPDX-License-Identifier: Apache-2.0
package io.lowbit.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;

/** The style sheet and the scripts that go into the page. */
final class PageAssets {
  private PageAssets() {}

  static Page.Assets read() {
    String library = resource("echarts-6.1.0.common.min.js");
    String script = resource("report.js");
    String policy =
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src %s %s %s"
            .formatted(
                source(library),
                source(script),
                partScripts().stream().map(PageAssets::source).collect(Collectors.joining(" ")));
    String style = resource("report.css") + resource("samples.css");
    return new Page.Assets(style, library, script, policy);
  }

  /** Scripts of tables, data of figures, and samples, each of which works on its own. */
  static List<String> partScripts() {
    return List.of(resource("tables.js"), resource("samples.js"));
  }

  /** A script by its hash, so that no other one runs even if a text of a model got into markup. */
  private static String source(String script) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(script.getBytes(StandardCharsets.UTF_8));
      return "'sha256-" + Base64.getEncoder().encodeToString(hash) + "'";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java has no SHA-256; use a complete JDK 25", e);
    }
  }

  private static String resource(String name) {
    try (InputStream in = PageAssets.class.getResourceAsStream("/io/lowbit/report/" + name)) {
      if (in == null) {
        throw new IllegalStateException(
            "the program is incomplete: " + name + " is missing; build it again");
      }
      // A checkout with Windows line ends must give the same hash as a browser, which sees only \n.
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("\r\n", "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(
          new IOException("the program's own file " + name + " cannot be read: " + e, e));
    }
  }
}
