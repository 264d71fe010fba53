// SPDX-License-Identifier: Apache-2.0
package io.lowbit.task;

import io.lowbit.table.DataFile;
import io.lowbit.task.TaskDefinition.DataSource;
import io.lowbit.task.TaskDefinition.Documents;
import io.lowbit.task.TaskDefinition.FewShot;
import io.lowbit.task.TaskDefinition.Generation;
import io.lowbit.task.TaskDefinition.MetricRule;
import io.lowbit.task.TaskDefinition.Prompt;
import io.lowbit.task.TaskDefinition.Questions;
import io.lowbit.task.TaskDefinition.RunningText;
import io.lowbit.task.TaskDefinition.Upstream;
import io.lowbit.text.NearestName;
import io.lowbit.text.jinja.TemplateException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Task files: the vocabulary of lm-evaluation-harness's YAML as far as it is data, and our own keys
 * {@code type}, {@code summary}, {@code data}, {@code columns}, {@code cluster}, {@code traits},
 * {@code upstream}, {@code documents}, {@code detokenizer}, {@code protocol} and a metric's {@code
 * chance}.
 */
final class TaskDefinitionReader {
  private static final List<String> TYPES =
      List.of("basic", "emergent", "trustworthiness", "dialogue", "long-context", "perplexity");
  private static final List<String> CHOICE_METRICS =
      List.of("acc", "acc_norm", "acc_bytes", "exact_match", QuestionScore.STEREOTYPE);
  private static final List<String> RESERVED = List.of("nll", "tokens", "words", "bytes");
  private static final List<String> LIKELIHOOD_METRICS = List.of("perplexity", "acc");
  private static final List<String> TEXT_METRICS = List.of("exact_match", QuestionScore.OBEDIENCE);

  /** Upstream's default limit of new tokens. */
  private static final int DEFAULT_NEW_TOKENS = 256;

  private final YamlMap yaml;
  private final String sha256;

  private TaskDefinitionReader(YamlMap yaml, String sha256) {
    this.yaml = yaml;
    this.sha256 = sha256;
  }

  /**
   * Reads a task file strictly.
   *
   * @param source file name for messages
   * @throws IllegalArgumentException naming file and line of what is wrong
   */
  static TaskDefinition read(String source, String text) {
    return new TaskDefinitionReader(
            YamlMap.parse(source, text), DataFile.sha256(text.getBytes(StandardCharsets.UTF_8)))
        .definition();
  }

  private TaskDefinition definition() {
    OutputType output =
        yaml.oneOf("output_type", OutputType.class).orElseThrow(() -> yaml.missing("output_type"));
    Map<String, DataSource> splits = splits();
    TaskDefinition definition =
        new TaskDefinition(
            yaml.requiredText("task"),
            version(),
            type(),
            yaml.text("summary").orElse(""),
            output == OutputType.LOGLIKELIHOOD_ROLLING ? runningText() : questions(output, splits),
            splits,
            scoredSplit(splits),
            upstream(),
            sha256);
    yaml.finish();
    return definition;
  }

  private int version() {
    YamlMap metadata = yaml.map("metadata").orElseThrow(() -> yaml.missing("metadata"));
    double version = metadata.number("version").orElseThrow(() -> metadata.missing("version"));
    if (version != Math.rint(version) || version < 0 || version > 1e6) {
      throw metadata.error("version", "expected a whole number, not " + version);
    }
    metadata.finish();
    return (int) version;
  }

  private String type() {
    String type = yaml.requiredText("type");
    if (!TYPES.contains(type)) {
      throw yaml.error("type", "'" + type + "' is unknown" + NearestName.hint(type, TYPES));
    }
    return type;
  }

  private Map<String, DataSource> splits() {
    YamlMap data = yaml.map("data").orElseThrow(() -> yaml.missing("data"));
    Map<String, DataSource> splits = new LinkedHashMap<>();
    for (String split : data.keys()) {
      YamlMap file =
          data.map(split).orElseThrow(() -> data.error(split, "expected 'path: …' below it"));
      Optional<String> hash = file.text("sha256");
      if (hash.isPresent() && !hash.get().matches("[0-9a-f]{64}")) {
        throw file.error("sha256", "expected 64 hexadecimal digits in lower case");
      }
      splits.put(
          split, new DataSource(file.requiredText("path"), hash, file.integer("rows").orElse(0)));
      file.finish();
    }
    return splits;
  }

  /** The harness scores the test split if a task names one, else the validation split. */
  private String scoredSplit(Map<String, DataSource> splits) {
    Optional<String> test = yaml.text("test_split");
    Optional<String> validation = yaml.text("validation_split");
    String key = test.isPresent() ? "test_split" : "validation_split";
    String split = test.or(() -> validation).orElseThrow(() -> yaml.missing("test_split"));
    requireSplit(key, split, splits);
    return split;
  }

