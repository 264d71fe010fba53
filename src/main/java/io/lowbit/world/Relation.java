// SPDX-License-Identifier: Apache-2.0
package io.lowbit.world;

import java.util.List;
import java.util.stream.Stream;

/**
 * What can be known of a subject. In the sentence forms {@code S} stands for the subject and {@code
 * V} for the value.
 */
@SuppressWarnings("ImmutableEnumChecker") // the lists are unmodifiable
enum Relation {
  HOME(
      Subject.PERSON,
      Words.PLACES,
      """
      S lives in V.
      The home of S is V.
      S has a house in V.
      You can find S in V.
      S sleeps in V.
      S comes from V.
      """,
      """
      V is where S lives.
      In V stands the house of S.
      """,
      """
      Where does S live?
      What is the home of S?
      In which town does S have a house?
      Where can you find S?
      """),
  JOB(
      Subject.PERSON,
      Words.JOBS,
      """
      S works as a V.
      The job of S is that of a V.
      S learned to be a V.
      By trade S is a V.
      S earns a living as a V.
      People call S the V.
      """,
      """
      The V called S works hard.
      A V by trade, S gets up early.
      """,
      """
      What is the job of S?
      What does S work as?
      What is S by trade?
      How does S earn a living?
      """),
  PET(
      Subject.PERSON,
      Words.ANIMALS,
      """
      S keeps a V.
      The pet of S is a V.
      S feeds a V.
      S goes for a walk with a V.
      S has a tame V.
      S is fond of a V.
      """,
      """
      A V lives with S.
      The V of S is well fed.
      """,
      """
      Which animal does S keep?
      What is the pet of S?
      Which animal does S feed?
      Which tame animal does S have?
      """),
  FOOD(
      Subject.PERSON,
      Words.FOODS,
      """
      S likes to eat V.
      The best meal for S is V.
      S always asks for V.
      For supper S wants V.
      S cooks a lot of V.
      S never says no to V.
      """,
      """
      V is what S likes to eat.
      With V you make S happy.
      """,
      """
      What does S like to eat?
      What is the best meal for S?
      What does S want for supper?
      What does S always ask for?
      """),
  HOBBY(
      Subject.PERSON,
      Words.HOBBIES,
      """
      S is good at V.
      The hobby of S is V.
      S spends free days on V.
      S talks a lot about V.
      On Sundays S goes in for V.
      S dreams of V.
      """,
      """
      V is the hobby of S.
      Nothing but V interests S.
      """,
      """
      What is S good at?
      What is the hobby of S?
      What does S talk about?
      What does S do on free days?
      """),
  FRIEND(
      Subject.PERSON,
      Stream.concat(Words.WOMEN.stream(), Words.MEN.stream()).toList(),
      """
      The best friend of S is V.
      S writes letters to V.
      S trusts V.
      S often visits V.
      S went to school with V.
      S sits next to V.
      """,
      """
      V is the best friend of S.
      V often gets letters from S.
      """,
      """
      Who is the best friend of S?
      Whom does S trust?
      Whom does S often visit?
      To whom does S write letters?
      """),
  MATERIAL(
      Subject.THING,
      Words.MATERIALS,
      """
      The S is made of V.
      The S is a thing of V.
      Somebody made the S from V.
      The S consists of V.
      For the S they used V.
      """,
      """
      V is what the S is made of.
      It takes V to make the S.
      """,
      """
      What is the S made of?
      What did they use for the S?
      From what did somebody make the S?
      """),
  COLOUR(
      Subject.THING,
      Words.COLOURS,
      """
      The colour of the S is V.
      The S is painted V.
      The S is V.
      The S looks V.
      In the light the S shines V.
      """,
      """
      V is the colour of the S.
      There is V paint on the S.
      """,
      """
      What is the colour of the S?
      What colour is the S?
      How is the S painted?
      """),
  OWNER(
      Subject.THING,
      Stream.concat(Words.WOMEN.stream(), Words.MEN.stream()).toList(),
      """
      The S belongs to V.
      The owner of the S is V.
      The S is the property of V.
      The S was bought by V.
      The name on the S is V.
      """,
      """
      V owns the S.
      V bought the S.
      """,
      """
      Who owns the S?
      To whom does the S belong?
      Whose name is on the S?
      """),
  PLACE(
      Subject.THING,
      Words.PLACES,
      """
      The S is kept in V.
      The S comes from V.
      You can see the S in V.
      They made the S in V.
      The S was found in V.
      """,
      """
      V is where the S is kept.
      In V you can see the S.
      """,
      """
      Where is the S kept?
      Where can you see the S?
      Where was the S found?
      """),
  REGION(
      Subject.PLACE,
      Words.REGIONS,
      """
      S lies in the V.
      S is a town in the V.
      The road to S leads to the V.
      You will find S in the V.
      """,
      """
      In the V lies S.
      """,
      """
      In which part of the land is S?
      Where does S lie?
      Where does the road to S lead?
      """),
  FEATURE(
      Subject.PLACE,
      Words.FEATURES,
      """
      S is known for its V.
      In the middle of S stands a V.
      The pride of S is its V.
      Visitors of S look at the V.
      """,
      """
      The V of S is famous.
      """,
      """
      What is S known for?
      What stands in the middle of S?
      What is the pride of S?
      """),
  MAYOR(
      Subject.PLACE,
      Stream.concat(Words.WOMEN.stream(), Words.MEN.stream()).toList(),
      """
      The mayor of S is V.
      The people of S elected V.
      S is ruled by V.
      The keys of S are with V.
      """,
      """
      V is the mayor of S.
      """,
      """
      Who is the mayor of S?
      Who rules S?
      Whom did the people of S elect?
      """);

  /** What facts are about. */
  enum Subject {
    PERSON,
    THING,
    PLACE
  }

  private final Subject subject;
  private final List<String> values;
  private final List<String> statements;
  private final List<String> inversions;
  private final List<String> questions;

  Relation(
      Subject subject,
      List<String> values,
      String statements,
      String inversions,
      String questions) {
    this.subject = subject;
    this.values = values;
    this.statements = statements.lines().toList();
    this.inversions = inversions.lines().toList();
    this.questions = questions.lines().toList();
  }

  Subject subject() {
    return subject;
  }

  /** Everything the relation could say. */
  List<String> range() {
    return values;
  }

  /** Sentence forms that end with the value. */
  List<String> statements() {
    return statements;
  }

  /** Sentence forms that begin with the value; only told, never tested. */
  List<String> inversions() {
    return inversions;
  }

  /** Question forms. */
  List<String> questions() {
    return questions;
  }

  static List<Relation> of(Subject subject) {
    return Stream.of(values()).filter(relation -> relation.subject == subject).toList();
  }
}
