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
constexpr int ROW_BYTES = 2 * STEP;   // of a row of a tile

extern __shared__ __align__(128) char tile_shared[];

// What a thread copies of a tile of ROWS matrix rows in each step: one chunk of every THREADS / 8-th row.
template <class T, int ROWS, int THREADS>
struct Panel {
  static constexpr int APART = THREADS / CHUNKS;
  static constexpr int COPIES = ROWS < APART ? 1 : ROWS / APART;
  const T* from[COPIES];

  // Row i of the tile is matrix row row_of(first + i). There are `count` rows; the last stands in for those behind it,
  // whose sums nobody reads.
  template <class RowOf>
  __device__ __forceinline__ Panel(const T* matrix, int stride, int first, int count, int step, RowOf row_of) {
#pragma unroll
    for (int i = 0; i < COPIES; i++) {
      int row = row_of(min(first + (int)(threadIdx.x / CHUNKS) + i * APART, count - 1));
      from[i] = matrix + (size_t)row * stride + step * STEP + threadIdx.x % CHUNKS * CHUNK;
    }
  }

  // Queues the copies of a step, of which `bytes` are inside the matrix, and moves on to the next.
  __device__ __forceinline__ void copy(char* to, int bytes) {
    if (ROWS < APART && threadIdx.x >= ROWS * CHUNKS) return;
#pragma unroll
    for (int i = 0; i < COPIES; i++) {
      copy16(to + i * APART * ROW_BYTES, from[i], bytes);
      from[i] += STEP;
    }
  }
};

// Keeps the compiler from computing a number again where it is used.
__device__ __forceinline__ int keep(int v) {
  asm volatile("" : "+r"(v));
  return v;
}

// FEATURES x TOKENS sums by FEATURE_WARPS x TOKEN_WARPS warps.
template <class T, int FEATURES_, int TOKENS_, int FEATURE_WARPS, int TOKEN_WARPS, int STAGES>
struct Tile {
  static constexpr int FEATURES = FEATURES_, TOKENS = TOKENS_;
  static constexpr int WARPS = FEATURE_WARPS * TOKEN_WARPS, THREADS = WARPS * WARP;
  static constexpr int WARP_FEATURES = FEATURES / FEATURE_WARPS, WARP_TOKENS = TOKENS / TOKEN_WARPS;
  static constexpr int DOWN = WARP_FEATURES / 16, ACROSS = WARP_TOKENS / 8;
  static constexpr int TOKENS_AT = FEATURES * ROW_BYTES, STAGE_BYTES = (FEATURES + TOKENS) * ROW_BYTES;
  static_assert(ACROSS == 1 || ACROSS % 2 == 0, "ldmatrix fetches two n8 tiles, or one of 32 k");

  // Sum [i][j][e] belongs to feature feature(i, e) and token token(j, e) of the tile.
  using Sums = float[DOWN][ACROSS][4];
  using Weights = Panel<T, FEATURES, THREADS>;
  using Tokens = Panel<T, TOKENS, THREADS>;

  static __device__ __forceinline__ int warp_feature() {
    return (TOKEN_WARPS == 1 ? threadIdx.x / WARP : threadIdx.x / WARP % FEATURE_WARPS) * WARP_FEATURES;
  }
  static __device__ __forceinline__ int warp_token() {
    return TOKEN_WARPS == 1 ? 0 : threadIdx.x / WARP / FEATURE_WARPS * WARP_TOKENS;
  }
  static __device__ __forceinline__ int feature(int i, int e) {
    return warp_feature() + 16 * i + threadIdx.x / 4 % 8 + 8 * (e / 2);
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

  // Adds the products of steps [from, to), at least one, of `columns` numbers to the sums, which start from zero, and
  // calls done(step) after each. The panels begin at step `from`. Shared memory is free when it returns.
  template <class Done>
  static __device__ __forceinline__ void multiply(Sums& sums, Weights weights, Tokens tokens, int columns, int from,
                                                  int to, Done done) {
    int row = threadIdx.x / CHUNKS, chunk = threadIdx.x % CHUNKS, lane = lane_id();
    int copy_to = keep((row * CHUNKS + (chunk ^ row % 8)) * 16);
    // Where ldmatrix finds this lane's rows of the first 16 k; one load of b takes two n8 tiles, or 32 k of the only one.
    int a_from = keep((warp_feature() + lane % 16) * ROW_BYTES + (threadIdx.x / 16 % 2 ^ lane % 8) * 16);
    int b_row = ACROSS == 1 ? lane % 8 : lane % 8 + threadIdx.x / 16 % 2 * 8;
    int b_chunk = threadIdx.x / 8 % (ACROSS == 1 ? 4 : 2);
    int b_from = keep(TOKENS_AT + (warp_token() + b_row) * ROW_BYTES + (b_chunk ^ lane % 8) * 16);

    // Numbers of the next step's chunk that are wanted; behind the matrix may be NaN, so zeros are copied. Steps from
    // `to` on are queued as well: nothing of them is read.
    int wanted = min(columns, to * STEP) - from * STEP - chunk * CHUNK;
    auto queue = [&](int stage) {
      int bytes = 2 * max(0, min(CHUNK, wanted));
      weights.copy(tile_shared + stage + copy_to, bytes);
      tokens.copy(tile_shared + stage + copy_to + TOKENS_AT, bytes);
      wanted -= STEP;
      commit_copies();
    };
    clear(sums);
#pragma unroll
    for (int i = 0; i < STAGES - 1; i++) queue(i * STAGE_BYTES);
    int stage = 0, free = (STAGES - 1) * STAGE_BYTES;
    int step = from;
#pragma unroll 1
    do {
      wait_copies<STAGES - 2>();
      __syncthreads();
      // All warps have left the stage before this one.
      queue(free);
      add_stage(sums, stage + a_from, stage + b_from);
      free = stage;
      stage = stage + STAGE_BYTES == STAGES * STAGE_BYTES ? 0 : stage + STAGE_BYTES;
      done(step);
    } while (++step < to);
    wait_copies<0>();
    __syncthreads();
  }

 private:
  // Adds the products of one stage. The chunk of step s is that of step 0 with bits 2 s flipped, because places are
  // exclusive-ors.
  static __device__ __forceinline__ void add_stage(Sums& sums, int a_from, int b_from) {
    uint32_t b[ACROSS == 1 ? 2 : ACROSS][2];
#pragma unroll
    for (int step = 0; step < STEP / 16; step++) {
      int flip = step * 32;
      if constexpr (ACROSS == 1) {
        if (step % 2 == 0) load_pair(b, 0, tile_shared + (b_from ^ flip));
      } else {
#pragma unroll
        for (int j = 0; j < ACROSS; j += 2) load_pair(b, j, tile_shared + (b_from ^ flip) + j * 8 * ROW_BYTES);
      }
#pragma unroll
      for (int i = 0; i < DOWN; i++) {
        uint32_t a[4];
        load_matrices(a, tile_shared + (a_from ^ flip) + i * 16 * ROW_BYTES);
#pragma unroll
        for (int j = 0; j < ACROSS; j++) mma<T>(sums[i][j], a, b[ACROSS == 1 ? step % 2 : j]);
      }
    }
  }

  static __device__ __forceinline__ void load_pair(uint32_t (*b)[2], int j, const char* row) {
    uint32_t r[4];
    load_matrices(r, row);
    b[j][0] = r[0], b[j][1] = r[1], b[j + 1][0] = r[2], b[j + 1][1] = r[3];
  }
};
