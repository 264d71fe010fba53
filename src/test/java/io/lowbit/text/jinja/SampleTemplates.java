// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Templates and a context of our own that use all of the language. */
final class SampleTemplates {
  private SampleTemplates() {}

  static final List<String> ALL =
      List.of(
          """
          {%- set ns = namespace(seen=false, n=0) -%}
          {%- for m in messages -%}
            {%- if m.role == 'system' and not loop.first %}{{ raise_exception('system comes first') }}{% endif -%}
            {{- '<|' ~ m['role'] ~ '|>' + (m.content or '') | trim }}
            {%- set ns.n = ns.n + loop.index0 * 2 ** 3 // 5 -%}
            {%- if loop.last and add_generation_prompt %}<|assistant|>{% endif %}
            {%- if loop.index > 9 %}{% break %}{% else %}{% continue %}{% endif %}
          {%- else %}nothing{% endfor -%}
          {{ ns.n }} {{ messages[::-1][0].content[1:-1] }} {{ strftime_now('%d %b %Y') }}
          """,
          """
          {%- macro show(value, depth=0) -%}
            {%- if value is mapping -%}
              {%- for k, v in value | dictsort -%}{{ k | title }}: {{ show(v, depth + 1) }};{%- endfor -%}
            {%- elif value is iterable and value is not string -%}
              [{{ value | map('string') | join(', ') }}]
            {%- else -%}{{ value | tojson(indent=2) }}{{ kwargs }}{{ varargs }}{%- endif -%}
          {%- endmacro -%}
          {{ show(tools) }}{{ show(1, depth=2, x='y') }}{% call show(3) %}x{% endcall %}
          """,
          """
          {%- for item in tree recursive %}{{ loop.depth }}{{ item.n }}{{ loop(item.c or []) }}{% endfor %}
          {%- filter upper | replace('A', 'bb') %}abc {{ 'd' }}{% endfilter %}
          {%- with a = 1, b = [1, 2.5, -3] %}{{ a + b | sum | round(1) }}{{ b | sort(reverse=true) }}{% endwith %}
          {%- set text | trim | indent(2) %} a
          b {% endset %}{{ text }}{% raw %}{{ raw }}{% endraw %}{# comment #}
          """,
          """
          {{ '%s has %05.1f%% of %-6d|' % ('x', 2.345, 42) }}{{ '{a:>8}{0!r:^9}{1:,}'.format('q', 1234567, a=1) }}
          {{ words.split(' ', 1)[-1].strip('. ').replace('o', '0') | wordwrap(7) | truncate(20) }}
          {{ [3, 1, 2] | batch(2) | list }}{{ range(0, 10, 3) | slice(2) | list }}{{ words | wordcount }}
          {{ messages | selectattr('role', 'equalto', 'user') | map(attribute='content') | list }}
          {{ messages | groupby('role') | map('first') | unique | list }}{{ ('ab' in words) is true }}
          {{ 1 < 2 <= 2 != 3 }}{{ 7 % -3 }}{{ -7 // 2 }}{{ 2 ** 70 }}{{ 1e300 * 1e10 }}{{ '3.9' | int }}
          {{ words.title().center(40, '*') ~ words.find('b') ~ words.encode }}{{ missing.x if missing is defined }}
          """,
          """
          {% autoescape true %}{{ '<b>' }}{{ '<i>' | safe }}{{ {'a': 1} | xmlattr }}{% endautoescape %}
          {{ cycler('a', 'b').next() }}{% set j = joiner() %}{{ j() }}{{ j() }}{{ dict(a=1, **{'b': 2}) }}
          {% generation %}{{ words | urlencode | striptags | escape }}{{ 12345 | filesizeformat }}{% endgeneration %}
          {% block main scoped %}{{ 'x' * 5 }}{% endblock %}{{ [1] + [2] | reverse | list }}{{ (1, 2)[0] }}
          """);

  /** What the templates read. */
  static Map<String, Object> context() {
    Map<String, Object> context = new LinkedHashMap<>();
    context.put(
        "messages",
        List.of(
            Map.of("role", "system", "content", "Be brief."),
            Map.of("role", "user", "content", " Grüße 👋\n"),
            Map.of("role", "assistant", "content", "Hello!")));
    context.put("add_generation_prompt", true);
    context.put("tools", List.of(Map.of("name", "f", "parameters", Map.of("x", 1.5))));
    context.put("tree", List.of(Map.of("n", 1, "c", List.of(Map.of("n", 2, "c", List.of())))));
    context.put("words", "a bird. in the hand");
    context.put("nothing", null);
    context.put("numbers", Arrays.asList(1, 2.5, null, -7L));
    return context;
  }
}
