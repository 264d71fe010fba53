// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import io.lowbit.backend.cuda.GpuException;

/** What a kernel can do wrong, with the number a CUDA driver would most likely report. */
public enum FaultKind {
  /** No allocation, variable or shared memory at the address. */
  OUT_OF_BOUNDS(GpuException.ILLEGAL_ADDRESS, "CUDA_ERROR_ILLEGAL_ADDRESS"),
  /** The memory at the address has been freed. */
  USE_AFTER_FREE(GpuException.ILLEGAL_ADDRESS, "CUDA_ERROR_ILLEGAL_ADDRESS"),
  /** A write to constant memory. */
  READ_ONLY(GpuException.ILLEGAL_ADDRESS, "CUDA_ERROR_ILLEGAL_ADDRESS"),
  /** An address that is no multiple of the access's size. */
  MISALIGNED(GpuException.MISALIGNED_ADDRESS, "CUDA_ERROR_MISALIGNED_ADDRESS"),
  /** A register that no instruction has written in this lane. */
  UNINITIALISED_REGISTER(GpuException.LAUNCH_FAILED, "CUDA_ERROR_LAUNCH_FAILED"),
  /** Memory that nobody has written. */
  UNINITIALISED_MEMORY(GpuException.LAUNCH_FAILED, "CUDA_ERROR_LAUNCH_FAILED"),
  /** Two threads touch the same shared memory, one writes, and nothing orders them. */
  SHARED_RACE(GpuException.LAUNCH_FAILED, "CUDA_ERROR_LAUNCH_FAILED"),
  /** Two blocks touch the same global memory, one writes, and nothing orders them. */
  GLOBAL_RACE(GpuException.LAUNCH_FAILED, "CUDA_ERROR_LAUNCH_FAILED"),
  /** The target of a cp.async is touched before the copy has been waited for. */
  PENDING_COPY(GpuException.LAUNCH_FAILED, "CUDA_ERROR_LAUNCH_FAILED"),
  /** Part of a warp reaches a barrier of the block. */
  DIVERGENT_BARRIER(GpuException.LAUNCH_FAILED, "CUDA_ERROR_LAUNCH_FAILED"),
  /** A warp-wide instruction names lanes that are elsewhere. */
  DIVERGENT_WARP(GpuException.LAUNCH_FAILED, "CUDA_ERROR_LAUNCH_FAILED"),
  /** A shuffle reads a lane that does not take part. */
  INACTIVE_SOURCE(GpuException.LAUNCH_FAILED, "CUDA_ERROR_LAUNCH_FAILED"),
  /** An operand is outside what the instruction takes. */
  BAD_OPERAND(GpuException.LAUNCH_FAILED, "CUDA_ERROR_LAUNCH_FAILED"),
  /** All warps wait for barriers that nobody will reach. */
  DEADLOCK(GpuException.LAUNCH_TIMEOUT, "CUDA_ERROR_LAUNCH_TIMEOUT"),
  /** More instructions than the budget allows: a hang. */
  BUDGET(GpuException.LAUNCH_TIMEOUT, "CUDA_ERROR_LAUNCH_TIMEOUT"),
  /** The kernel executed {@code trap}. */
  TRAP(GpuException.LAUNCH_FAILED, "CUDA_ERROR_LAUNCH_FAILED");

  private final int code;
  private final String codeName;

  FaultKind(int code, String codeName) {
    this.code = code;
    this.codeName = codeName;
  }

  int code() {
    return code;
  }

  String codeName() {
    return codeName;
  }
}