  private void requireSplit(String key, String split, Map<String, DataSource> splits) {
    if (!splits.containsKey(split)) {
      throw yaml.error(
          key, "'data' has no split '" + split + "'" + NearestName.hint(split, splits.keySet()));
    }
  }

  private Questions questions(OutputType output, Map<String, DataSource> splits) {
    boolean generates = output == OutputType.GENERATE_UNTIL;
    return new Questions(
        output,
        prompt(output),
        fewShot(splits),
        metrics(output),
        generates ? Optional.of(generation()) : Optional.empty(),
        generates ? filters() : List.of(),
        columns(),
        yaml.text("cluster"),
        traits(output));
  }

  /** A trait named like a metric would overwrite its value in the record. */
  private List<String> traits(OutputType output) {
    List<String> traits = yaml.texts("traits");
    for (String trait : traits) {
      if (RESERVED.contains(trait)
          || metrics(output).stream().anyMatch(rule -> rule.metric().name().equals(trait))) {
        throw yaml.error("traits", "'" + trait + "' is what a record calls one of its scores");
      }
    }
    return traits;
  }

  private Prompt prompt(OutputType output) {
    boolean hasChoices = output == OutputType.MULTIPLE_CHOICE;
    Optional<RowText> choices = field("doc_to_choice");
    if (hasChoices && choices.isEmpty()) {
      throw yaml.missing("doc_to_choice");
    }
    if (!hasChoices && choices.isPresent()) {
      throw yaml.error("doc_to_choice", "only multiple_choice has choices");
    }
    return new Prompt(
        yaml.text("description").orElse(""),
        requiredField("doc_to_text"),
        requiredField("doc_to_target"),
        choices,
        yaml.text("target_delimiter").orElse(" "),
        yaml.text("fewshot_delimiter").orElse("\n\n"));
  }

  private RowText requiredField(String key) {
    return field(key).orElseThrow(() -> yaml.missing(key));
  }

  private Optional<RowText> field(String key) {
    if (yaml.isList(key)) {
      return Optional.of(RowText.ofList(yaml.texts(key)));
    }
    return yaml.text(key)
        .map(source -> {
          try {
            return RowText.of(source);
          } catch (TemplateException e) {
            throw yaml.error(key, e.getMessage());
          }
        });
  }

  private FewShot fewShot(Map<String, DataSource> splits) {
    Optional<String> named = yaml.text("fewshot_split");
    Optional<String> training = yaml.text("training_split");
    Optional<String> test = yaml.text("test_split");
    named.ifPresent(split -> requireSplit("fewshot_split", split, splits));
    training.ifPresent(split -> requireSplit("training_split", split, splits));
    boolean firstRows = false;
    Optional<YamlMap> config = yaml.map("fewshot_config");
    if (config.isPresent()) {
      String sampler = config.get().text("sampler").orElse("default");
      if (!sampler.equals("default") && !sampler.equals("first_n")) {
        throw config.get().error("sampler", "expected default or first_n, not '" + sampler + "'");
      }
      firstRows = sampler.equals("first_n");
      config.get().finish();
    }
    // The harness compares the two keys as they are written, so two absent ones are equal too.
    return new FewShot(
        yaml.integer("num_fewshot").orElse(0),
        named.or(() -> training),
        named.equals(test),
        firstRows);
  }

  private List<MetricRule> metrics(OutputType output) {
    List<String> known =
        switch (output) {
          case MULTIPLE_CHOICE -> CHOICE_METRICS;
          case LOGLIKELIHOOD -> LIKELIHOOD_METRICS;
          case GENERATE_UNTIL -> TEXT_METRICS;
          case LOGLIKELIHOOD_ROLLING -> List.of();
        };
    List<MetricRule> rules = new ArrayList<>();
    for (YamlMap entry : yaml.maps("metric_list")) {
      String name = entry.requiredText("metric");
      if (!known.contains(name)) {
        throw entry.error("metric", "'" + name + "' is unknown" + NearestName.hint(name, known));
      }
      boolean perplexity = name.equals("perplexity");
      boolean higherIsBetter = !perplexity && !name.equals(QuestionScore.STEREOTYPE);
      requireDefault(entry, "aggregation", perplexity ? "perplexity" : "mean");
      requireDefault(entry, "higher_is_better", String.valueOf(higherIsBetter));
      TextComparison comparison =
          new TextComparison(
              entry.texts("regexes_to_ignore").stream()
                  .map(regex -> pattern(entry, "regexes_to_ignore", regex))
                  .toList(),
              entry.flag("ignore_case").orElse(false),
              entry.flag("ignore_punctuation").orElse(false),
              entry.flag("ignore_numbers").orElse(false));
      double chance = entry.number("chance").orElse(Double.NaN);
      entry.finish();
      rules.add(
          new MetricRule(
              new TaskMetric(
                  name,
                  perplexity ? Aggregation.EXP_NEGATIVE_MEAN : Aggregation.MEAN,
                  higherIsBetter,
                  chance),
              comparison));
    }
    if (rules.isEmpty()) {
      throw yaml.missing("metric_list");
    }
    return rules;
  }

