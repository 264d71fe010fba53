// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import java.util.Locale;
import java.util.Optional;

/**
 * Read-only registers that do not change while a warp runs; clocks are instructions of their own.
 */
enum SpecialRegister {
  TID_X,
  TID_Y,
  TID_Z,
  NTID_X,
  NTID_Y,
  NTID_Z,
  CTAID_X,
  CTAID_Y,
  CTAID_Z,
  NCTAID_X,
  NCTAID_Y,
  NCTAID_Z,
  LANEID,
  WARPID,
  NWARPID,
  SMID,
  NSMID,
  GRIDID,
  LANEMASK_EQ,
  LANEMASK_LT,
  LANEMASK_LE,
  LANEMASK_GT,
  LANEMASK_GE,
  DYNAMIC_SMEM_SIZE,
  TOTAL_SMEM_SIZE,
  WARP_SZ;

  boolean wide() {
    return this == GRIDID;
  }

  static Optional<SpecialRegister> of(String name) {
    if (name.equals("WARP_SZ")) {
      return Optional.of(WARP_SZ);
    }
    if (!name.startsWith("%")) {
      return Optional.empty();
    }
    String constant = name.substring(1).replace('.', '_').toUpperCase(Locale.ROOT);
    for (SpecialRegister register : values()) {
      if (register.name().equals(constant)) {
        return Optional.of(register);
      }
    }
    return Optional.empty();
  }

  /** The value in one lane. */
  long value(Block block, int warp, int lane) {
    int thread = 32 * warp + lane;
    var grid = block.launch.shape.grid();
    var size = block.launch.shape.block();
    return switch (this) {
      case TID_X -> thread % size.x();
      case TID_Y -> thread / size.x() % size.y();
      case TID_Z -> thread / size.x() / size.y();
      case NTID_X -> size.x();
      case NTID_Y -> size.y();
      case NTID_Z -> size.z();
      case CTAID_X -> block.place.x();
      case CTAID_Y -> block.place.y();
      case CTAID_Z -> block.place.z();
      case NCTAID_X -> grid.x();
      case NCTAID_Y -> grid.y();
      case NCTAID_Z -> grid.z();
      case LANEID -> lane;
      case WARPID -> warp;
      case NWARPID -> 64;
      case SMID -> block.linear % Device.MULTIPROCESSORS;
      case NSMID -> Device.MULTIPROCESSORS;
      case GRIDID -> block.launch.number;
      case LANEMASK_EQ -> 1 << lane;
      case LANEMASK_LT -> (1 << lane) - 1;
      case LANEMASK_LE -> (1 << lane) - 1 | 1 << lane;
      case LANEMASK_GT -> -(1 << lane) << 1;
      case LANEMASK_GE -> -(1 << lane);
      case DYNAMIC_SMEM_SIZE -> block.launch.shape.sharedBytes();
      case TOTAL_SMEM_SIZE -> block.shared.bytes();
      case WARP_SZ -> 32;
    };
  }
}
