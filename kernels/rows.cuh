// SPDX-License-Identifier: Apache-2.0
// Rows of 16-bit numbers, taken eight neighbours (16 bytes) at a time. Rows start at multiples of 16 bytes. What lies
// behind the last column may belong to somebody else: it is neither read nor written, the last columns % 8 values are
// taken one by one.
#pragma once
#include "common.cuh"

constexpr int CHUNK = 8;

template <class T>
__device__ __forceinline__ void load_chunk(float (&v)[CHUNK], const T* at) {
  uint4 bits = *reinterpret_cast<const uint4*>(at);
  const uint32_t pairs[] = {bits.x, bits.y, bits.z, bits.w};
#pragma unroll
  for (int i = 0; i < CHUNK / 2; i++) {
    float2 two = unpack<T>(pairs[i]);
    v[2 * i] = two.x;
    v[2 * i + 1] = two.y;
  }
}

template <class T>
__device__ __forceinline__ void store_chunk(T* at, const float (&v)[CHUNK]) {
  *reinterpret_cast<uint4*>(at) =
      make_uint4(pack<T>(v[0], v[1]), pack<T>(v[2], v[3]), pack<T>(v[4], v[5]), pack<T>(v[6], v[7]));
}

// The first column of this thread's chunk where a block has one row (blockIdx.x) and a thread one chunk of it.
__device__ __forceinline__ int first_column() { return (blockIdx.y * blockDim.x + threadIdx.x) * CHUNK; }

// out = f(a, b), this thread's chunk of a row; out may be a or b.
template <class T, class F>
__device__ __forceinline__ void combine(const T* a, const T* b, T* out, int columns, F f) {
  int at = first_column();
  if (at + CHUNK <= columns) {
    float u[CHUNK], v[CHUNK];
    load_chunk(u, a + at);
    load_chunk(v, b + at);
#pragma unroll
    for (int i = 0; i < CHUNK; i++) u[i] = f(u[i], v[i]);
    store_chunk(out + at, u);
  } else {
#pragma unroll 1
    for (; at < columns; at++) out[at] = from_float<T>(f(to_float(a[at]), to_float(b[at])));
  }
}

// out = f(a), this thread's chunk of a row; out may be a.
template <class T, class F>
__device__ __forceinline__ void map(const T* a, T* out, int columns, F f) {
  int at = first_column();
  if (at + CHUNK <= columns) {
    float v[CHUNK];
    load_chunk(v, a + at);
#pragma unroll
    for (int i = 0; i < CHUNK; i++) v[i] = f(v[i]);
    store_chunk(out + at, v);
  } else {
#pragma unroll 1
    for (; at < columns; at++) out[at] = from_float<T>(f(to_float(a[at])));
  }
}