  /** A key whose value the metric already decides: it may be written, but not differ. */
  private static void requireDefault(YamlMap entry, String key, String value) {
    entry
        .text(key)
        .filter(given -> !given.equals(value))
        .ifPresent(given -> {
          throw entry.error(key, "for this metric it must be " + value + ", not " + given);
        });
  }

  private Generation generation() {
    Optional<YamlMap> given = yaml.map("generation_kwargs");
    if (given.isEmpty()) {
      return new Generation(
          List.of(yaml.text("fewshot_delimiter").orElse("\n\n")), DEFAULT_NEW_TOKENS);
    }
    YamlMap kwargs = given.get();
    if (kwargs.flag("do_sample").orElse(false)) {
      throw kwargs.error("do_sample", "only greedy decoding is supported; write false");
    }
    if (kwargs.number("temperature").orElse(0.0) != 0) {
      throw kwargs.error("temperature", "only greedy decoding is supported; write 0");
    }
    Generation generation =
        new Generation(
            kwargs.texts("until"), kwargs.integer("max_gen_toks").orElse(DEFAULT_NEW_TOKENS));
    if (generation.maxNewTokens() < 1) {
      throw kwargs.error("max_gen_toks", "expected 1 or more");
    }
    kwargs.finish();
    return generation;
  }

  private List<AnswerFilter> filters() {
    List<AnswerFilter> filters = new ArrayList<>();
    for (YamlMap entry : yaml.maps("filter_list")) {
      String name = entry.requiredText("name");
      Optional<Pattern> pattern = Optional.empty();
      int select = 0;
      for (YamlMap step : entry.maps("filter")) {
        String function = step.requiredText("function");
        switch (function) {
          case "regex" -> {
            if (pattern.isPresent()) {
              throw step.error("function", "one regex per filter is supported");
            }
            pattern =
                Optional.of(pattern(step, "regex_pattern", step.requiredText("regex_pattern")));
            select = step.integer("group_select").orElse(0);
          }
          case "take_first" -> {
            // There is one answer per item, so the first is the only one.
          }
          default ->
              throw step.error(
                  "function",
                  "'"
                      + function
                      + "' is unknown"
                      + NearestName.hint(function, List.of("regex", "take_first")));
        }
        step.finish();
      }
      entry.finish();
      filters.add(new AnswerFilter(name, pattern, select));
    }
    return filters.isEmpty() ? List.of(AnswerFilter.NONE) : filters;
  }

  /**
   * Python's patterns as far as Java's mean the same: classes are Unicode's and only a line feed
   * ends a line.
   */
  private static Pattern pattern(YamlMap at, String key, String regex) {
    try {
      return Pattern.compile(regex, Pattern.UNICODE_CHARACTER_CLASS | Pattern.UNIX_LINES);
    } catch (PatternSyntaxException e) {
      throw at.error(key, "'" + regex + "' is no regular expression (" + e.getDescription() + ")");
    }
  }

  private RunningText runningText() {
    Optional<String> separator = yaml.text("document_separator");
    Documents documents =
        yaml.oneOf("documents", Documents.class)
            .orElse(separator.isPresent() ? Documents.SEPARATED : Documents.FILE);
    if ((documents == Documents.SEPARATED) != separator.isPresent()) {
      throw yaml.error("documents", "'separated' and the key document_separator need each other");
    }
    String detokenizer = yaml.text("detokenizer").orElse("none");
    if (!detokenizer.equals("none") && !detokenizer.equals("wikitext")) {
      throw yaml.error("detokenizer", "expected wikitext or none, not '" + detokenizer + "'");
    }
    PerplexityProtocol protocol;
    try {
      protocol = PerplexityProtocol.parse(yaml.requiredText("protocol"));
    } catch (IllegalArgumentException e) {
      throw yaml.error("protocol", e.getMessage());
    }
    return new RunningText(
        documents, separator.orElse(""), detokenizer.equals("wikitext"), protocol);
  }

  private Map<String, String> columns() {
    Map<String, String> columns = new LinkedHashMap<>();
    yaml.map("columns")
        .ifPresent(map -> map.keys().forEach(name -> columns.put(name, map.requiredText(name))));
    return columns;
  }

  private Upstream upstream() {
    Optional<YamlMap> given = yaml.map("upstream");
    if (given.isEmpty()) {
      return new Upstream("", "", 0);
    }
    YamlMap map = given.get();
    Upstream upstream =
        new Upstream(
            map.requiredText("dataset"),
            map.text("split").orElse(""),
            map.integer("rows").orElse(0));
    map.finish();
    return upstream;
  }
}
