// SPDX-License-Identifier: Apache-2.0
// Operations on the rows of a matrix of activations: table look-up, sum, normalisation, rotation by position.
//
// Matrices are row-major, a row every `stride` values, a multiple of 8. All of these move far more bytes than they
// compute, so a block takes one row (blockIdx.x) and a thread eight neighbours of it, one 16-byte access each; rows
// wider than a block continue in blockIdx.y, except in the norms, whose sums need the whole row in one block.
#include "rows.cuh"

// ---- Table look-up --------------------------------------------------------------------------------------------------

// out[i] = table[ids[i]], bit for bit.
KERNEL __launch_bounds__(256)
    rows_embed(const uint16_t* table, size_t table_stride, const int* ids, uint16_t* out, size_t out_stride, int columns) {
  const uint16_t* from = table + ids[blockIdx.x] * table_stride;
  uint16_t* to = out + blockIdx.x * out_stride;
  int at = first_column();
  if (at + CHUNK <= columns) {
    *reinterpret_cast<uint4*>(to + at) = *reinterpret_cast<const uint4*>(from + at);
  } else {
#pragma unroll 1
    for (; at < columns; at++) to[at] = from[at];
  }
}

// ---- Sum ------------------------------------------------------------------------------------------------------------

template <class T>
__device__ __forceinline__ void add(T* x, size_t x_stride, const T* y, size_t y_stride, int columns) {
  T* row = x + blockIdx.x * x_stride;
  combine(row, y + blockIdx.x * y_stride, row, columns, [](float a, float b) { return a + b; });
}

// x += y.
#define ADD(T, type)                                                                                     \
  KERNEL __launch_bounds__(256)                                                                          \
      rows_##type##_add(T* x, size_t x_stride, const T* y, size_t y_stride, int columns) {               \
    add(x, x_stride, y, y_stride, columns);                                                              \
  }
ADD(half_t, f16)
ADD(bfloat_t, bf16)

// ---- Normalisation --------------------------------------------------------------------------------------------------
// A thread sums chunks threadIdx.x, threadIdx.x + blockDim.x, ... of the row one value after the other; then lanes and
// warps are added as trees. The launcher derives blockDim.x from the number of columns alone, and so the order.
// The row is read again for each statistic and for the result: it still lies in L1, and no register limits its width.

constexpr int NORM_THREADS = 512;

enum class Norm { LAYER, RMS, RMS_PLUS_ONE };

// The sum over the block, the same in every thread. `partial` must not be in use for another sum.
__device__ __forceinline__ float block_sum(float v, float (&partial)[WARP]) {
  v = warp_sum(v);
  if (lane_id() == 0) partial[threadIdx.x / WARP] = v;
  __syncthreads();
  return warp_sum(lane_id() < blockDim.x / WARP ? partial[lane_id()] : 0.f);
}

// f(f(f(0, x[...]), x[...]), ...) over this thread's part of the row.
template <class T, class F>
__device__ __forceinline__ float fold(const T* x, int columns, F f) {
  float sum = 0;
  int at = threadIdx.x * CHUNK;
#pragma unroll 1
  for (; at + CHUNK <= columns; at += blockDim.x * CHUNK) {
    float v[CHUNK];
    load_chunk(v, x + at);
#pragma unroll
    for (int i = 0; i < CHUNK; i++) sum = f(sum, v[i]);
  }
#pragma unroll 1
  for (; at < columns; at++) sum = f(sum, to_float(x[at]));
  return sum;
}

