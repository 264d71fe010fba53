// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertThrows;
import static org.testng.Assert.expectThrows;

import io.lowbit.text.jinja.TemplateException.Kind;
import java.math.BigInteger;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** The language, feature by feature; expected texts are those of jinja2 3.1.6 on CPython. */
public class TemplateTest {
  private static final LocalDateTime NOW = LocalDateTime.of(2025, 3, 4, 5, 6, 7);

  private static String chat(String template) {
    return Template.parse(template, Options.chat().withNow(NOW)).render(SampleTemplates.context());
  }

  private static TemplateException failure(String template, Options options) {
    return expectThrows(
        TemplateException.class,
        () -> Template.parse(template, options).render(SampleTemplates.context()));
  }

  @DataProvider
  Object[][] expressions() {
    return new Object[][] {
      // Numbers are Python's.
      {"{{ 7 // -2 }} {{ -7 % 3 }} {{ 7.5 // -2 }} {{ 6 / 2 }}", "-4 2 -4.0 3.0"},
      {"{{ 2 ** 64 }} {{ 2 ** -1 }} {{ -2 ** 2 }}", "18446744073709551616 0.5 4"},
      {
        "{{ 1e16 }} {{ 1e-5 }} {{ 0.1 + 0.2 }} {{ 5e-324 }}",
        "1e+16 1e-05 0.30000000000000004 5e-324"
      },
      {"{{ 2.5 | round }} {{ 2.675 | round(2) }} {{ 5 | round(-1) }}", "2.0 2.67 0"},
      {"{{ 9007199254740993 == 9007199254740992.0 }}", "False"},
      // Truth, comparison, precedence.
      {"{{ 1 < 2 < 2 }} {{ '' or [] or 'x' }} {{ not none }}", "False x True"},
      {"{{ 'a' ~ 1 + 'b' }} {{ -3 | abs }} {{ 1 == true }}", "a1b 3 True"},
      {"{{ 'b' if nothing else 'c' }}{{ 'd' if nothing }}", "c"},
      // Text counts code points, and prints in lists as Python's repr does.
      {"{{ '👋é'[::-1] }} {{ '👋é' | length }} {{ 'aXbX'.find('X', 2) }}", "é👋 2 3"},
      {
        "{{ ['it\\'s', 'n\\n', '\\u00a0', 'é', none, 1.0] }}",
        "[\"it's\", 'n\\n', '\\xa0', 'é', None, 1.0]"
      },
      {"{{ 'ß ǆ o\\'neil'.title() }} {{ 'o\\'neil 3x' | title }}", "Ss ǅ O'Neil O'neil 3x"},
      {
        "{{ 'a-b'.split('-') }} {{ ' a  b '.split() }} {{ 'a b c'.rsplit(none, 1) }}",
        "['a', 'b'] ['a', 'b'] ['a b', 'c']"
      },
      // Filters and tests.
      {"{{ ['b', 'A', 'c'] | sort }} {{ [3, 1] | sort(reverse=true) }}", "['A', 'b', 'c'] [3, 1]"},
      {"{{ {'b': [1, none], 'a': {}} | tojson }}", "{\"b\": [1, null], \"a\": {}}"},
      {"{{ {'a': [1, []]} | tojson(indent=1) }}", "{\n \"a\": [\n  1,\n  []\n ]\n}"},
      {
        "{{ messages | selectattr('role', 'ne', 'user') | map(attribute='content') | join('|') }}",
        "Be brief.|Hello!"
      },
      {
        "{{ '%05.1f %-3d|%s' % (2.25, 7, [1]) }} {{ '{:>4}{:,}'.format('x', 12345) }}",
        "002.2 7  |[1]    x12,345"
      },
      {
        "{{ 3 is odd }} {{ 'a' is in 'abc' }} {{ x is defined }} {{ {} is sequence }}",
        "True True False True"
      },
      {
        "{{ 'a\\nb' | indent(2, true) }} {{ 'the quick fox' | truncate(7, true, '..', 0) }}",
        "  a\n  b the q.."
      },
      {"{{ 'well-known facts' | wordwrap(6) }}", "well-\nknown\nfacts"},
      // Undefined prints as nothing; a missing key is undefined, a missing key of it fails.
      {"[{{ missing }}{{ tools[0].missing }}{{ [missing] }}]", "[[Undefined]]"},
      {"{{ strftime_now('%d %b %Y %-I:%M %p, %A %j') }}", "04 Mar 2025 5:06 AM, Tuesday 063"},
    };
  }

