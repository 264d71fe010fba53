// SPDX-License-Identifier: Apache-2.0
package io.lowbit.report;

import java.util.List;

/**
 * What the page shows, as text ready to be set; the template only arranges and escapes it.
 *
 * @param title heading
 * @param subtitle one line: what was run
 * @param guide what to use, the figures behind it, and the methods
 * @param findings three answers
 * @param summary what a reader should take away
 * @param warnings what limits the conclusions
 * @param verdicts one table per model
 * @param comparisons every comparison with its test
 * @param charts perplexity against scores, then quality against size
 * @param correlations perplexity against accuracy
 * @param published what papers print beside what was measured here; empty if they have nothing
 * @param samples single items
 * @param provenance label and value
 * @param schemes name and full definition of each scheme
 * @param commands what was typed
 * @param assets style and scripts
 * @param chartData JSON for the drawing code, safe inside a script element
 */
public record Page(
    String title,
    String subtitle,
    GuideView guide,
    FindingsView findings,
    List<Group> summary,
    List<Group> warnings,
    List<Verdict> verdicts,
    List<ComparisonRow> comparisons,
    List<Chart> charts,
    List<CorrelationRow> correlations,
    List<PublishedRow> published,
    SamplesView samples,
    List<Fact> provenance,
    List<Fact> schemes,
    List<String> commands,
    Assets assets,
    String chartData) {

  /** Sentences under a heading. */
  public record Group(String heading, List<String> sentences) {}

  /**
   * Scheme × task for one model.
   *
   * @param model its name
   * @param baseline name of the baseline scheme
   * @param tasks heads of the columns, in order
   * @param rows one per scheme
   */
  public record Verdict(String model, String baseline, List<Task> tasks, List<Row> rows) {
    /** All metrics of all tasks, in the order of the columns. */
    public List<String> metrics() {
      return tasks.stream().flatMap(task -> task.metrics().stream()).toList();
    }
  }

  /** A task: its name, the protocol, the number of items, and its metrics with their direction. */
  public record Task(String name, String protocol, String items, List<String> metrics) {}

  /**
   * A scheme: its name, bits per quantized weight and of the whole model, real or fake, and a cell
   * per metric.
   */
  public record Row(
      String scheme, String weightBits, String modelBits, String execution, List<Cell> cells) {}

  /**
   * A score and its distance from the baseline.
   *
   * @param value the score
   * @param interval its 95 % interval
   * @param difference paired difference or ratio against the baseline; empty for the baseline
   *     itself
   * @param differenceInterval its 95 % interval
   * @param verdict what interval and margin allow to say
   * @param tone {@code baseline}, {@code unclear}, {@code worse}, {@code better} or {@code missing}
   */
  public record Cell(
      String value,
      String interval,
      String difference,
      String differenceInterval,
      String verdict,
      String tone) {}

  /** One comparison with its test. */
  public record ComparisonRow(
      String model,
      String task,
      String scheme,
      String effect,
      String interval,
      String p,
      String adjustedP,
      String verdict,
      String notes) {}

  /** A chart: element id, heading and a sentence on how to read it. */
  public record Chart(String id, String heading, String note) {}

  /** One line of the correlation table. */
  public record CorrelationRow(
      String model,
      String perplexity,
      String accuracy,
      String n,
      String pearson,
      String spearman,
      String kendall,
      String note) {}

  /**
   * A figure of a paper beside the number here.
   *
   * @param model name here
   * @param score task and metric
   * @param scheme name here
   * @param value number here
   * @param interval of it
   * @param publishedScheme the paper's scheme in our notation
   * @param publishedValue the paper's figure
   * @param source paper, and table or folder
   * @param difference here minus paper in points, or ratio of perplexities
   * @param note in what the two measurements differ
   */
  public record PublishedRow(
      String model,
      String score,
      String scheme,
      String value,
      String interval,
      String publishedScheme,
      String publishedValue,
      String source,
      String difference,
      String note) {}

  /** A label and its value. */
  public record Fact(String label, String value) {}

  /**
   * What the page carries instead of loading it.
   *
   * @param style the style sheet
   * @param chartLibrary the chart library
   * @param chartScript drawing code
   * @param policy content security policy: nothing is loaded, and no script runs but these two
   */
  public record Assets(String style, String chartLibrary, String chartScript, String policy) {}
}
