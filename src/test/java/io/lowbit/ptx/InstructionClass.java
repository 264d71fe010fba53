// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

/** Groups of instructions that the counters tell apart, by the unit that would run them. */
public enum InstructionClass {
  MOVE,
  INTEGER,
  LOGIC,
  FLOAT32,
  FLOAT64,
  HALF,
  CONVERT,
  COMPARE,
  SPECIAL_FUNCTION,
  GLOBAL_LOAD,
  GLOBAL_STORE,
  SHARED_LOAD,
  SHARED_STORE,
  LOCAL,
  PARAMETER,
  ATOMIC,
  ASYNC_COPY,
  MATRIX_LOAD,
  MATRIX,
  SHUFFLE,
  VOTE,
  BARRIER,
  FENCE,
  CONTROL
}
