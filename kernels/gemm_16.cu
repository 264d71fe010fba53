// SPDX-License-Identifier: Apache-2.0
// out[M, N] = x[M, K] weight[N, K]^T + bias[N], all in one 16-bit type, sums in fp32.
//
// K is cut into segments by (N, K) alone. A segment is summed from zero, segments are added to zero in order, then the
// bias, then one rounding. A block either runs all segments of its tile (gridDim.z = 1) or one of them; then the block that
// arrives last adds the partial sums of all, in order, so both ways give the same bits.
//
// Tiles of 64 features keep a GPU busy when few tokens make the product a stream of weights; from 65 tokens on
// 128 x 128 halves the traffic per product, with 64 x 32 sums a warp so that ldmatrix stays behind the tensor cores.
#include "tile_16.cuh"

struct Shape {
  int tokens, features, columns;            // M, N, K
  int x_stride, weight_stride, out_stride;  // numbers from row to row
  int segments, segment_steps;              // segments of K, and steps of one
};

template <class Tile>
__device__ __forceinline__ void add(typename Tile::Sums& to, const typename Tile::Sums& sums) {
#pragma unroll
  for (int i = 0; i < Tile::DOWN; i++)
#pragma unroll
    for (int j = 0; j < Tile::ACROSS; j++)
#pragma unroll
      for (int e = 0; e < 4; e++) to[i][j][e] += sums[i][j][e];
}

// Where a thread keeps the four sums [i][j] of a segment: a warp's lie side by side.
template <class Tile>
__device__ __forceinline__ float4* partial_sums(float4* partials, const Shape& shape, int segment, int i, int j) {
  size_t tile = blockIdx.x + (size_t)gridDim.x * blockIdx.y;
  size_t part = (tile * shape.segments + segment) * (Tile::DOWN * Tile::ACROSS) + i * Tile::ACROSS + j;
  return partials + part * Tile::THREADS + threadIdx.x;
}

// Leaves this block's segment in memory. Returns whether all segments of the tile are there; the counter is then 0
// again.
template <class Tile>
__device__ __forceinline__ bool leave(const typename Tile::Sums& sums, float4* partials, uint32_t* counters,
                                      const Shape& shape) {
#pragma unroll
  for (int i = 0; i < Tile::DOWN; i++)
#pragma unroll
    for (int j = 0; j < Tile::ACROSS; j++) {
      const float(&s)[4] = sums[i][j];
      *partial_sums<Tile>(partials, shape, blockIdx.z, i, j) = make_float4(s[0], s[1], s[2], s[3]);
    }
  __shared__ uint32_t arrived;
  __syncthreads();
  if (threadIdx.x == 0) {
    // Wraps to 0 at the last arrival; release for the sums above, acquire for those of the others.
    asm volatile("atom.acq_rel.gpu.global.inc.u32 %0, [%1], %2;"
                 : "=r"(arrived)
                 : "l"(counters + blockIdx.x + gridDim.x * blockIdx.y), "r"(shape.segments - 1)
                 : "memory");
  }
  __syncthreads();
  return arrived == shape.segments - 1;
}

template <class Tile>
__device__ __forceinline__ void gather(typename Tile::Sums& sums, float4* partials, const Shape& shape) {
  int segment = 0;
#pragma unroll 1
  do {
#pragma unroll
    for (int i = 0; i < Tile::DOWN; i++)
#pragma unroll
      for (int j = 0; j < Tile::ACROSS; j++) {
        float4 s = __ldcg(partial_sums<Tile>(partials, shape, segment, i, j));
        sums[i][j][0] += s.x;
        sums[i][j][1] += s.y;
        sums[i][j][2] += s.z;
        sums[i][j][3] += s.w;
      }
  } while (++segment < shape.segments);
}

