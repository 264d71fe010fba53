// SPDX-License-Identifier: Apache-2.0
// Where the codes and grids of a packed weight [N, K] lie: codes in the order of tensor-core fragments, so that 16 bytes of
// a lane are its operand. N and K are padded to 64 with codes, scales and zeros of 0.
//
//   W4F, 1 to 4 bits:  [N/64][K/64][4 strips of 16 rows][32 lanes][4 words]; word j is k-step 16j of the 64. With g = lane / 4
//                      and t = lane % 4, nibbles i and i + 4 are the lower and the higher of two neighbouring k of register
//                      i: 0 = (row g, k 2t), 1 = (row g + 8, k 2t), 2 = (row g, k 2t + 8), 3 = (row g + 8, k 2t + 8).
//   W8F, 5 to 8 bits:  [N/64][K/64][4 strips][2 halves][32 lanes][4 words]; half h holds k-steps 2h and 2h + 1, of step s the
//                      words 2 (s % 2) + r: bytes 0, 1 = register 2r (lower, higher k), bytes 2, 3 = register 2r + 1.
//   grids:             [N/16 strips][groups][16 rows] of {scale, zero}, two fp16 or two fp32; value = (code - zero) * scale.
#pragma once
#include <stdint.h>

constexpr int PACKED_TILE = 64;   // rows and columns of a tile
constexpr int PACKED_STRIP = 16;  // rows of a fragment

// The first word of a lane's 16 bytes of a strip's tile of 64 columns.
__host__ __device__ __forceinline__ size_t w4f_word(unsigned strip, int column_tile, int column_tiles, int lane) {
  return (((size_t)(strip / 4) * column_tiles + column_tile) * 4 + strip % 4) * 128 + lane * 4;
}
__host__ __device__ __forceinline__ size_t w8f_word(unsigned strip, int column_tile, int column_tiles, int half, int lane) {
  return ((((size_t)(strip / 4) * column_tiles + column_tile) * 4 + strip % 4) * 2 + half) * 128 + lane * 4;
}

// The pair of a row's group.
__host__ __device__ __forceinline__ size_t grid_pair(unsigned row, int group, int groups) {
  return ((size_t)(row / PACKED_STRIP) * groups + group) * PACKED_STRIP + row % PACKED_STRIP;
}
