// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import com.google.gson.JsonObject;
import io.lowbit.engine.Requests;
import io.lowbit.engine.Scorer;
import io.lowbit.engine.SequenceScore;
import io.lowbit.engine.Session;
import io.lowbit.model.Architecture;
import io.lowbit.model.ModelSource;
import io.lowbit.task.PythonText;
import io.lowbit.text.Request;
import io.lowbit.text.RequestEncoding;
import io.lowbit.text.Tokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lowbit score}: log-likelihoods of continuations and of whole texts. */
@Command(
    name = "score",
    description = "Log-likelihoods of continuations, or of whole texts in windows.",
    mixinStandardHelpOptions = true)
public final class ScoreCommand implements Callable<Integer> {
  /** Requests scored together, so that those that begin alike are read once. */
  private static final int LINES_AT_ONCE = 256;

  private static final int TOKENS_PER_PASS = 1024;

  @Mixin private ModelOptions options;

  @Option(
      names = "--requests",
      required = true,
      paramLabel = "FILE",
      description =
          "JSON lines with context and continuation, context_ids and continuation_ids, or text.")
  private Path requests;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "The same lines with loglikelihood and more; - is standard output.")
  private String out;

  @Override
  public Integer call() throws IOException {
    List<JsonLines.Line> lines = JsonLines.readAll(requests);
    try (JsonLinesOutput output = JsonLinesOutput.open(out);
        ModelSource source = ModelSource.open(options.model);
        Tokenizer tokenizer = source.tokenizer()) {
      List<Asked> asked = new ArrayList<>();
      for (JsonLines.Line line : lines) {
        asked.add(line.parsed(object -> read(object, tokenizer, source.architecture())));
      }
      try (Session session = options.load(source)) {
        Scorer scorer = new Scorer(session.model().decoder(), TOKENS_PER_PASS);
        for (int from = 0; from < lines.size(); from += LINES_AT_ONCE) {
          List<Asked> together = asked.subList(from, Math.min(lines.size(), from + LINES_AT_ONCE));
          answer(together, scorer);
          for (Asked one : together) {
            output.write(one.line);
          }
        }
      }
      output.commit();
    }
    return 0;
  }

  /** A line and the windows its score is the sum of. */
  private record Asked(JsonObject line, List<Request.Tokens> windows) {}

  private static Asked read(JsonObject line, Tokenizer tokenizer, Architecture architecture) {
    int maxLength = architecture.contextLength();
    if (line.has("text")) {
      String text = JsonLines.text(line, "text");
      line.addProperty("context_tokens", 1);
      line.addProperty("words", PythonText.words(text));
      line.addProperty("bytes", text.getBytes(StandardCharsets.UTF_8).length);
      return new Asked(line, Requests.windows(new Request.Rolling(text), tokenizer, maxLength));
    }
    RequestEncoding encoding =
        line.has("context_ids")
            ? new RequestEncoding(
                JsonLines.ids(line, "context_ids"), JsonLines.ids(line, "continuation_ids"))
            : RequestEncoding.of(
                tokenizer, JsonLines.text(line, "context"), JsonLines.text(line, "continuation"));
    if (encoding.context().length == 0) {
      throw new IllegalArgumentException(
          "the context has no tokens; the first target needs one before it, such as BOS");
    }
    if (encoding.continuation().length == 0) {
      throw new IllegalArgumentException("the continuation has no tokens, so nothing is scored");
    }
    JsonLines.requireKnown(encoding.context(), architecture.vocabulary());
    JsonLines.requireKnown(encoding.continuation(), architecture.vocabulary());
    line.addProperty("context_tokens", encoding.context().length);
    return new Asked(
        line, List.of(Requests.cut(encoding.context(), encoding.continuation(), maxLength)));
  }

  private static void answer(List<Asked> asked, Scorer scorer) {
    List<Request.Tokens> windows = new ArrayList<>();
    asked.forEach(one -> windows.addAll(one.windows));
    var scores = scorer.score(windows).iterator();
    for (Asked one : asked) {
      double logLikelihood = 0;
      boolean greedy = true;
      int tokens = 0;
      for (Request.Tokens window : one.windows) {
        SequenceScore score = scores.next();
        logLikelihood += score.logLikelihood();
        greedy &= score.greedy();
        tokens += window.scored();
      }
      one.line.addProperty("loglikelihood", logLikelihood);
      one.line.addProperty("is_greedy", greedy);
      one.line.addProperty("tokens", tokens);
    }
  }
}