  @Test(dataProvider = "expressions")
  public void expressionsPrintAsInPython(String template, String expected) {
    assertEquals(chat(template), expected);
  }

  @DataProvider
  Object[][] statements() {
    return new Object[][] {
      {"{% for x in 'ab' %}{{ loop.index }}{{ x }}{{ loop.nextitem }},{% endfor %}", "1ab,2b,"},
      {"{% for x in [1, 2, 3] if x != 2 %}{{ loop.length }}{{ x }}{% else %}-{% endfor %}", "2123"},
      {"{% for a, (b, c) in [(1, (2, 3))] %}{{ a + b * c }}{% endfor %}", "7"},
      {"{% set x = 1 %}{% for i in [1, 2] %}{% set x = x + i %}{{ x }}{% endfor %}{{ x }}", "231"},
      {
        "{% set n = namespace(x=1) %}{% for i in [1, 2] %}{% set n.x = n.x + i %}{% endfor %}{{ n.x }}",
        "4"
      },
      {
        "{% for i in range(9) %}{% if i == 4 %}{% break %}{% elif i == 1 %}{% continue %}{% endif %}{{ i }}{% endfor %}",
        "023"
      },
      {
        "{% macro f(a, b=a) %}{{ a }}{{ b }}{{ varargs }}{% endmacro %}{{ f(1) }}{{ f(1, 2, 3) }}",
        "11()12(3,)"
      },
      {
        "{% macro f() %}<{{ caller(1) }}>{% endmacro %}{% call(x) f() %}{{ x }}{% endcall %}", "<1>"
      },
      {"{% for t in tree recursive %}{{ t.n }}{{ loop(t.c) }}{% endfor %}", "12"},
      {"{% set x | upper %}a{{ 1 }}{% endset %}{{ x }}{% filter trim %} b {% endfilter %}", "A1b"},
      {
        "{% with a = 1 %}{{ a }}{% endwith %}{{ a }}{% raw %}{{ a }}{% endraw %}{# a #}", "1{{ a }}"
      },
      {"{% if false %}{{ 1 | no_such_filter }}{% endif %}ok", "ok"},
      {"{% generation %}{{ 'x' }}{% endgeneration %}", "x"},
      {"a\n  {% if true %}\n  b\n  {% endif %}\nc\n", "a\n  b\nc"},
      {"a {%- if true -%} b {%- endif +%}\nc {{- 'd' -}}\n e", "ab\nc" + "de"},
      {"x\r\n{{ 'y' }}\r\n", "x\ny"},
    };
  }

  @Test(dataProvider = "statements")
  public void statementsRunAsInJinja(String template, String expected) {
    assertEquals(chat(template), expected);
  }

