// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import io.lowbit.text.jinja.TemplateException.Kind;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/** Python's slices. */
final class Slices {
  private Slices() {}

  /** {@code value[start:stop:step]}; a bound that is none is left out. */
  static Object slice(Object value, Object start, Object stop, Object step, Budget budget) {
    return switch (value) {
      case String s -> slice(s, start, stop, step, budget);
      case Markup m -> new Markup(slice(m.text(), start, stop, step, budget));
      case List<?> list -> slice(list, start, stop, step, budget);
      case Tuple tuple -> Tuple.of(slice(tuple.items(), start, stop, step, budget));
      case Range range -> sliceRange(range, start, stop, step);
      case Undefined undefined -> throw undefined.failure();
      case null, default ->
          throw new TemplateException(
              Kind.TYPE, "a value of type " + Types.name(value) + " cannot be sliced");
    };
  }

  /** First position, step and number of positions that a slice selects. */
  private record Positions(int first, int step, int count) {
    int at(int i) {
      return first + i * step;
    }
  }

  private static Positions positions(Object start, Object stop, Object step, int length) {
    long stride = step == null ? 1 : integer(step);
    if (stride == 0) {
      throw new TemplateException(Kind.VALUE, "the step of a slice cannot be zero");
    }
    boolean down = stride < 0;
    int lowest = down ? -1 : 0;
    int highest = down ? length - 1 : length;
    int from =
        start == null ? (down ? highest : lowest) : bound(integer(start), length, lowest, highest);
    int to =
        stop == null ? (down ? lowest : highest) : bound(integer(stop), length, lowest, highest);
    long span = down ? (long) from - to : (long) to - from;
    long width = stride == Long.MIN_VALUE ? Long.MAX_VALUE : Math.abs(stride);
    int count = span <= 0 ? 0 : (int) ((span - 1) / width + 1);
    return new Positions(from, Math.clamp(stride, -length - 1, length + 1), count);
  }

  private static int bound(long index, int length, int lowest, int highest) {
    long position = index < 0 ? index + length : index;
    return Math.clamp(position, lowest, highest);
  }

  /** An index that may count from the end, brought between 0 and the length. */
  static int clamp(long index, int length) {
    return bound(index, length, 0, length);
  }

  private static long integer(Object bound) {
    if (bound instanceof Undefined undefined) {
      throw undefined.failure();
    }
    if (!Numbers.isInteger(bound)) {
      throw new TemplateException(
          Kind.TYPE, "the bounds of a slice are integers or none, not " + Types.name(bound));
    }
    BigInteger big = Numbers.big(bound);
    return big.bitLength() < Long.SIZE - 1
        ? big.longValue()
        : big.signum() > 0 ? Long.MAX_VALUE / 2 : Long.MIN_VALUE / 2;
  }

  private static String slice(String text, Object start, Object stop, Object step, Budget budget) {
    int length = Text.length(text);
    Positions positions = positions(start, stop, step, length);
    budget.text(positions.count());
    budget.work(text.length() / 8);
    if (positions.count() == 0) {
      return "";
    }
    if (positions.step() == 1) {
      int from = Text.offset(text, positions.first());
      return text.substring(from, text.offsetByCodePoints(from, positions.count()));
    }
    int[] codePoints = text.codePoints().toArray();
    int[] selected = new int[positions.count()];
    for (int i = 0; i < selected.length; i++) {
      selected[i] = codePoints[positions.at(i)];
    }
    return Text.fromCodePoints(selected);
  }

  private static List<Object> slice(
      List<?> list, Object start, Object stop, Object step, Budget budget) {
    Positions positions = positions(start, stop, step, list.size());
    budget.items(positions.count());
    List<Object> out = new ArrayList<>(positions.count());
    for (int i = 0; i < positions.count(); i++) {
      out.add(list.get(positions.at(i)));
    }
    return out;
  }

  private static Range sliceRange(Range range, Object start, Object stop, Object step) {
    Positions positions = positions(start, stop, step, range.size());
    long stride = range.step() * positions.step();
    long first = range.get(positions.first());
    return new Range(first, first + stride * positions.count(), stride, positions.count());
  }
}
