// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import io.lowbit.ptx.text.Operand;
import java.util.List;

/** ldmatrix and movmatrix: 8 x 8 matrices of 16-bit elements across a warp. */
final class MatrixLoadFamily {
  private MatrixLoadFamily() {}

  static Op decode(Instruction in) {
    if (!in.has("m8n8") || !in.has("b16")) {
      throw in.unsupported("only 8 x 8 matrices of 16 bits are");
    }
    Op op =
        switch (in.root) {
          case "ldmatrix" -> load(in);
          case "movmatrix" -> transpose(in);
          default -> throw in.unsupported("the opcode is not implemented");
        };
    op.category = InstructionClass.MATRIX_LOAD;
    return op;
  }

  static void requireWholeWarp(Warp warp, int mask) {
    if (mask != -1) {
      throw warp.fault(
          FaultKind.DIVERGENT_WARP,
          Integer.numberOfTrailingZeros(~mask),
          0,
          "only lanes 0x%08x execute an instruction of the whole warp".formatted(mask));
    }
  }

  private static Op load(Instruction in) {
    int matrices = in.has("x4") ? 4 : in.has("x2") ? 2 : 1;
    boolean transposed = in.has("trans");
    List<Operand> registers =
        in.operand(0) instanceof Operand.Vector(List<Operand> parts)
            ? parts
            : List.of(in.operand(0));
    if (registers.size() != matrices) {
      throw in.unsupported("%d registers for %d matrices".formatted(registers.size(), matrices));
    }
    int[] to = registers.stream().mapToInt(in::out32).toArray();
    AddressSource address = AddressSource.of(in, 1);
    int rows = matrices == 4 ? -1 : (1 << (8 * matrices)) - 1;
    return new Op() {
      @Override
      void execute(Warp warp, int mask) {
        requireWholeWarp(warp, mask);
        address.compute(warp, rows);
        warp.access.resolve(address.space(), rows, 16, AccessKind.READ);
        for (int m = 0; m < to.length; m++) {
          if (transposed) {
            columns(warp, 8 * m, warp.r32[to[m]]);
          } else {
            rows(warp, 8 * m, warp.r32[to[m]]);
          }
        }
      }
    };
  }

  /** Lane l gets elements 2 (l % 4) and the next of row l / 4. */
  private static void rows(Warp warp, int first, int[] to) {
    Access access = warp.access;
    for (int l = 0; l < LaneLoops.LANES; l++) {
      int row = first + l / 4;
      to[l] = (int) Bytes.INT.get(access.data[row], access.offset[row] + 4 * (l % 4));
    }
  }

  /** Lane l gets element l / 4 of rows 2 (l % 4) and the next. */
  private static void columns(Warp warp, int first, int[] to) {
    Access access = warp.access;
    for (int l = 0; l < LaneLoops.LANES; l++) {
      int row = first + 2 * (l % 4);
      int at = 2 * (l / 4);
      int low = (short) Bytes.SHORT.get(access.data[row], access.offset[row] + at);
      int high = (short) Bytes.SHORT.get(access.data[row + 1], access.offset[row + 1] + at);
      to[l] = (low & 0xFFFF) | high << 16;
    }
  }

  private static Op transpose(Instruction in) {
    if (!in.has("trans")) {
      throw in.unsupported("movmatrix without .trans");
    }
    int d = in.out32(0);
    int a = in.in32(1);
    return new Op() {
      @Override
      void execute(Warp warp, int mask) {
        requireWholeWarp(warp, mask);
        int[] from = warp.r32[a];
        for (int l = 0; l < LaneLoops.LANES; l++) {
          int row = l / 4;
          int column = 2 * (l % 4);
          warp.scratch32[l] = element(from, column, row) | element(from, column + 1, row) << 16;
        }
        System.arraycopy(warp.scratch32, 0, warp.r32[d], 0, LaneLoops.LANES);
      }
    };
  }

  private static int element(int[] fragment, int row, int column) {
    return fragment[4 * row + column / 2] >>> (16 * (column & 1)) & 0xFFFF;
  }
}
