// SPDX-License-Identifier: Apache-2.0
// The product of a tile of 16-bit weight rows and a tile of 16-bit activation rows, which gemm_16.cu and head.cu share.
//
// Weights are the A operand of m16n8k16 (16 output features x 16 k) and tokens its n8 side, so that few tokens waste
// few tensor-core slots. One step takes 64 k: a row of a tile is then 128 bytes, eight chunks of 16, and chunk c of row
// r lies at place c ^ (r % 8), which spreads every eight rows that ldmatrix or cp.async touch at once over all banks.
// STAGES steps are in flight, because a multiprocessor needs about 30 KB of requested bytes to keep the memory busy.
//
// Each sum is one accumulator that starts from zero and takes k from low to high, 16 at a time, whatever the tile:
// the tile's extents decide who computes a sum, never how.
#pragma once
#include "common.cuh"

constexpr int STEP = 64;              // k of a step
constexpr int CHUNK = 8;              // numbers of a 16-byte copy
constexpr int CHUNKS = STEP / CHUNK;  // copies of a row

extern __shared__ __align__(128) char tile_shared[];

// What a thread copies of a tile of ROWS matrix rows in each step: one chunk of every THREADS / 8-th row.
template <class T, int ROWS, int THREADS>
struct Panel {
  static constexpr int APART = THREADS / CHUNKS;
  static constexpr int COPIES = ROWS < APART ? 1 : ROWS / APART;
  const T* from[COPIES];
  bool inside[COPIES];

  // Row i of the tile is matrix row row_of(first + i); rows from `count` on count as zeros.
  template <class RowOf>
  __device__ __forceinline__ Panel(const T* matrix, int stride, int first, int count, RowOf row_of) {
#pragma unroll
    for (int i = 0; i < COPIES; i++) {
      int row = first + threadIdx.x / CHUNKS + i * APART;
      inside[i] = row < count;
      from[i] = matrix + (size_t)row_of(min(row, count - 1)) * stride + threadIdx.x % CHUNKS * CHUNK;
    }
  }

  // Queues the copies of the 64 numbers from k on; those from `columns` on become zeros, because what lies in the
  // padding of a row may be NaN.
  __device__ __forceinline__ void copy(char* tile, int k, int columns) const {
    int row = threadIdx.x / CHUNKS, chunk = threadIdx.x % CHUNKS;
    if (ROWS < APART && row >= ROWS) return;
    int bytes = max(0, min(16, 2 * (columns - k - chunk * CHUNK)));
    char* to = tile + (row * CHUNKS + (chunk ^ row % 8)) * 16;
#pragma unroll
    for (int i = 0; i < COPIES; i++) {
      copy16(to + i * APART * 2 * STEP, from[i] + k, inside[i] ? bytes : 0);
    }
  }
};

// FEATURES x TOKENS sums by FEATURE_WARPS x TOKEN_WARPS warps.
template <class T, int FEATURES_, int TOKENS_, int FEATURE_WARPS, int TOKEN_WARPS, int STAGES>
struct Tile {
  static constexpr int FEATURES = FEATURES_, TOKENS = TOKENS_;
  static constexpr int WARPS = FEATURE_WARPS * TOKEN_WARPS, THREADS = WARPS * WARP;
  static constexpr int WARP_FEATURES = FEATURES / FEATURE_WARPS, WARP_TOKENS = TOKENS / TOKEN_WARPS;
  static constexpr int DOWN = WARP_FEATURES / 16, ACROSS = WARP_TOKENS / 8;
  static constexpr int TOKENS_AT = FEATURES * 2 * STEP, STAGE_BYTES = (FEATURES + TOKENS) * 2 * STEP;
  static_assert(ACROSS == 1 || ACROSS % 2 == 0, "ldmatrix fetches two n8 tiles, or one of 32 k");

  // Sum [i][j][e] belongs to feature feature(i, e) and token token(j, e) of the tile.
  using Sums = float[DOWN][ACROSS][4];
  using Weights = Panel<T, FEATURES, THREADS>;
  using Tokens = Panel<T, TOKENS, THREADS>;

