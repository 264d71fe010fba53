// SPDX-License-Identifier: Apache-2.0
package io.lowbit.task;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A benchmark as data: what a task file says.
 *
 * @param name key {@code task}
 * @param version key {@code metadata.version}; raised whenever scores would change
 * @param type basic, emergent, trustworthiness, dialogue, long-context or perplexity
 * @param summary one line for lists
 * @param content what is asked
 * @param splits data file of each split, by its upstream name
 * @param scoredSplit the split that is scored
 * @param upstream where the data came from
 * @param sha256 hash of the task file
 */
public record TaskDefinition(
    String name,
    int version,
    String type,
    String summary,
    Content content,
    Map<String, DataSource> splits,
    String scoredSplit,
    Upstream upstream,
    String sha256) {

  /** Perplexity of any text file under any protocol. */
  public static TaskDefinition ofText(Path file, PerplexityProtocol protocol) {
    return new TaskDefinition(
        file.getFileName().toString(),
        1,
        "perplexity",
        "the text of " + file,
        new RunningText(Documents.FILE, "", false, protocol),
        Map.of("text", new DataSource(file.toAbsolutePath().toString(), Optional.empty(), 0)),
        "text",
        new Upstream("", "", 0),
        "");
  }

  /** What a task asks. */
  public sealed interface Content {}

  /**
   * Questions made from the rows of a table.
   *
   * @param outputType kind of request; never rolling
   * @param prompt how rows become text
   * @param fewShot where examples come from
   * @param metrics the primary one first
   * @param generation limits of an answer; only for {@link OutputType#GENERATE_UNTIL}
   * @param filters how an answer is extracted; only for {@link OutputType#GENERATE_UNTIL}
   * @param columns new column name to the name in the file
   * @param cluster column whose equal values mark items that are not independent
   * @param traits columns of numbers that go into the records beside the scores, such as a length
   */
  public record Questions(
      OutputType outputType,
      Prompt prompt,
      FewShot fewShot,
      List<MetricRule> metrics,
      Optional<Generation> generation,
      List<AnswerFilter> filters,
      Map<String, String> columns,
      Optional<String> cluster,
      List<String> traits)
      implements Content {}

  /**
   * A text file and how it is scored.
   *
   * @param documents what a document is under the protocols of lm-evaluation-harness
   * @param separator text between documents, for {@link Documents#SEPARATED}
   * @param detokenizeWikitext undo WikiText's tokenization before scoring under those protocols;
   *     words and bytes still come from the original
   * @param protocol used unless another is asked for
   */
  public record RunningText(
      Documents documents,
      String separator,
      boolean detokenizeWikitext,
      PerplexityProtocol protocol)
      implements Content {}

  /**
   * How a row becomes a prompt.
   *
   * @param description stands once at the beginning
   * @param text the question
   * @param target the answer: text, or the index of a choice
   * @param choices absent unless the task has choices
   * @param targetDelimiter between question and answer
   * @param fewShotDelimiter after each example
   */
  public record Prompt(
      String description,
      RowText text,
      RowText target,
      Optional<RowText> choices,
      String targetDelimiter,
      String fewShotDelimiter) {}

  /**
   * Where examples come from.
   *
   * @param shots default number
   * @param split the pool; empty if the data has none but the scored split
   * @param drawsOneMore the harness draws n + 1 and drops the scored row or the last, because it
   *     takes pool and scored split for the same
   * @param firstRows take the first rows in order instead of a random draw
   */
  public record FewShot(
      int shots, Optional<String> split, boolean drawsOneMore, boolean firstRows) {}

  /**
   * A metric and, for {@code exact_match}, what is ignored in the comparison.
   *
   * @param metric name, direction and chance
   * @param comparison for exact matches of text
   */
  public record MetricRule(TaskMetric metric, TextComparison comparison) {}

  /**
   * Limits of an answer.
   *
   * @param stops texts that end it
   * @param maxNewTokens upper limit
   */
  public record Generation(List<String> stops, int maxNewTokens) {}

  /** What a document is. */
  public enum Documents {
    /** The whole file. */
    FILE,
    /** From one level-1 heading of WikiText to the next. */
    PAGES,
    /** A line. */
    LINES,
    /** What stands between separators. */
    SEPARATED
  }

  /**
   * A data file.
   *
   * @param path below the data folder
   * @param sha256 of the release the task was checked with; empty = not pinned
   * @param rows expected rows; 0 = not known
   */
  public record DataSource(String path, Optional<String> sha256, int rows) {}

  /**
   * The public data set.
   *
   * @param dataset hub name or address
   * @param split the split that published numbers score
   * @param rows its size; 0 = not known
   */
  public record Upstream(String dataset, String split, int rows) {}
}
