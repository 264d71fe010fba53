// SPDX-License-Identifier: Apache-2.0
package io.lowbit.house;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvent;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The design's table of rooms (packages under a root), of the rooms that each may use, and of the
 * libraries fenced into one room. A sub-package belongs to its room.
 */
final class Rooms {
  private static final Map<String, Set<String>> MAY_USE = new LinkedHashMap<>();

  static {
    room("tensor");
    room("quant", "tensor");
    room("format", "tensor", "quant");
    room("text");
    room("table");
    room("hub");
    room("backend", "tensor", "quant");
    room("model", "backend", "format", "text", "quant", "tensor");
    room("engine", "model", "text", "backend", "quant", "tensor");
    room("calibrate", Stream.of("engine", "model").flatMap(used -> MAY_USE.get(used).stream()));
    room("task", "text", "table", "hub");
    room("judge", "task", "engine");
    room("results", "table");
    room("stats", "results");
    room("report", "stats", "results");
    // Cases of kernels need the types that the back-end's signatures are made of.
    room("bench", "engine", "model", "backend", "results", "quant", "tensor");
    room("world", "task", "text");
    // A study names schemes and hands requests on, so it needs what the engine's signatures are
    // made of.
    room(
        "study",
        Stream.concat(
            Stream.of("engine", "calibrate", "task", "judge", "hub", "results"),
            MAY_USE.get("engine").stream()));
    room("cli", Set.copyOf(MAY_USE.keySet()).stream());
  }

  /** A library, by the prefix of its packages, and the packages that may import it. */
  private record Fence(String library, List<String> inside) {}

  private static final List<Fence> FENCES =
      List.of(
          new Fence("ai.djl", List.of("text")),
          new Fence("org.duckdb", List.of("table")),
          new Fence("java.net.http", List.of("hub", "judge")),
          new Fence("jdk.incubator.vector", List.of("backend.cpu")),
          new Fence("jcuda", List.of("backend.cuda")),
          new Fence("org.apache.commons.math3", List.of("stats")),
          new Fence("gg.jte", List.of("report")),
          new Fence("picocli", List.of("cli")));

  private final String root;

  /**
   * Rules for the rooms under a package.
   *
   * @param root {@code io.lowbit}, or a package of fixtures
   */
  Rooms(String root) {
    this.root = root;
  }

  private static void room(String name, String... uses) {
    room(name, Stream.of(uses));
  }

  private static void room(String name, Stream<String> uses) {
    Set<String> own = new HashSet<>(uses.toList());
    own.add(name);
    MAY_USE.put(name, own);
  }

  /** Every class uses only the rooms that its own may use. */
  ArchRule arrows() {
    return rule(
        "follow the arrows of the design",
        (dependency, events) -> {
          String to = roomOf(dependency.getTargetClass());
          Set<String> allowed = MAY_USE.get(roomOf(dependency.getOriginClass()));
          if (to != null && allowed != null && !allowed.contains(to)) {
            events.add(violated(dependency, to + " is not among " + allowed));
          }
        });
  }

  /** Fenced libraries are used only inside their fence. */
  ArchRule fences() {
    return rule(
        "leave fenced libraries to their room",
        (dependency, events) -> {
          String to = dependency.getTargetClass().getPackageName();
          String from = dependency.getOriginClass().getPackageName();
          for (Fence fence : FENCES) {
            if (within(to, fence.library())
                && fence.inside().stream().noneMatch(room -> within(from, root + "." + room))) {
              events.add(violated(dependency, fence.library() + " stays in " + fence.inside()));
            }
          }
        });
  }

  /** Every class lies in a room that the table knows. */
  ArchRule places() {
    return ArchRuleDefinition.classes()
        .should(
            new ArchCondition<JavaClass>("lie in a room of the design") {
              @Override
              public void check(JavaClass type, ConditionEvents events) {
                String room = roomOf(type);
                boolean known = room != null && MAY_USE.containsKey(room);
                events.add(
                    new SimpleConditionEvent(
                        type, known, type.getName() + " lies in none of " + MAY_USE.keySet()));
              }
            });
  }

  private interface DependencyCheck {
    void check(Dependency dependency, ConditionEvents events);
  }

  private ArchRule rule(String description, DependencyCheck check) {
    return ArchRuleDefinition.classes()
        .should(
            new ArchCondition<JavaClass>(description) {
              @Override
              public void check(JavaClass type, ConditionEvents events) {
                type.getDirectDependenciesFromSelf().forEach(d -> check.check(d, events));
              }
            });
  }

  private static ConditionEvent violated(Dependency dependency, String reason) {
    return SimpleConditionEvent.violated(dependency, dependency.getDescription() + ": " + reason);
  }

  /** The first part of the package below the root; null outside it, empty in the root itself. */
  private String roomOf(JavaClass type) {
    String name = type.getPackageName();
    if (!within(name, root)) {
      return null;
    }
    return name.equals(root) ? "" : name.substring(root.length() + 1).split("\\.", 2)[0];
  }

  private static boolean within(String name, String parent) {
    return name.equals(parent) || name.startsWith(parent + ".");
  }
}
