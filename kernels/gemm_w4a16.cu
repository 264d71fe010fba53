// SPDX-License-Identifier: Apache-2.0
// out[M, N] = x[M, K] w[N, K]^T + bias[N] for integer weights of up to 4 bits in groups along K, x and out fp16 or bf16.
// Codes in layout W4F: a lane's 32-bit word is its A operand of 16 k, nibble i the lower and nibble i + 4 the higher
// k of register i, so that (word >> 4 i) & 0x000f000f is the register's two codes. gemm_packed.cuh has the rest.
// Entries: _t8 to _t64 by tokens of a tile; _fine where groups end within 64 k; _sum adds segments.
#include "gemm_packed.cuh"

GEMM_PACKED_ENTRIES(gemm_w4a16, 4, f16, half_t)
GEMM_PACKED_ENTRIES(gemm_w4a16, 4, bf16, bfloat_t)
