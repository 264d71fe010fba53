// SPDX-License-Identifier: Apache-2.0
package io.lowbit.task;

import io.lowbit.text.NearestName;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * A mapping of a YAML file that is read strictly: every error names file and line, and {@link
 * #finish} refuses each key that nobody asked for.
 */
public final class YamlMap {
  private final String source;
  private final int line;
  private final Map<String, Node> nodes = new LinkedHashMap<>();
  private final Map<String, Integer> lines = new LinkedHashMap<>();
  private final Set<String> asked = new LinkedHashSet<>();

  private YamlMap(String source, MappingNode mapping) {
    this.source = source;
    this.line = lineOf(mapping);
    for (NodeTuple entry : mapping.getValue()) {
      int at = lineOf(entry.getKeyNode());
      if (!(entry.getKeyNode() instanceof ScalarNode key)) {
        throw new IllegalArgumentException(source + " line " + at + ": a key must be plain text");
      }
      if (nodes.put(key.getValue(), entry.getValueNode()) != null) {
        throw new IllegalArgumentException(
            source + " line " + at + ": the key '" + key.getValue() + "' is given twice");
      }
      lines.put(key.getValue(), at);
    }
  }

  /**
   * Parses a file whose top is a mapping.
   *
   * @param source file name for messages
   * @param text its content
   * @throws IllegalArgumentException if it is not YAML or its top is something else
   */
  public static YamlMap parse(String source, String text) {
    try {
      LoadSettings settings = LoadSettings.builder().setLabel(source).build();
      Node top =
          new Compose(settings)
              .composeString(text)
              .orElseThrow(() -> new IllegalArgumentException(source + ": the file is empty"));
      if (top instanceof MappingNode mapping) {
        return new YamlMap(source, mapping);
      }
      throw new IllegalArgumentException(
          source + " line " + lineOf(top) + ": expected 'key: value' lines");
    } catch (MarkedYamlEngineException e) {
      String where = e.getProblemMark().map(mark -> " line " + (mark.getLine() + 1)).orElse("");
      throw new IllegalArgumentException(source + where + ": not YAML: " + e.getProblem(), e);
    } catch (YamlEngineException e) {
      throw new IllegalArgumentException(source + ": not YAML: " + e.getMessage(), e);
    }
  }

  /** Names of all keys, in file order. Counts as asking for each. */
  public List<String> keys() {
    asked.addAll(nodes.keySet());
    return List.copyOf(nodes.keySet());
  }

  /** Whether the key is there. Counts as asking for it. */
  public boolean has(String key) {
    return node(key).isPresent();
  }

  /** Whether the key holds a list. Counts as asking for it. */
  public boolean isList(String key) {
    return node(key).filter(SequenceNode.class::isInstance).isPresent();
  }

  /** Whether the key holds a mapping. Counts as asking for it. */
  public boolean isMap(String key) {
    return node(key).filter(MappingNode.class::isInstance).isPresent();
  }

  /** A scalar as it is written, whatever YAML takes it for. */
  public Optional<String> text(String key) {
    return node(key).map(node -> scalar(key, node));
  }

  /** As {@link #text}, an error if it is absent. */
  public String requiredText(String key) {
    return text(key).orElseThrow(() -> missing(key));
  }

  /** That a key is missing, and which key may have been meant for it. */
  public IllegalArgumentException missing(String key) {
    String near =
        NearestName.of(key, nodes.keySet())
            .map(other -> "; line " + lines.get(other) + " has '" + other + "'")
            .orElse("");
    return new IllegalArgumentException(
        source + " line " + line + ": the key '" + key + "' is missing" + near);
  }

  /** A whole number. */
  public OptionalInt integer(String key) {
    Optional<String> text = text(key);
    if (text.isEmpty()) {
      return OptionalInt.empty();
    }
    try {
      return OptionalInt.of(Integer.parseInt(text.get()));
    } catch (NumberFormatException e) {
      throw error(key, "expected a whole number, not '" + text.get() + "'", e);
    }
  }

  /** A number. */
  public Optional<Double> number(String key) {
    return text(key)
        .map(text -> {
          try {
            return Double.valueOf(text);
          } catch (NumberFormatException e) {
            throw error(key, "expected a number, not '" + text + "'", e);
          }
        });
  }

  /** {@code true} or {@code false}. */
  public Optional<Boolean> flag(String key) {
    return text(key)
        .map(text ->
            switch (text) {
              case "true" -> true;
              case "false" -> false;
              default -> throw error(key, "expected true or false, not '" + text + "'", null);
            });
  }

  /** A list of scalars; a single scalar counts as a list of one; absent = empty. */
  public List<String> texts(String key) {
    List<String> texts = new ArrayList<>();
    for (Node node : elements(key)) {
      texts.add(scalar(key, node));
    }
    return texts;
  }

  /** A mapping. */
  public Optional<YamlMap> map(String key) {
    return node(key).map(node -> mapping(key, node));
  }

  /** A list of mappings; absent = empty. */
  public List<YamlMap> maps(String key) {
    List<YamlMap> maps = new ArrayList<>();
    for (Node node : elements(key)) {
      maps.add(mapping(key, node));
    }
    return maps;
  }

  /**
   * A list whose elements are plain texts or mappings, each read by one of two functions; absent =
   * empty.
   */
  public <T> List<T> entries(String key, Function<String, T> ofText, Function<YamlMap, T> ofMap) {
    List<T> entries = new ArrayList<>();
    for (Node node : elements(key)) {
      if (node instanceof MappingNode mapping) {
        entries.add(ofMap.apply(new YamlMap(source, mapping)));
        continue;
      }
      try {
        entries.add(ofText.apply(scalar(key, node)));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            source + " line " + lineOf(node) + ": " + e.getMessage(), e);
      }
    }
    return entries;
  }

  /** A value read by a function whose complaint gets file and line. */
  public <T> Optional<T> parsed(String key, Function<String, T> parse) {
    return text(key)
        .map(text -> {
          try {
            return parse.apply(text);
          } catch (IllegalArgumentException e) {
            throw error(key, e.getMessage(), e);
          }
        });
  }

  /** The value read as one of a closed set, by its name in lower case. */
  public <E extends Enum<E>> Optional<E> oneOf(String key, Class<E> type) {
    return text(key)
        .map(text -> {
          List<String> names = new ArrayList<>();
          for (E constant : type.getEnumConstants()) {
            String name = constant.name().toLowerCase(Locale.ROOT);
            if (name.equals(text)) {
              return constant;
            }
            names.add(name);
          }
          throw error(key, "'" + text + "' is unknown" + NearestName.hint(text, names), null);
        });
  }

  /**
   * Refuses what nobody asked for.
   *
   * @throws IllegalArgumentException naming the first such key, its line and the nearest known key
   */
  public void finish() {
    for (String key : nodes.keySet()) {
      if (!asked.contains(key)) {
        throw new IllegalArgumentException(
            source
                + " line "
                + lines.get(key)
                + ": unknown key '"
                + key
                + "'"
                + NearestName.hint(key, asked));
      }
    }
  }

  /** An error about a key's value, with file and line. */
  public IllegalArgumentException error(String key, String message) {
    return error(key, message, null);
  }

  private IllegalArgumentException error(String key, String message, Exception cause) {
    int at = lines.getOrDefault(key, line);
    return new IllegalArgumentException(
        source + " line " + at + ": " + key + ": " + message, cause);
  }

  private Optional<Node> node(String key) {
    asked.add(key);
    return Optional.ofNullable(nodes.get(key))
        .filter(node -> !(node instanceof ScalarNode && node.getTag().equals(Tag.NULL)));
  }

  private List<Node> elements(String key) {
    return node(key)
        .map(node -> node instanceof SequenceNode list ? list.getValue() : List.of(node))
        .orElse(List.of());
  }

  private String scalar(String key, Node node) {
    if (!node.getTag().getValue().startsWith(Tag.PREFIX)) {
      throw error(
          key,
          "the tag "
              + node.getTag().getValue()
              + " names code, but this file is only data; write a template or a plain value");
    }
    if (node instanceof ScalarNode scalar) {
      return scalar.getValue();
    }
    throw error(key, "expected a single value on line " + lineOf(node));
  }

  private YamlMap mapping(String key, Node node) {
    if (node instanceof MappingNode mapping) {
      return new YamlMap(source, mapping);
    }
    throw error(key, "expected 'key: value' lines on line " + lineOf(node));
  }

  private static int lineOf(Node node) {
    return node.getStartMark().map(mark -> mark.getLine() + 1).orElse(1);
  }
}