  @DataProvider
  Object[][] failures() {
    return new Object[][] {
      {"a\n{{ raise_exception('no ' ~ 1) }}", Kind.RAISED, 2, "no 1"},
      {"\n\n{{ missing.x }}", Kind.UNDEFINED, 3, "'missing' is undefined"},
      {"{{ tools.x.y }}", Kind.UNDEFINED, 1, "'list object' has no attribute 'x'"},
      {"{{ 'a' + 1 }}", Kind.TYPE, 1, "'+' does not work between str and int"},
      {"{{ 1 / 0 }}", Kind.ZERO_DIVISION, 1, "division by zero"},
      {
        "{% if x %}",
        Kind.SYNTAX,
        1,
        "the template ends without 'endif' for the tag opened on line 1"
      },
      {"{{ 1 | no_such }}", Kind.SYNTAX, 1, "no filter named 'no_such'"},
      {
        "{{ words.__class__ ~ 1 + [].append(1) }}",
        Kind.SECURITY,
        1,
        "the attribute 'append' of a list is out of bounds for templates"
      },
      {
        "{% include 'x' %}",
        Kind.RUNTIME,
        1,
        "'include' needs a second template; templates here stand alone"
      },
      {
        "{{ [1] | random }}",
        Kind.RUNTIME,
        1,
        "'random' is refused: a prompt must be the same each time"
      },
    };
  }

  @Test(dataProvider = "failures")
  public void failuresNameLineAndReason(String template, Kind kind, int line, String reason) {
    TemplateException failure = failure(template, Options.chat());
    assertEquals(failure.kind(), kind);
    assertEquals(failure.line(), line);
    assertEquals(failure.reason(), reason);
    assertEquals(failure.getMessage(), "template line " + line + ": " + reason);
  }

  @Test
  public void strictVariablesMustBeThere() {
    assertEquals(failure("{{ missing }}", Options.harness()).reason(), "'missing' is undefined");
    assertEquals(failure("{% if missing %}{% endif %}", Options.harness()).kind(), Kind.UNDEFINED);
    String asked = "{{ missing is defined }}{{ missing | default('d') }}{{ 'x' if false }}\n";
    assertEquals(Template.parse(asked, Options.harness()).render(Map.of()), "Falsed\n");
  }

  @Test
  public void dialectsDifferInJson() {
    String template = "{{ {'b': '<é>', 'a': 1} | tojson }}";
    assertEquals(chat(template), "{\"b\": \"<é>\", \"a\": 1}");
    assertEquals(
        Template.parse(template).render(Map.of()), "{\"a\": 1, \"b\": \"\\u003c\\u00e9\\u003e\"}");
  }

  @DataProvider
  Object[][] substitutions() {
    return new Object[][] {
      {"{{ 'a  b' | regex_replace('\\\\s+', ' ') }}", "a b"},
      {"{{ 'x <<1+1=2>>2' | regex_replace('<<.*?>>', '') }}", "x 2"},
      {"{{ 'ab' | regex_replace('(?P<first_one>a)(b)', '\\\\2\\\\g<first_one>$0') }}", "ba$0"},
      {"{{ 'baac' | regex_replace('a*', '-') }}", "-b--c-"},
      {"{{ 'a.b.c' | regex_replace('[.]', '', 1) }}", "ab.c"},
      {"{{ 'é1 ²' | regex_replace('[^\\\\w ]|\\\\d', '_') }}", "é_ ²"},
    };
  }

  @Test(dataProvider = "substitutions")
  public void regexReplaceIsPythons(String template, String expected) {
    assertEquals(Template.parse(template, Options.harness()).render(Map.of()), expected);
  }

  @Test
  public void contextStaysAsItIsAndMayHoldAnyJavaNumber() {
    List<Object> list = new ArrayList<>(Arrays.asList(1, 2L, 2.5f, BigInteger.TWO.pow(70), null));
    Map<String, Object> context = new HashMap<>(Map.of("xs", list));
    String template = "{% set _ = xs.append(9) %}{{ xs }}";
    String first = Template.parse(template).render(context);
    assertEquals(first, "[1, 2, 2.5, 1180591620717411303424, None, 9]");
    assertEquals(list.size(), 5);
    assertThrows(
        IllegalArgumentException.class,
        () -> Template.parse("").render(Map.of("x", new StringBuilder())));
  }

  @Test
  public void everySampleRenders() {
    SampleTemplates.ALL.forEach(TemplateTest::chat);
  }
}
