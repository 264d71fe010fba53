// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import io.lowbit.backend.cuda.GpuException;
import io.lowbit.backend.cuda.LaunchShape;
import java.util.Optional;

/** The first thing a kernel did wrong, and where. */
public final class PtxFault extends GpuException {
  private final FaultKind kind;
  private final transient Place place;

  /**
   * Where a fault happened.
   *
   * @param line of the PTX text
   * @param instruction as written
   * @param block index of the block
   * @param thread linear index in the block, -1 if the whole warp or block is concerned
   * @param address the memory address, 0 if none is concerned
   */
  public record Place(int line, String instruction, BlockIndex block, int thread, long address) {}

  PtxFault(FaultKind kind, String detail, Place place, String kernel, LaunchShape shape) {
    super(
        kind.code(),
        kind.codeName(),
        "%s: %s; line %,d '%s', block %s, thread %s%s"
            .formatted(
                kind,
                detail,
                place.line(),
                place.instruction(),
                place.block(),
                place.thread() < 0 ? "all" : Integer.toString(place.thread()),
                place.address() == 0 ? "" : ", address 0x%x".formatted(place.address())),
        kernel,
        Optional.of(shape));
    this.kind = kind;
    this.place = place;
  }

  /** What went wrong. */
  public FaultKind kind() {
    return kind;
  }

  /** Where it went wrong. */
  public Place place() {
    return place;
  }
}
