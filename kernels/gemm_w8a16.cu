// SPDX-License-Identifier: Apache-2.0
// out[M, N] = x[M, K] w[N, K]^T + bias[N] for integer weights of 5 to 8 bits in groups along K, x and out fp16 or bf16.
// Codes in layout W8F: 64 k of a strip are two runs of 32 k; of a lane's four words two belong to each 16 k, the bytes
// of word r being the lower and higher k of register 2 r, then of register 2 r + 1. gemm_packed.cuh has the rest.
// Entries: _t8 to _t64 by tokens of a tile; _fine where groups end within 64 k; _sum adds segments.
#include "gemm_packed.cuh"

GEMM_PACKED_ENTRIES(gemm_w8a16, 8, f16, half_t)
GEMM_PACKED_ENTRIES(gemm_w8a16, 8, bf16, bfloat_t)