  static __device__ __forceinline__ int warp_feature() { return threadIdx.x / WARP % FEATURE_WARPS * WARP_FEATURES; }
  static __device__ __forceinline__ int warp_token() { return threadIdx.x / WARP / FEATURE_WARPS * WARP_TOKENS; }
  static __device__ __forceinline__ int feature(int i, int e) {
    return warp_feature() + 16 * i + lane_id() / 4 + 8 * (e / 2);
  }
  static __device__ __forceinline__ int token(int j, int e) { return warp_token() + 8 * j + 2 * (lane_id() % 4) + e % 2; }

  static __device__ __forceinline__ void clear(Sums& sums) {
#pragma unroll
    for (int i = 0; i < DOWN; i++)
#pragma unroll
      for (int j = 0; j < ACROSS; j++)
#pragma unroll
        for (int e = 0; e < 4; e++) sums[i][j][e] = 0;
  }

  // Adds the products of one stage.
  static __device__ __forceinline__ void add_stage(Sums& sums, const char* stage) {
    int lane = lane_id(), swizzle = lane % 8;
    const char* weights = stage + (warp_feature() + lane % 16) * 2 * STEP;
    const char* tokens = stage + TOKENS_AT + (warp_token() + lane % 8) * 2 * STEP;
    uint32_t b[ACROSS == 1 ? 2 : ACROSS][2];
#pragma unroll
    for (int step = 0; step < STEP / 16; step++) {
      if constexpr (ACROSS == 1) {
        // One load brings b of this step and of the next.
        if (step % 2 == 0) load_pair(b, 0, tokens + ((2 * step + lane / 8) ^ swizzle) * 16);
      } else {
#pragma unroll
        for (int j = 0; j < ACROSS; j += 2) {
          load_pair(b, j, tokens + (8 * j + lane / 16 * 8) * 2 * STEP + ((2 * step + lane / 8 % 2) ^ swizzle) * 16);
        }
      }
#pragma unroll
      for (int i = 0; i < DOWN; i++) {
        uint32_t a[4];
        load_matrices(a, weights + 16 * i * 2 * STEP + ((2 * step + lane / 16) ^ swizzle) * 16);
#pragma unroll
        for (int j = 0; j < ACROSS; j++) mma<T>(sums[i][j], a, b[ACROSS == 1 ? step % 2 : j]);
      }
    }
  }

  // Sums over steps [from, to) of `columns` numbers and calls done(sums) after every `segment` steps and at the end,
  // each time with sums that started from zero. Shared memory is free when it returns.
  template <class Done>
  static __device__ __forceinline__ void multiply(const Weights& weights, const Tokens& tokens, int columns, int from,
                                                  int to, int segment, Done done) {
    auto queue = [&](int stage, int step) {
      if (step < to) {
        weights.copy(tile_shared + stage * STAGE_BYTES, step * STEP, columns);
        tokens.copy(tile_shared + stage * STAGE_BYTES + TOKENS_AT, step * STEP, columns);
      }
      commit_copies();
    };
    Sums sums;
    clear(sums);
#pragma unroll
    for (int i = 0; i < STAGES - 1; i++) queue(i, from + i);
    int stage = 0, left = segment;
    for (int step = from; step < to; step++) {
      wait_copies<STAGES - 2>();
      __syncthreads();
      // All warps have left the stage before this one, so it can take the step furthest ahead.
      queue(stage == 0 ? STAGES - 1 : stage - 1, step + STAGES - 1);
      add_stage(sums, tile_shared + stage * STAGE_BYTES);
      stage = stage + 1 == STAGES ? 0 : stage + 1;
      if (--left == 0 || step + 1 == to) {
        done(sums);
        clear(sums);
        left = segment;
      }
    }
    __syncthreads();
  }

 private:
  static __device__ __forceinline__ void load_pair(uint32_t (*b)[2], int j, const char* row) {
    uint32_t r[4];
    load_matrices(r, row);
    b[j][0] = r[0], b[j][1] = r[1], b[j + 1][0] = r[2], b[j + 1][1] = r[3];
  }
};
