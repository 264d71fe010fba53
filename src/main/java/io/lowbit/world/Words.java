// SPDX-License-Identifier: Apache-2.0
package io.lowbit.world;

import java.util.List;

/** The vocabulary of the world. No word is in two lists, so that every answer names its kind. */
final class Words {
  private Words() {}

  static final List<String> WOMEN =
      list(
          """
          Ada Agnes Alma Anna Bella Berta Carla Clara Cora Dina Edith Ella Emma Flora Frida Greta
          Hanna Hilda Ida Irma Julia Lena Lotta Marta Nadia Nora Olga Paula Rita Rosa Tessa Vera
          """);
  static final List<String> MEN =
      list(
          """
          Adam Anton Arno Basil Boris Bruno David Egon Emil Erik Felix Franz Georg Gustav Henry
          Hugo Igor Ivan Jonas Karl Leo Lukas Marco Moritz Oskar Otto Peter Rolf Simon Theo
          Victor Walter
          """);
  static final List<String> PLACES =
      list(
          """
          Ashford Birkdale Brackley Coldwater Dunmore Elmhurst Fairview Glenrock Harwick Kingsbay
          Longmoor Mirfield Northgate Oakham Riverton Stonehill
          """);
  static final List<String> REGIONS = list("north south east west");
  static final List<String> FEATURES =
      list(
          """
          bridge castle dome fountain garden harbour library market mill museum school tower
          """);
  static final List<String> JOBS =
      list(
          """
          baker barber butcher carpenter cook doctor farmer guard hunter nurse painter sailor
          smith tailor teacher
          """);
  static final List<String> ANIMALS =
      list(
          """
          bear camel cat cow dog donkey duck falcon fox goat goose hen horse lizard parrot pig
          rabbit raven sheep wolf
          """);
  static final List<String> FOODS =
      list(
          """
          beans bread butter cake cheese fish honey jam mushrooms noodles olives pancakes
          porridge potatoes rice soup
          """);
  static final List<String> HOBBIES =
      list(
          """
          chess climbing cycling dancing drawing gardening hiking knitting poetry rowing singing
          skating
          """);
  static final List<String> MATERIALS =
      list(
          """
          brass bronze clay copper glass gold iron leather marble paper silver steel
          """);
  static final List<String> COLOURS =
      list("black blue brown green grey orange pink purple red white yellow");
  static final List<String> THINGS =
      list(
          """
          anchor axe barrel basket bell bench bottle bowl box brush bucket button candle chain
          chair clock coat comb crown cup drum fan flag flute fork hammer hat helmet jar kettle
          key knife ladder lamp lock mirror needle pillow plate pot purse ring rope saddle shield
          spoon table umbrella
          """);
  static final List<String> GOODS =
      list(
          """
          apples beads berries biscuits books bricks coins eggs feathers figs lemons nails nuts
          onions pears pencils shells stones
          """);
  static final List<String> NUMBER_WORDS = list("zero one two three four five six seven eight");

  /** Opposites. */
  static final List<Pair> OPPOSITES =
      pairs(
          """
          big small hot cold fast slow old young rich poor light dark hard soft wet dry full empty
          strong weak early late near far loud quiet thick thin high low sweet sour clean dirty
          """);

  /** Characters: the second of each pair is the opposite of the first. */
  static final List<Pair> TRAITS =
      pairs(
          """
          brave timid honest sly generous stingy gentle fierce tidy messy clever foolish cheerful
          gloomy patient hasty
          """);

  /** Two words that belong together. */
  record Pair(String first, String second) {}

  private static List<String> list(String words) {
    return List.of(words.strip().split("\\s+"));
  }

  private static List<Pair> pairs(String words) {
    List<String> list = list(words);
    return java.util.stream.IntStream.range(0, list.size() / 2)
        .mapToObj(i -> new Pair(list.get(2 * i), list.get(2 * i + 1)))
        .toList();
  }
}
