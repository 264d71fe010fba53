// SPDX-License-Identifier: Apache-2.0
package io.lowbit.task;

import io.lowbit.table.DataFile;
import io.lowbit.task.TaskDefinition.RunningText;
import io.lowbit.text.Request;
import io.lowbit.text.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Perplexity of a text file. An item is a window of tokens, or a document under lm-eval's rules.
 */
public final class PerplexityTask implements Task {
  private final TaskDefinition definition;
  private final RunningText content;
  private final PerplexityProtocol protocol;
  private final TaskOptions options;
  private final DataRoot.Located file;

  private PerplexityTask(
      TaskDefinition definition, RunningText content, TaskOptions options, DataRoot.Located file) {
    this.definition = definition;
    this.content = content;
    this.protocol = options.protocol().orElse(content.protocol());
    this.options = options;
    this.file = file;
  }

  static PerplexityTask load(
      TaskDefinition definition, RunningText content, DataRoot data, TaskOptions options) {
    if (options.shots().orElse(0) > 0) {
      throw new IllegalArgumentException(
          definition.name() + ": a perplexity has no few-shot examples; leave the shots out");
    }
    DataRoot.Located file = data.locate(SplitChoice.scored(definition, options));
    return new PerplexityTask(definition, content, options, file);
  }

  /** The protocol in use. */
  public PerplexityProtocol perplexityProtocol() {
    return protocol;
  }

  @Override
  public TaskDefinition definition() {
    return definition;
  }

  @Override
  public String name() {
    return definition.name();
  }

  @Override
  public String protocol() {
    return protocol.name() + "; " + protocol.bosRule();
  }

  @Override
  public String dataSha256() {
    return file.sha256();
  }

  @Override
  public List<String> notes() {
    return SplitChoice.notes(definition, options, file);
  }

  @Override
  public List<TaskMetric> metrics() {
    TaskMetric word = metric("word_perplexity", Aggregation.WORD_PERPLEXITY);
    TaskMetric bytes = metric("byte_perplexity", Aggregation.BYTE_PERPLEXITY);
    TaskMetric bits = metric("bits_per_byte", Aggregation.BITS_PER_BYTE);
    return switch (protocol) {
      case PerplexityProtocol.LmEval(PerplexityProtocol.Unit unit) ->
          switch (unit) {
            case WORD -> List.of(word, bytes, bits);
            case BYTE -> List.of(bytes, word, bits);
            case BITS -> List.of(bits, word, bytes);
          };
      case PerplexityProtocol.Windowed _ ->
          List.of(metric("perplexity", Aggregation.TOKEN_PERPLEXITY));
    };
  }

  private static TaskMetric metric(String name, Aggregation aggregation) {
    return new TaskMetric(name, aggregation, false, Double.NaN);
  }

  @Override
  public List<TaskItem> items(Tokenizer tokenizer) {
    List<TaskItem> items =
        switch (protocol) {
          case PerplexityProtocol.LmEval _ -> documents();
          case PerplexityProtocol.Windowed windowed -> windows(windowed, tokenizer);
        };
    return SplitChoice.slice(definition.name(), items, options);
  }

  private List<TaskItem> windows(PerplexityProtocol.Windowed windowed, Tokenizer tokenizer) {
    List<TaskItem> items = new ArrayList<>();
    List<Request.Tokens> windows =
        DataFile.read(file.path(), text -> windowed.windows(text, tokenizer));
    for (Request.Tokens window : windows) {
      items.add(TaskItem.ofText(items.size(), window, 0, 0));
    }
    return items;
  }

  /** The documents of the text as rolling requests; blank ones are left out. */
  List<TaskItem> documents() {
    List<TaskItem> items = new ArrayList<>();
    for (String document : cut()) {
      if (document.isBlank()) {
        continue;
      }
      String scored = content.detokenizeWikitext() ? WikiText.detokenize(document) : document;
      items.add(
          TaskItem.ofText(
              items.size(),
              new Request.Rolling(scored),
              PythonText.words(document),
              document.getBytes(StandardCharsets.UTF_8).length));
    }
    return items;
  }

  private List<String> cut() {
    String text = DataFile.text(file.path());
    return switch (content.documents()) {
      case FILE -> List.of(text);
      case PAGES -> WikiText.pages(text);
      case LINES -> Arrays.asList(text.split("\n", -1));
      case SEPARATED -> Arrays.asList(text.split(Pattern.quote(content.separator()), -1));
    };
  }

  @Override
  public ItemScore score(TaskItem item, List<Response> responses) {
    Response response = ResponseCheck.all(item, responses).getFirst();
    Map<String, Double> values = new LinkedHashMap<>();
    values.put("nll", -response.logLikelihood());
    values.put("tokens", (double) response.tokens());
    if (protocol instanceof PerplexityProtocol.LmEval) {
      values.put("words", (double) item.words());
      values.put("bytes", (double) item.bytes());
    }
    return new ItemScore(values, List.of(response.logLikelihood()), "", "");
  }
}