template <class T, Norm KIND>
__device__ __forceinline__ void norm(const T* x, size_t x_stride, float epsilon, const T* weight, const T* bias, T* out,
                                     size_t out_stride, int columns) {
  __shared__ float partial[2][WARP];
  x += blockIdx.x * x_stride;
  out += blockIdx.x * out_stride;

  float mean = 0;
  if (KIND == Norm::LAYER) {
    float sum = fold(x, columns, [](float s, float v) { return s + v; });
    mean = __fdiv_rn(block_sum(sum, partial[0]), (float)columns);
  }
  float squares = fold(x, columns, [=](float s, float v) {
    float d = KIND == Norm::LAYER ? v - mean : v;
    return fmaf(d, d, s);
  });
  float square = __fdiv_rn(block_sum(squares, partial[1]), (float)columns);
  float factor = __fdiv_rn(1.f, __fsqrt_rn(square + epsilon));

  auto normed = [=](float v, float w) {
    if (KIND == Norm::LAYER) v -= mean;
    if (KIND == Norm::RMS_PLUS_ONE) w += 1.f;
    return v * factor * w;
  };
  int at = threadIdx.x * CHUNK;
#pragma unroll 1
  for (; at + CHUNK <= columns; at += blockDim.x * CHUNK) {
    float v[CHUNK], w[CHUNK];
    load_chunk(v, x + at);
    load_chunk(w, weight + at);
#pragma unroll
    for (int i = 0; i < CHUNK; i++) v[i] = normed(v[i], w[i]);
    if (KIND == Norm::LAYER && bias != nullptr) {
      load_chunk(w, bias + at);
#pragma unroll
      for (int i = 0; i < CHUNK; i++) v[i] += w[i];
    }
    store_chunk(out + at, v);
  }
#pragma unroll 1
  for (; at < columns; at++) {
    float v = normed(to_float(x[at]), to_float(weight[at]));
    if (KIND == Norm::LAYER && bias != nullptr) v += to_float(bias[at]);
    out[at] = from_float<T>(v);
  }
}

// out may be x; bias is null or one row, layer norms only.
#define NORM(T, type, name, KIND)                                                                                   \
  KERNEL __launch_bounds__(NORM_THREADS)                                                                            \
      rows_##type##_norm_##name(const T* x, size_t x_stride, float epsilon, const T* weight, const T* bias, T* out, \
                                size_t out_stride, int columns) {                                                   \
    norm<T, Norm::KIND>(x, x_stride, epsilon, weight, bias, out, out_stride, columns);                              \
  }
NORM(half_t, f16, layer, LAYER)
NORM(half_t, f16, rms, RMS)
NORM(half_t, f16, rms_plus_one, RMS_PLUS_ONE)
NORM(bfloat_t, bf16, layer, LAYER)
NORM(bfloat_t, bf16, rms, RMS)
NORM(bfloat_t, bf16, rms_plus_one, RMS_PLUS_ONE)

// ---- Rotation by position -------------------------------------------------------------------------------------------
// (a, b) -> (a cos - b sin, b cos + a sin) for the first `pairs` pairs of each head of a row, in place. The products
// are rounded before they are added, as on the CPU. table: {cos, sin} [positions][pairs]; a row of position -1 stays.
// Tables are small and shared by all heads of a row, so their reads hit L1; what counts is x.

struct Heads {
  size_t stride;  // of x
  int dim;        // values per head
  int count;
};

__device__ __forceinline__ float2 rotated(float a, float b, float2 angle) {
  return make_float2(a * angle.x - b * angle.y, b * angle.x + a * angle.y);
}

// N neighbouring pairs' cosines and sines, N even.
template <int N>
__device__ __forceinline__ void load_angles(float2 (&angles)[N], const float2* at) {
#pragma unroll
  for (int i = 0; i < N; i += 2) {
    float4 two = *reinterpret_cast<const float4*>(at + i);
    angles[i] = make_float2(two.x, two.y);
    angles[i + 1] = make_float2(two.z, two.w);
  }
}

