// SPDX-License-Identifier: Apache-2.0
package io.lowbit.task;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import java.util.List;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Rules on answers. */
public class AnswerRuleTest {
  @DataProvider
  public Object[][] answers() {
    return new Object[][] {
      {"{'rule': 'words_from', 'words': ['cat', 'dog']}", "dog, cat.", true},
      {"{'rule': 'words_from', 'words': ['cat', 'dog']}", "dog, cow.", false},
      {"{'rule': 'words_from', 'words': ['cat']}", " . ", false},
      {"{'rule': 'words_from', 'words': ['cat']}", "Cat", false},
      {"{'rule': 'word_count', 'count': 3}", " one  two-three.", true},
      {"{'rule': 'word_count', 'count': 3}", "one two", false},
      {"{'rule': 'word_count', 'count': 0}", "", true},
      {"{'rule': 'count_from', 'words': ['cat', 'dog'], 'count': 2}", "cat, red, dog", true},
      {"{'rule': 'count_from', 'words': ['cat', 'dog'], 'count': 2}", "cat, red, cow", false},
      {"{'rule': 'distinct'}", "a b c", true},
      {"{'rule': 'distinct'}", "a b, a", false},
      {"{'rule': 'contains', 'words': ['ring', 'cup']}", "the cup and the ring", true},
      {"{'rule': 'contains', 'words': ['ring']}", "a string", false},
      {"{'rule': 'excludes', 'words': ['ring']}", "a string", true},
      {"{'rule': 'excludes', 'words': ['ring']}", "a ring!", false},
      {"{'rule': 'begins_with', 'words': ['red']}", "red north.", true},
      {"{'rule': 'begins_with', 'words': ['red']}", "reddish north.", false},
      {"{'rule': 'ends_with', 'words': ['red']}", "north red.", true},
      {"{'rule': 'ends_with', 'words': ['red']}", "red north.", false},
      {"{'rule': 'ends_with', 'words': ['red']}", "", false},
      {"{'rule': 'equals', 'words': ['3 4 5.']}", "  3 4 5.\n", true},
      {"{'rule': 'equals', 'words': ['3 4 5.']}", "3 4 5", false},
      {"{'rule': 'words_from', 'words': ['Käse', '奶酪']}", "Käse 奶酪", true},
    };
  }

  @Test(dataProvider = "answers")
  public void rulesHoldOrDoNot(String rule, String answer, boolean holds) {
    List<AnswerRule> rules = AnswerRule.parse("[" + rule.replace('\'', '"') + "]");
    assertEquals(rules.size(), 1);
    assertEquals(rules.getFirst().isObeyedBy(answer), holds);
  }

  @DataProvider
  public Object[][] broken() {
    return new Object[][] {
      {"nonsense [", "the rules are no JSON"},
      {"{}", "the rules must be a JSON list with at least one rule"},
      {"[]", "the rules must be a JSON list with at least one rule"},
      {"[3]", "a rule must be a JSON object, not 3"},
      {"[{}]", "a rule needs its name under 'rule'"},
      {"[{\"rule\": \"distinkt\"}]", "the rule 'distinkt' is unknown; did you mean 'distinct'?"},
      {"[{\"rule\": \"contains\"}]", "the rule 'contains' needs a list of texts under 'words'"},
      {
        "[{\"rule\": \"contains\", \"words\": [[]]}]",
        "the rule 'contains' needs a list of texts under 'words'"
      },
      {
        "[{\"rule\": \"count_from\", \"words\": [\"a\"]}]",
        "the rule 'count_from' needs a whole number under 'count', not null"
      },
      {
        "[{\"rule\": \"word_count\", \"count\": -1}]",
        "the rule 'word_count' needs a whole number under 'count', not -1"
      },
    };
  }

  @Test(dataProvider = "broken")
  public void brokenRulesAreNamed(String json, String message) {
    var error = expectThrows(IllegalArgumentException.class, () -> AnswerRule.parse(json));
    assertTrue(error.getMessage().contains(message), error.getMessage());
  }
}
