// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import io.lowbit.quant.GgufBlocks;
import io.lowbit.quant.GgufType;
import io.lowbit.quant.GroupedInteger;
import io.lowbit.quant.IntegerGrid;
import io.lowbit.tensor.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Repacks low-bit matrices into {@link IntegerPanels}; no code, scale or zero changes its value.
 */
final class Repacking {
  private Repacking() {}

  static IntegerPanels of(GroupedInteger matrix) {
    int panels = Lanes.panels(Math.toIntExact(matrix.rows()));
    int columns = Math.toIntExact(matrix.columns());
    IntegerGrid grid = matrix.grid();
    Arena arena = Arena.ofShared();
    CodePlane codes = CodePlane.allocate(arena, grid.bits(), panels, columns);
    interleave(matrix.codes(), GroupedInteger.rowBytes(columns, grid.bits()), matrix.rows(), codes);

    int groups = matrix.groups();
    Plane scales = Plane.allocate(arena, grid.scaleType(), panels, groups);
    for (int row = 0; row < matrix.rows(); row++) {
      for (int g = 0; g < groups; g++) {
        scales.set(row / Lanes.WIDTH, g, row % Lanes.WIDTH, matrix.scale(row, g));
      }
    }
    GroupParameters parameters;
    if (grid.symmetry() == IntegerGrid.Symmetry.ASYMMETRIC) {
      CodePlane zeros = CodePlane.allocate(arena, grid.bits(), panels, groups);
      interleave(
          matrix.zeros(), GroupedInteger.rowBytes(groups, grid.bits()), matrix.rows(), zeros);
      parameters = new GroupParameters.PackedZeros(scales, zeros);
    } else {
      parameters = new GroupParameters.ConstantZero(scales, 1 << (grid.bits() - 1));
    }
    return new IntegerPanels(
        matrix.rows(),
        columns,
        arena,
        codes,
        parameters,
        grid.effectiveGroup(columns),
        grid.roundsValues() ? grid.scaleType() : DType.F32);
  }

  /** Rows of packed codes already are the bit strings of lanes: only their words move. */
  private static void interleave(MemorySegment source, long rowBytes, long rows, CodePlane target) {
    for (int row = 0; row < rows; row++) {
      for (int word = 0; word < target.words(); word++) {
        int value = word(source, row * rowBytes + 4L * word, (row + 1) * rowBytes);
        target.setWord(row / Lanes.WIDTH, word, row % Lanes.WIDTH, value);
      }
    }
  }

  private static int word(MemorySegment source, long at, long end) {
    if (at + 4 <= end) {
      return source.get(JAVA_INT_UNALIGNED, at);
    }
    int value = 0;
    for (long i = at; i < end; i++) {
      value |= (source.get(JAVA_BYTE, i) & 0xFF) << (8 * (i - at));
    }
    return value;
  }

  static IntegerPanels of(GgufBlocks matrix) {
    GgufType type = matrix.type();
    int panels = Lanes.panels(Math.toIntExact(matrix.rows()));
    int columns = Math.toIntExact(matrix.columns());
    int blocks = columns / type.blockSize();
    Arena arena = Arena.ofShared();
    CodePlane codes = CodePlane.allocate(arena, GgufFields.bits(type), panels, columns);
    GroupParameters parameters = allocate(type, arena, panels, blocks);
    int[] blockCodes = new int[type.blockSize()];
    int[] words = new int[codes.words() * Lanes.WIDTH];
    for (int row = 0; row < matrix.rows(); row++) {
      int lane = row % Lanes.WIDTH;
      for (int b = 0; b < blocks; b++) {
        long at = row * matrix.rowBytes() + (long) b * type.blockBytes();
        GgufFields.codes(type, matrix.data(), at, blockCodes);
        for (int i = 0; i < blockCodes.length; i++) {
          int bit = (b * type.blockSize() + i) * codes.bits();
          CodeKernel.setCode(words, 0, lane, bit, codes.bits(), blockCodes[i]);
        }
        copyParameters(type, matrix.data(), at, parameters, row, b);
      }
      for (int word = 0; word < codes.words(); word++) {
        codes.setWord(row / Lanes.WIDTH, word, lane, words[word * Lanes.WIDTH + lane]);
      }
    }
    int group = type == GgufType.Q6_K ? GgufFields.Q6_K_GROUP : type.blockSize();
    return new IntegerPanels(matrix.rows(), columns, arena, codes, parameters, group, DType.F32);
  }

  private static GroupParameters allocate(GgufType type, Arena arena, int panels, int blocks) {
    Plane factors = Plane.allocate(arena, DType.F16, panels, blocks);
    return switch (type) {
      case Q4_1, Q5_1 ->
          new GroupParameters.Minima(factors, Plane.allocate(arena, DType.F16, panels, blocks));
      case Q6_K -> {
        int perBlock = type.blockSize() / GgufFields.Q6_K_GROUP;
        Plane integers = Plane.allocate(arena, DType.I8, panels, blocks * perBlock);
        yield new GroupParameters.TwoLevels(integers, factors, perBlock, 32);
      }
      default -> new GroupParameters.ConstantZero(factors, 1 << (GgufFields.bits(type) - 1));
    };
  }

  private static void copyParameters(
      GgufType type, MemorySegment data, long at, GroupParameters target, int row, int block) {
    int panel = row / Lanes.WIDTH;
    int lane = row % Lanes.WIDTH;
    float factor = half(data, at + GgufFields.factorOffset(type));
    switch (target) {
      case GroupParameters.ConstantZero p -> p.scales().set(panel, block, lane, factor);
      case GroupParameters.Minima p -> {
        p.scales().set(panel, block, lane, factor);
        p.minima().set(panel, block, lane, half(data, at + 2));
      }
      case GroupParameters.TwoLevels p -> {
        p.factors().set(panel, block, lane, factor);
        for (int g = 0; g < p.groupsPerFactor(); g++) {
          byte scale = data.get(JAVA_BYTE, at + GgufFields.Q6_K_SCALES + g);
          p.integers().set(panel, block * p.groupsPerFactor() + g, lane, scale);
        }
      }
      case GroupParameters.PackedZeros p ->
          throw new IllegalStateException(type + " blocks have no packed zeros");
    }
  }

  private static float half(MemorySegment data, long at) {
    return Float.float16ToFloat(data.get(JAVA_SHORT_UNALIGNED, at));
  }
}
