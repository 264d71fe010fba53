// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import java.util.List;

/** How a value between two representable ones is rounded. */
enum RoundingMode {
  NEAREST_EVEN,
  NEAREST_AWAY,
  TOWARD_ZERO,
  DOWN,
  UP;

  /** The mode among an instruction's suffixes; to nearest even without one. */
  static RoundingMode of(List<String> suffixes) {
    for (String suffix : suffixes) {
      switch (suffix) {
        case "rn", "rni" -> {
          return NEAREST_EVEN;
        }
        case "rna" -> {
          return NEAREST_AWAY;
        }
        case "rz", "rzi" -> {
          return TOWARD_ZERO;
        }
        case "rm", "rmi" -> {
          return DOWN;
        }
        case "rp", "rpi" -> {
          return UP;
        }
        default -> {
          // Not a rounding mode.
        }
      }
    }
    return NEAREST_EVEN;
  }

  /**
   * Whether to add one unit in the last place to a truncated magnitude.
   *
   * @param negative sign of the value
   * @param odd whether the truncated magnitude is odd
   * @param half the highest bit cut off
   * @param rest whether any bit below is set
   */
  boolean up(boolean negative, boolean odd, boolean half, boolean rest) {
    return switch (this) {
      case NEAREST_EVEN -> half && (rest || odd);
      case NEAREST_AWAY -> half;
      case TOWARD_ZERO -> false;
      case DOWN -> negative && (half || rest);
      case UP -> !negative && (half || rest);
    };
  }
}