// Pairs (i, i + pairs): a thread takes eight of them. dim and pairs are multiples of 8.
template <class T>
__device__ __forceinline__ void rotate_halves(T* x, const Heads& heads, const float2* table, int pairs,
                                              const int* positions) {
  int position = positions[blockIdx.x];
  unsigned per_head = (unsigned)pairs / CHUNK;
  unsigned item = blockIdx.y * blockDim.x + threadIdx.x;
  if (position < 0 || item >= heads.count * per_head) return;
  unsigned pair = item % per_head * CHUNK;
  T* at = x + blockIdx.x * heads.stride + item / per_head * heads.dim + pair;
  float2 angles[CHUNK];
  load_angles(angles, table + (size_t)position * pairs + pair);
  float a[CHUNK], b[CHUNK];
  load_chunk(a, at);
  load_chunk(b, at + pairs);
#pragma unroll
  for (int i = 0; i < CHUNK; i++) {
    float2 r = rotated(a[i], b[i], angles[i]);
    a[i] = r.x;
    b[i] = r.y;
  }
  store_chunk(at, a);
  store_chunk(at + pairs, b);
}

// Pairs (2i, 2i + 1): a thread takes four of them. dim is a multiple of 8, pairs of 4.
template <class T>
__device__ __forceinline__ void rotate_neighbours(T* x, const Heads& heads, const float2* table, int pairs,
                                                  const int* positions) {
  constexpr int PAIRS = CHUNK / 2;
  int position = positions[blockIdx.x];
  unsigned per_head = (unsigned)pairs / PAIRS;
  unsigned item = blockIdx.y * blockDim.x + threadIdx.x;
  if (position < 0 || item >= heads.count * per_head) return;
  unsigned pair = item % per_head * PAIRS;
  T* at = x + blockIdx.x * heads.stride + item / per_head * heads.dim + 2 * pair;
  float2 angles[PAIRS];
  load_angles(angles, table + (size_t)position * pairs + pair);
  float v[CHUNK];
  load_chunk(v, at);
#pragma unroll
  for (int i = 0; i < PAIRS; i++) {
    float2 r = rotated(v[2 * i], v[2 * i + 1], angles[i]);
    v[2 * i] = r.x;
    v[2 * i + 1] = r.y;
  }
  store_chunk(at, v);
}

// Any dim and pairs, one pair (step i, step i + partner) after the other; a block takes a whole row.
template <class T>
__device__ __forceinline__ void rotate_pairs(T* x, const Heads& heads, const float2* table, int pairs,
                                             const int* positions, int step, int partner) {
  int position = positions[blockIdx.x];
  if (position < 0) return;
  x += blockIdx.x * heads.stride;
  table += (size_t)position * pairs;
#pragma unroll 1
  for (unsigned item = threadIdx.x; item < (unsigned)(heads.count * pairs); item += blockDim.x) {
    unsigned pair = item % pairs;
    T* at = x + item / pairs * heads.dim + step * pair;
    float2 r = rotated(to_float(at[0]), to_float(at[partner]), table[pair]);
    at[0] = from_float<T>(r.x);
    at[partner] = from_float<T>(r.y);
  }
}

#define ROTATE(T, type)                                                                                             \
  KERNEL __launch_bounds__(128) rows_##type##_rotate_halves(T* x, size_t stride, int dim, int count,                \
                                                            const float2* table, int pairs, const int* positions) { \
    rotate_halves(x, Heads{stride, dim, count}, table, pairs, positions);                                           \
  }                                                                                                                 \
  KERNEL __launch_bounds__(128) rows_##type##_rotate_neighbours(                                                    \
      T* x, size_t stride, int dim, int count, const float2* table, int pairs, const int* positions) {              \
    rotate_neighbours(x, Heads{stride, dim, count}, table, pairs, positions);                                       \
  }                                                                                                                 \
  KERNEL __launch_bounds__(128)                                                                                     \
      rows_##type##_rotate_pairs(T* x, size_t stride, int dim, int count, const float2* table, int pairs,           \
                                 const int* positions, int step, int partner) {                                     \
    rotate_pairs(x, Heads{stride, dim, count}, table, pairs, positions, step, partner);                             \
  }
ROTATE(half_t, f16)
ROTATE(bfloat_t, bf16)
