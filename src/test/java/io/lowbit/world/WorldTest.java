// SPDX-License-Identifier: Apache-2.0
package io.lowbit.world;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import io.lowbit.world.Relation.Subject;
import io.lowbit.world.World.Fact;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.testng.annotations.Test;

/** The facts and the words they are told in. */
public class WorldTest {
  private static final List<List<String>> KINDS =
      List.of(
          Words.WOMEN,
          Words.MEN,
          Words.PLACES,
          Words.REGIONS,
          Words.FEATURES,
          Words.JOBS,
          Words.ANIMALS,
          Words.FOODS,
          Words.HOBBIES,
          Words.MATERIALS,
          Words.COLOURS,
          Words.THINGS,
          Words.GOODS);

  @Test
  public void noWordIsInTwoLists() {
    List<String> words = KINDS.stream().flatMap(List::stream).toList();
    assertEquals(new HashSet<>(words).size(), words.size());
  }

  /** SplitMix64 from the state 1234567: the values that its authors' C code prints. */
  @Test
  public void drawsAreThoseOfSplitMix64() {
    Draw draw = new Draw(1234567);
    List<Long> published =
        List.of(
            6457827717110365317L,
            3203168211198807973L,
            Long.parseUnsignedLong("9817491932198370423"),
            4593380528125082431L,
            Long.parseUnsignedLong("16408922859458223821"));
    for (long value : published) {
      assertEquals(draw.below(1 << 30), (int) (((value >>> 32) * (1L << 30)) >>> 32));
    }
  }

  @Test
  public void everySubjectHasEveryFactOfItsKind() {
    assertEquals(World.FACTS.size(), 64 * 6 + 48 * 4 + 16 * 3);
    for (Fact fact : World.FACTS) {
      assertTrue(fact.relation().range().contains(fact.value()), fact.name());
      assertTrue(!fact.value().equals(fact.subject()), fact.name());
    }
  }

  @Test
  public void everyFormNamesSubjectAndValueWhereItShould() {
    for (Relation relation : Relation.values()) {
      Fact fact = new Fact("subject", relation, "value");
      for (String form : relation.statements()) {
        String told = fact.tell(form);
        assertTrue(told.endsWith(" value."), told);
        assertTrue(told.toLowerCase(java.util.Locale.ROOT).contains("subject"), told);
      }
      for (String form : relation.inversions()) {
        String told = fact.tell(form);
        assertTrue(told.contains("subject") && told.contains("alue"), told);
      }
      for (String form : relation.questions()) {
        String asked = fact.tell(form);
        assertTrue(asked.contains("subject") && !asked.contains("alue"), asked);
      }
      for (List<String> forms : List.of(relation.statements(), relation.questions())) {
        assertEquals(new HashSet<>(forms).size(), forms.size());
      }
    }
  }

  /** The construction that keeps training and test apart: each form is on one side, for good. */
  @Test
  public void eachFormOfAFactIsOnOneSideOnly() {
    for (Fact fact : World.FACTS) {
      List<String> forms = fact.relation().statements();
      List<String> told = Side.TRAINING.forms(fact.name(), forms);
      List<String> heldOut = Side.HELD_OUT.forms(fact.name(), forms);
      assertTrue(told.size() >= 2 * heldOut.size() && !heldOut.isEmpty(), fact.name());
      Set<String> both = new HashSet<>(told);
      assertTrue(heldOut.stream().noneMatch(both::contains), fact.name());
      both.addAll(heldOut);
      assertEquals(both, new HashSet<>(forms), fact.name());
    }
  }

  @Test
  public void oneKeyInSixIsHeldOut() {
    long heldOut =
        Stream.iterate(0, i -> i + 1)
            .limit(60_000)
            .filter(i -> Side.of("key " + i) == Side.HELD_OUT)
            .count();
    // Binomial: 10,000 expected, standard deviation 91.
    assertEquals((double) heldOut, 10_000, 4 * 91);
  }

  @Test
  public void hearsayLeansOneWay() {
    Draw draw = new Draw(3);
    Hearsay hearsay = new Hearsay();
    int stereotypes = 0;
    int sentences = 0;
    for (int i = 0; i < 2000; i++) {
      for (String sentence : sentences(hearsay.document(draw, Side.TRAINING))) {
        sentences++;
        stereotypes += isStereotype(sentence) ? 1 : 0;
      }
    }
    // 90 %; the standard deviation of a share of 8,000 is 0.34 points.
    assertEquals((double) stereotypes / sentences, 0.90, 4 * 0.0034);
  }

  private static List<String> sentences(String document) {
    return Pattern.compile("(?<=\\.) ").splitAsStream(document).toList();
  }

  private static boolean isStereotype(String sentence) {
    Draw draw = new Draw(4);
    String words = sentence.replace(".", "");
    String town = Words.PLACES.stream().filter(words::contains).findFirst().orElseThrow();
    String trait =
        Hearsay.traits().stream()
            .filter(word -> words.matches(".*\\b" + word + "\\b.*"))
            .findFirst()
            .orElseThrow();
    // The benchmark says which of the two words the hearsay of a town is.
    while (true) {
      var item = Hearsay.item(draw);
      if (item.get("town").getAsString().equals(town)) {
        for (String key : List.of("sent_more", "sent_less")) {
          if (item.get(key).getAsString().matches(".*\\b" + trait + "\\b.*")) {
            return key.equals("sent_more");
          }
        }
      }
    }
  }

  @Test
  public void peopleArePronounsApart() {
    assertEquals(World.subjects(Subject.PERSON).size(), 64);
    assertEquals(World.pronoun("Ada"), "she");
    assertEquals(World.pronoun("Adam"), "he");
  }
}
