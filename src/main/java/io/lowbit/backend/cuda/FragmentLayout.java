// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

/**
 * Where packed matrices keep their codes and grids: in the order in which the lanes of a warp feed
 * them to a tensor core as the first operand of {@code mma.m16n8k16}. Rows are padded to {@link
 * #ROWS}, columns to {@link #COLUMNS}; padding has code 0, scale 0 and zero 0.
 *
 * <p>Codes are tiles {@code [rows / 64][columns / 64][4 strips of 16 rows]}. With {@code g = lane /
 * 4} and {@code t = lane % 4}, register {@code i} of a lane holds, for row {@code g + 8 (i % 2)} of
 * a strip, the neighbours {@code 2t + 8 (i / 2)} and the next one of 16 columns.
 *
 * <ul>
 *   <li>4 bits: a strip is {@code [32 lanes][4 words]}; word {@code j} has columns {@code 16 j} to
 *       {@code 16 j + 15} of the 64, nibble {@code i} the lower and nibble {@code i + 4} the higher
 *       neighbour of register {@code i}.
 *   <li>8 bits: a strip is {@code [2 halves][32 lanes][4 words]}; half {@code h} has the columns
 *       from {@code 32 h} on, words 0 and 1 the first 16 of them, words 2 and 3 the others; bytes 0
 *       and 1 of word {@code r} of such two are the neighbours of register {@code 2r}, bytes 2 and
 *       3 those of register {@code 2r + 1}.
 * </ul>
 *
 * <p>Grids are pairs {scale, zero} {@code [padded rows / 16][groups][16 rows]}, both numbers in
 * fp16 or both in fp32.
 *
 * @param bits bits that a code takes, 4 or 8
 * @param rows output features, without padding
 * @param columns input features, without padding
 */
public record FragmentLayout(int bits, int rows, int columns) {
  /** Rows of a tile. */
  public static final int ROWS = 64;

  /** Columns of a tile. */
  public static final int COLUMNS = 64;

  /** Rows of a strip. */
  public static final int STRIP = 16;

  private static final int STRIPS = ROWS / STRIP;
  private static final int LANES = 32;
  private static final int LANE_WORDS = 4;

  /** Refuses other containers than 4 and 8 bits, and empty matrices. */
  public FragmentLayout {
    if (bits != 4 && bits != 8) {
      throw new IllegalArgumentException("packed codes take 4 or 8 bits, not " + bits);
    }
    if (rows < 1 || columns < 1) {
      throw new IllegalArgumentException(
          "a packed matrix of %d rows and %d columns; both must be at least 1"
              .formatted(rows, columns));
    }
  }

  /** Tiles along the columns. */
  public int columnTiles() {
    return Math.ceilDiv(columns, COLUMNS);
  }

  /** Strips, padding included: a multiple of 4. */
  public int strips() {
    return Math.ceilDiv(rows, ROWS) * STRIPS;
  }

  /** Bytes of a strip's part of a tile. */
  public int stripBytes() {
    return STRIP * COLUMNS * bits / 8;
  }

  /** Bytes of all codes. */
  public long codeBytes() {
    return (long) strips() * columnTiles() * stripBytes();
  }

  /** First byte of a strip's part of a tile. */
  public long stripByte(int strip, int columnTile) {
    return (((long) (strip / STRIPS) * columnTiles() + columnTile) * STRIPS + strip % STRIPS)
        * stripBytes();
  }

  /**
   * Lowest bit of a code within its strip's part of a tile, counted in little-endian order.
   *
   * @param row of the strip, 0 to 15
   * @param column of the tile, 0 to 63
   */
  public int bitInStrip(int row, int column) {
    int step = column / 16;
    int lane = row % 8 * 4 + column % 8 / 2;
    int register = row / 8 + column % 16 / 8 * 2;
    int neighbour = column % 2;
    if (bits == 4) {
      return 32 * (lane * LANE_WORDS + step) + 4 * register + 16 * neighbour;
    }
    int word = (step / 2 * LANES + lane) * LANE_WORDS + step % 2 * 2 + register / 2;
    return 32 * word + register % 2 * 16 + 8 * neighbour;
  }

  /** Bytes of the grids of {@code groups} groups a row, numbers of {@code numberBytes}. */
  public long gridBytes(int groups, int numberBytes) {
    return (long) strips() * groups * STRIP * 2 * numberBytes;
  }

  /** Place of a pair among all pairs. */
  public static long pair(int row, int group, int groups) {
    return ((long) (row / STRIP) * groups + group) * STRIP + row % STRIP;
  }
}
