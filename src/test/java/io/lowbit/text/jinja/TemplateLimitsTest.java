// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.expectThrows;

import io.lowbit.text.jinja.TemplateException.Kind;
import java.util.Map;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Templates that would run for ever, or fill the memory or the stack, are refused. */
public class TemplateLimitsTest {
  @DataProvider
  Object[][] hostile() {
    String doubling = "{% set n = namespace(x='aaaaaaaa', l=[1], t=(1,), u=(1,)) %}";
    String loop = "{% for i in range(99) %}";
    return new Object[][] {
      {"{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}"},
      {doubling + loop + "{% set n.x = n.x ~ n.x %}{% endfor %}"},
      {doubling + loop + "{% set n.l = n.l + n.l %}{% endfor %}"},
      {doubling + loop + "{% set n.l = [n.l, n.l] %}{% endfor %}{{ n.l }}"},
      {doubling + loop + "{% set n.l = [n.l, n.l] %}{% endfor %}{{ n.l | tojson }}"},
      {doubling + loop + "{% set n.t = (n.t, n.t) %}{% endfor %}{{ {n.t: 1} }}"},
      {doubling + loop + "{% set n.l = [n.l] %}{% set n.t = 2 ** (i ** 9) %}{% endfor %}"},
      {
        "{% set n = namespace(l=1) %}{% for i in range(9999) %}{% set n.l = [n.l] %}{% endfor %}{{ n.l }}"
      },
      {"{{ 'a' * 10 ** 12 }}"},
      {"{{ 'a'.center(10 ** 12) }}"},
      {"{{ '%999999999d' % 1 }}"},
      {"{{ '{:.999999999f}'.format(1) }}"},
      {"{{ [1] | tojson(indent=10 ** 12) }}"},
      {"{{ ('a' * 20000).replace('', 'b' * 20000) }}"},
      {"{% set s = 'a' * 1000000 %}{% for i in range(99999) %}{{ 'b' in s }}{% endfor %}"},
      {"{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}"},
      {"{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}"},
      {"{{ " + "(".repeat(5000) + ")".repeat(5000) + " }}"},
      {"{{ 1" + " + 1".repeat(5000) + " }}"},
      {"{{ " + "not ".repeat(5000) + "1 }}"},
      {"{% if 1 %}".repeat(5000)},
    };
  }

  @Test(dataProvider = "hostile")
  public void hostileTemplatesAreRefused(String template) {
    assertEquals(failure(template, Options.chat()).kind(), Kind.LIMIT, template);
  }

  @Test
  public void longRangesAreRefusedAsInJinjasSandbox() {
    assertEquals(failure("{{ range(100001) }}", Options.chat()).kind(), Kind.OVERFLOW);
    assertEquals(
        Template.parse("{{ range(100000) | length }}", Options.chat()).render(Map.of()), "100000");
  }

  @Test
  public void slowPatternsAreRefused() {
    String slow = "{{ ('ab' * 40) | regex_replace('(.*a.*b.*)*(.*a.*b.*)*(.*a.*b.*)*c', '') }}";
    assertEquals(failure(slow, Options.harness()).kind(), Kind.LIMIT);
    String deep = "{{ ('ab' * 40000) | regex_replace('(a|b)*c', '') }}";
    assertEquals(failure(deep, Options.harness()).kind(), Kind.LIMIT);
  }

  @Test
  public void aListThatHoldsItselfEndsInALimit() {
    String self = "{% set xs = [] %}{% set _ = xs.append(xs) %}";
    assertEquals(failure(self + "{{ xs }}", Options.plain()).kind(), Kind.LIMIT);
    assertEquals(
        failure(
                self + "{{ xs == [xs] * 1 + [] }}{{ xs == [[[xs]]] }}{{ xs | tojson }}",
                Options.plain())
            .kind(),
        Kind.LIMIT);
  }

  private static TemplateException failure(String template, Options options) {
    return expectThrows(
        TemplateException.class, () -> Template.parse(template, options).render(Map.of()));
  }
}