// Adds the bias, rounds, and writes rows of 16-byte pieces by way of shared memory.
template <class T, class Tile>
__device__ __forceinline__ void write(const typename Tile::Sums& sums, const T* bias, T* out, const Shape& shape) {
  // Four words more than the features make the eight rows that a warp writes at once start four banks apart.
  constexpr int ROW = Tile::FEATURES / 2 + 4;
  constexpr int PIECES = Tile::FEATURES / CHUNK;
  uint32_t* rows = reinterpret_cast<uint32_t*>(tile_shared);
  int first_token = blockIdx.x * Tile::TOKENS, first_feature = blockIdx.y * Tile::FEATURES;
  bool odd = lane_id() / 4 % 2;
#pragma unroll
  for (int i = 0; i < Tile::DOWN; i++) {
    // Adding -0 changes nothing.
    float b[2] = {-0.0f, -0.0f};
    if (bias != nullptr) {
#pragma unroll
      for (int h = 0; h < 2; h++) {
        // Nobody writes the features behind the last.
        b[h] = to_float(bias[min(first_feature + Tile::feature(i, 2 * h), shape.features - 1)]);
      }
    }
#pragma unroll
    for (int j = 0; j < Tile::ACROSS; j++) {
      float s[4];
#pragma unroll
      for (int e = 0; e < 4; e++) s[e] = sums[i][j][e] + b[e / 2];
      // Lanes 4 apart hold neighbouring features of two tokens: the even one takes both features of the first token,
      // the odd one those of the second.
      uint32_t own = odd ? pack<T>(s[1], s[3]) : pack<T>(s[0], s[2]);
      uint32_t other = __shfl_xor_sync(FULL, odd ? pack<T>(s[0], s[2]) : pack<T>(s[1], s[3]), 4);
      uint32_t lower = odd ? other : own, upper = odd ? own : other;
      uint32_t* row = rows + Tile::token(j, odd) * ROW + Tile::feature(i, 0) / 2;
      row[0] = __byte_perm(lower, upper, 0x5410);
      row[4] = __byte_perm(lower, upper, 0x7632);
    }
  }
  __syncthreads();
  int piece = threadIdx.x % PIECES, feature = first_feature + piece * CHUNK;
#pragma unroll 1
  for (int token = threadIdx.x / PIECES; token < Tile::TOKENS; token += Tile::THREADS / PIECES) {
    if (first_token + token >= shape.tokens) break;
    const uint32_t* from = rows + token * ROW + piece * (CHUNK / 2);
    T* to = out + (size_t)(first_token + token) * shape.out_stride + feature;
    if (feature + CHUNK <= shape.features) {
      *reinterpret_cast<uint4*>(to) = *reinterpret_cast<const uint4*>(from);
    } else {
#pragma unroll 1
      for (int e = 0; feature + e < shape.features; e++) to[e] = reinterpret_cast<const T*>(from)[e];
    }
  }
}

template <class T, class Tile>
__device__ __forceinline__ void gemm(const T* x, const T* weight, const T* bias, T* out, float4* partials,
                                     uint32_t* counters, const Shape& shape) {
  auto same = [](int row) { return row; };
  bool apart = gridDim.z > 1;
  int steps = ceil_div((unsigned)shape.columns, (unsigned)STEP);
  int from = blockIdx.z * shape.segment_steps;
  int to = apart ? min(steps, from + shape.segment_steps) : steps;
  typename Tile::Weights weights(weight, shape.weight_stride, blockIdx.y * Tile::FEATURES, shape.features, from, same);
  typename Tile::Tokens tokens(x, shape.x_stride, blockIdx.x * Tile::TOKENS, shape.tokens, from, same);

  typename Tile::Sums total, sums;
  Tile::clear(total);
  int left = shape.segment_steps;
  Tile::multiply(sums, weights, tokens, shape.columns, from, to, [&](int step) {
    if (--left == 0 || step + 1 == to) {
      add<Tile>(total, sums);
      Tile::clear(sums);
      left = shape.segment_steps;
    }
  });
  if (apart) {
    if (!leave<Tile>(total, partials, counters, shape)) return;
    Tile::clear(total);
    gather<Tile>(total, partials, shape);
  }
  write<T, Tile>(total, bias, out, shape);
}

#define GEMM(suffix, T, name, ...)                                                                          \
  KERNEL __launch_bounds__(Tile<T, __VA_ARGS__>::THREADS)                                                   \
      gemm_16_##suffix##_##name(const T* x, const T* weight, const T* bias, T* out, float4* partials,       \
                                uint32_t* counters, Shape shape) {                                          \
    gemm<T, Tile<T, __VA_ARGS__>>(x, weight, bias, out, partials, counters, shape);                         \
  }

// Named by tokens: features, tokens, warps along each, stages. Gemm16.java knows the same numbers.
#define GEMMS(suffix, T)             \
  GEMM(suffix, T, 8, 64, 8, 4, 1, 5)   \
  GEMM(suffix, T, 16, 64, 16, 4, 1, 5) \
  GEMM(suffix, T, 32, 64, 32, 4, 1, 4) \
  GEMM(suffix, T, 64, 64, 64, 2, 2, 4) \
  GEMM(suffix, T, 128, 128, 128, 2, 4, 3)

GEMMS(f16, half_t)
GEMMS(bf16, bfloat_t)
