// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import static org.testng.Assert.assertEquals;

import java.util.Random;
import org.testng.annotations.Test;

/** The linear search against the library's. */
public class SearchTest {
  @Test
  public void findsWhatTheLibraryFinds() {
    Random random = new Random(7);
    for (int i = 0; i < 5000; i++) {
      String text = word(random, random.nextInt(80));
      String part = word(random, random.nextInt(14));
      int place = random.nextInt(text.length() + 1);
      String message = part + " in " + text + " at " + place;
      assertEquals(Search.first(text, part, place), text.indexOf(part, place), message);
      String head = text.substring(0, place);
      assertEquals(Search.last(text, part, place), head.lastIndexOf(part), message);
    }
  }

  private static String word(Random random, int length) {
    StringBuilder word = new StringBuilder();
    for (int i = 0; i < length; i++) {
      word.append(random.nextInt(8) == 0 ? 'b' : 'a');
    }
    return word.toString();
  }
}
