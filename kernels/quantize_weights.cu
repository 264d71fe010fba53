// SPDX-License-Identifier: Apache-2.0
// Rounds a dense weight [N, K] to nearest on the integer grids of its groups, into the packed layouts of packed.cuh, and
// back. Codes, scales and zero points are those of io.lowbit.quant.RoundToNearest: ranges, steps and quotients in fp64.
//
//   quantize_weights_<type>_grids   the grid of every group, and its step in fp64 with its zero point for the next kernel:
//                                   an fp32 scale is the rounded step, and codes are counted in the step itself
//   quantize_weights_<type>_codes   codes in fragment order
//   quantize_weights_<type>_values  (code - zero) * scale in fp32, rounded to the type
//
// A row's extremes are found by a block, in 16-byte loads; minima and maxima need no order. Codes and values go through
// shared memory, strips of 16 rows by 256 columns at a time, so that rows and fragments are both moved 16 bytes a lane;
// rows are pitched by 8 bytes more, so that a fragment's eight rows lie in different banks.
// The weight is read twice, which costs little beside loading it from a file.
#include "common.cuh"
#include "packed.cuh"

constexpr int THREADS = 128;
constexpr int COLUMNS = 256;         // of a block of codes
constexpr int PITCH = COLUMNS + 8;   // bytes from row to row in shared memory
constexpr int GROUPS_AT_ONCE = 512;  // of a row in a block

enum Symmetry { ASYMMETRIC, SYMMETRIC_FULL, SYMMETRIC_RESTRICTED };

// What a code is counted in.
struct Step {
  double size;
  int zero;
  int unused;
};
static_assert(sizeof(Step) == 16, "the launcher allocates 16 bytes a group");

__device__ __forceinline__ float widen(float v) { return v; }
__device__ __forceinline__ float widen(half_t v) { return to_float(v); }
__device__ __forceinline__ float widen(bfloat_t v) { return to_float(v); }

template <class T>
constexpr int VALUES = 16 / sizeof(T);

// Up to 16 bytes of a row as fp32, 0 beyond count. Rows that do not start at 16 bytes are read one by one.
template <class T>
__device__ __forceinline__ void load(const T* from, int count, bool aligned, float (&values)[VALUES<T>]) {
  if (aligned && count >= VALUES<T>) {
    uint4 bits = *reinterpret_cast<const uint4*>(from);
    const T* parts = reinterpret_cast<const T*>(&bits);
#pragma unroll
    for (int i = 0; i < VALUES<T>; i++) values[i] = widen(parts[i]);
  } else {
#pragma unroll
    for (int i = 0; i < VALUES<T>; i++) values[i] = i < count ? widen(from[i]) : 0.0f;
  }
}

// 16 bytes at once: of a plain assignment the compiler makes four stores where it does not see the alignment.
__device__ __forceinline__ void store16(void* to, uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
  asm volatile("st.global.v4.u32 [%0], {%1, %2, %3, %4};" ::"l"(__cvta_generic_to_global(to)), "r"(a), "r"(b), "r"(c),
               "r"(d)
               : "memory");
}

// ---- Errors ---------------------------------------------------------------------------------------------------------
// The least of all errors is kept: that of the first row, there a value before a scale, of these the first.

__device__ __forceinline__ void report(unsigned long long* error, int row, bool is_scale, int at) {
  atomicMin(error, (unsigned long long)row << 33 | (unsigned long long)is_scale << 32 | (unsigned)at);
}

// ---- Grids ----------------------------------------------------------------------------------------------------------

__device__ __forceinline__ double step_of(double low, double high, int symmetry, int bits) {
  switch (symmetry) {
    case ASYMMETRIC: return (high - low) / ((1 << bits) - 1);
    case SYMMETRIC_FULL: return 2 * fmax(-low, high) / ((1 << bits) - 1);
    default: return fmax(-low, high) / ((1 << (bits - 1)) - 1);
  }
}

// The scale as it is stored: rounded to nearest, but up below the normal numbers of fp16, so that codes span the group.
__device__ __forceinline__ float stored_scale(float scale, bool wide) {
  if (wide) return fmaxf(scale, 1.17549435e-38f);
  float stored = to_float(from_float<half_t>(scale));
  return stored < scale && stored < 6.103515625e-5f ? stored + 5.9604644775390625e-8f : stored;
}

__device__ __forceinline__ void store_grid(void* grids, bool wide, size_t at, float scale, int zero) {
  if (wide) {
    reinterpret_cast<float2*>(grids)[at] = make_float2(scale, (float)zero);
  } else {
    reinterpret_cast<uint32_t*>(grids)[at] = pack<half_t>(scale, (float)zero);
  }
}

// Row blockIdx.x of those of this launch, which begin at row first_row of the matrix; groups from blockIdx.y *
// GROUPS_AT_ONCE on.
template <class T>
__device__ __forceinline__ void grids_of_row(const T* w, long long stride, int rows, int columns, int aligned,
                                             int group, int groups, int span, int bits, int symmetry,
                                             int wide, void* grids, Step* steps, unsigned long long* error, int first_row) {
  // Extremes are magnitudes on either side of zero, which compare as integers.
  __shared__ int lows[GROUPS_AT_ONCE];
  __shared__ int highs[GROUPS_AT_ONCE];
  const int row = blockIdx.x;
  const int first_group = blockIdx.y * GROUPS_AT_ONCE;
  const int here = min(GROUPS_AT_ONCE, groups - first_group);
#pragma unroll 1
  for (int g = threadIdx.x; g < here; g += THREADS) {
    lows[g] = 0;
    highs[g] = 0;
  }
  __syncthreads();
  if (row < rows) {
    const T* from = w + (size_t)row * stride;
    const int end = min(columns, (first_group + here) * group);
    int first = first_group * group;
#pragma unroll 1
    do {
      int k = first + threadIdx.x * VALUES<T>;
      float values[VALUES<T>];
      load(from + k, end - k, aligned, values);
      float low = 0.0f;
      float high = 0.0f;
      int bad = VALUES<T>;
#pragma unroll
      for (int i = VALUES<T> - 1; i >= 0; i--) {
        if (!(fabsf(values[i]) < INFINITY)) bad = i;
        low = fmaxf(low, -values[i]);
        high = fmaxf(high, values[i]);
      }
      if (bad < VALUES<T>) report(error, first_row + row, false, k + bad);
      // span neighbours always are in one group.
#pragma unroll 1
      for (int o = span / 2; o > 0; o /= 2) {
        low = fmaxf(low, __shfl_xor_sync(FULL, low, o));
        high = fmaxf(high, __shfl_xor_sync(FULL, high, o));
      }
      if (k < end && threadIdx.x % span == 0) {
        atomicMax(&lows[k / group - first_group], __float_as_int(low));
        atomicMax(&highs[k / group - first_group], __float_as_int(high));
      }
    } while ((first += THREADS * VALUES<T>) < end);
  }
  __syncthreads();
#pragma unroll 1
  for (int g = threadIdx.x; g < here; g += THREADS) {
    size_t at = grid_pair(row, first_group + g, groups);
    if (row >= rows) {
      store_grid(grids, wide, at, 0.0f, 0);
      continue;
    }
    double low = -(double)__int_as_float(lows[g]);
    double high = __int_as_float(highs[g]);
    double size = step_of(low, high, symmetry, bits);
    float asked = __double2float_rn(size);
    float scale = low == high ? 1.0f : stored_scale(asked, wide);
    if (!(scale < INFINITY)) report(error, first_row + row, true, first_group + g);
    if (!wide || scale != asked) size = scale;
    const int most = (1 << bits) - 1;
    int zero = symmetry == ASYMMETRIC ? min(max(__double2int_rn(-low / size), 0), most) : 1 << (bits - 1);
    store_grid(grids, wide, at, scale, zero);
    steps[(size_t)row * groups + first_group + g] = {size, zero, 0};
  }
}

__device__ __forceinline__ int column_tiles_of(int columns) {
  return ceil_div((unsigned)columns, (unsigned)PACKED_TILE);
}

// ---- Codes ----------------------------------------------------------------------------------------------------------

__device__ __forceinline__ uint32_t pair_of(const uint8_t* tile, int row, int column) {
  return *reinterpret_cast<const uint16_t*>(tile + row * PITCH + column);
}

// Bytes x, y (x low) to nibbles 0 and 4.
__device__ __forceinline__ uint32_t nibbles(uint32_t pair) { return (pair | pair << 8) & 0x000f000f; }

__device__ __forceinline__ uint32_t w4f(const uint8_t* tile, int g, int k) {
  return nibbles(pair_of(tile, g, k)) | nibbles(pair_of(tile, g + 8, k)) << 4 | nibbles(pair_of(tile, g, k + 8)) << 8 |
         nibbles(pair_of(tile, g + 8, k + 8)) << 12;
}

// Registers 2r and 2r + 1.
__device__ __forceinline__ uint32_t w8f(const uint8_t* tile, int g, int k, int r) {
  return pair_of(tile, g, k + 8 * r) | pair_of(tile, g + 8, k + 8 * r) << 16;
}

// Fragments of a strip's column tile: each warp has one of the block's four.
template <bool BYTES>
__device__ __forceinline__ void store_fragments(const uint8_t* tile, uint32_t* codes, int strip, int column_tile,
                                                int column_tiles) {
  if (column_tile >= column_tiles) return;
  const int lane = lane_id();
  const int g = threadIdx.x / 4 % 8;
  const int k = threadIdx.x / WARP * PACKED_TILE + lane % 4 * 2;
  if (BYTES) {
#pragma unroll
    for (int h = 0; h < 2; h++) {
      int at = k + 32 * h;
      store16(codes + w8f_word(strip, column_tile, column_tiles, h, lane), w8f(tile, g, at, 0), w8f(tile, g, at, 1),
              w8f(tile, g, at + 16, 0), w8f(tile, g, at + 16, 1));
    }
  } else {
    store16(codes + w4f_word(strip, column_tile, column_tiles, lane), w4f(tile, g, k), w4f(tile, g, k + 16),
            w4f(tile, g, k + 32), w4f(tile, g, k + 48));
  }
}

// Strip blockIdx.x of those of this launch, columns from blockIdx.y * COLUMNS on.
template <class T, bool BYTES>
__device__ __forceinline__ void codes_of_strip(const T* w, long long stride, int rows, int columns, int aligned,
                                               int group, int groups, int bits, const Step* steps,
                                               uint32_t* codes) {
  __shared__ __align__(16) uint8_t tile[PACKED_STRIP * PITCH];
  constexpr int CHUNKS = COLUMNS / VALUES<T>;  // of a row
  const int first_column = blockIdx.y * COLUMNS;
  unsigned i = threadIdx.x;
#pragma unroll 1
  do {
    int row = blockIdx.x * PACKED_STRIP + i / CHUNKS;
    int column = i % CHUNKS * VALUES<T>;
    int k = first_column + column;
    uint32_t words[VALUES<T> / 4] = {};
    if (row < rows && k < columns) {
      float values[VALUES<T>];
      load(w + (size_t)row * stride + k, columns - k, aligned, values);
      Step step = steps[(size_t)row * groups + k / group];
      const int most = (1 << bits) - 1;
#pragma unroll
      for (int j = 0; j < VALUES<T>; j++) {
        int code = min(max(__double2int_rn(values[j] / step.size) + step.zero, 0), most);
        if (k + j < columns) words[j / 4] |= code << (8 * (j % 4));
      }
    }
    uint8_t* to = tile + i / CHUNKS * PITCH + column;
    if (VALUES<T> == 8) {
      *reinterpret_cast<uint2*>(to) = make_uint2(words[0], words[VALUES<T> / 4 - 1]);
    } else {
      *reinterpret_cast<uint32_t*>(to) = words[0];
    }
  } while ((i += THREADS) < PACKED_STRIP * CHUNKS);
  __syncthreads();
  store_fragments<BYTES>(tile, codes, blockIdx.x, blockIdx.y * (COLUMNS / PACKED_TILE) + threadIdx.x / WARP,
                         column_tiles_of(columns));
}

// ---- Values ---------------------------------------------------------------------------------------------------------

// The bytes of a register's pair, from a word of W4F shifted down to its nibbles 0 and 4.
__device__ __forceinline__ void set_pair(uint8_t* tile, int row, int column, uint32_t pair) {
  *reinterpret_cast<uint16_t*>(tile + row * PITCH + column) = (uint16_t)pair;
}
__device__ __forceinline__ uint32_t bytes_of(uint32_t nibbles) { return (nibbles & 0xf) | (nibbles >> 8 & 0xf00); }

template <bool BYTES>
__device__ __forceinline__ void load_fragments(uint8_t* tile, const uint32_t* codes, int strip, int column_tile,
                                               int column_tiles) {
  if (column_tile >= column_tiles) return;
  const int lane = lane_id();
  const int g = threadIdx.x / 4 % 8;
  const int k = threadIdx.x / WARP * PACKED_TILE + lane % 4 * 2;
#pragma unroll
  for (int h = 0; h < (BYTES ? 2 : 1); h++) {
    size_t at = BYTES ? w8f_word(strip, column_tile, column_tiles, h, lane)
                      : w4f_word(strip, column_tile, column_tiles, lane);
    uint4 v = *reinterpret_cast<const uint4*>(codes + at);
    const uint32_t words[4] = {v.x, v.y, v.z, v.w};
#pragma unroll
    for (int j = 0; j < 4; j++) {
      if (BYTES) {
        int column = k + 32 * h + j / 2 * 16 + j % 2 * 8;
        set_pair(tile, g, column, words[j]);
        set_pair(tile, g + 8, column, words[j] >> 16);
      } else {
#pragma unroll
        for (int r = 0; r < 4; r++) {
          set_pair(tile, g + r % 2 * 8, k + 16 * j + r / 2 * 8, bytes_of(words[j] >> (4 * r)));
        }
      }
    }
  }
}

template <class T>
__device__ __forceinline__ float value_of(int code, const void* grids, bool wide, size_t at) {
  float2 grid = wide ? reinterpret_cast<const float2*>(grids)[at]
                     : unpack<half_t>(reinterpret_cast<const uint32_t*>(grids)[at]);
  return ((float)code - grid.y) * grid.x;
}

// Strip blockIdx.x, columns from blockIdx.y * COLUMNS on.
template <class T, bool BYTES>
__device__ __forceinline__ void values_of_strip(const uint32_t* codes, const void* grids, int wide, int rows,
                                                int columns, int group, int groups, T* out, int stride) {
  __shared__ __align__(16) uint8_t tile[PACKED_STRIP * PITCH];
  constexpr int CHUNKS = COLUMNS / 8;
  const int first_column = blockIdx.y * COLUMNS;
  load_fragments<BYTES>(tile, codes, blockIdx.x, blockIdx.y * (COLUMNS / PACKED_TILE) + threadIdx.x / WARP,
                        column_tiles_of(columns));
  __syncthreads();
  unsigned i = threadIdx.x;
#pragma unroll 1
  do {
    int row = blockIdx.x * PACKED_STRIP + i / CHUNKS;
    int k = first_column + i % CHUNKS * 8;
    if (row >= rows || k >= columns) continue;
    uint2 eight = *reinterpret_cast<const uint2*>(tile + i / CHUNKS * PITCH + i % CHUNKS * 8);
    size_t at = grid_pair(row, k / group, groups);
    float values[8];
#pragma unroll
    for (int j = 0; j < 8; j++) {
      values[j] = value_of<T>((j < 4 ? eight.x : eight.y) >> (8 * (j % 4)) & 0xff, grids, wide, at);
    }
    T* to = out + (size_t)row * stride + k;
    if (k + 8 <= columns) {
      store16(to, pack<T>(values[0], values[1]), pack<T>(values[2], values[3]), pack<T>(values[4], values[5]),
              pack<T>(values[6], values[7]));
    } else {
#pragma unroll 1
      for (int j = 0; k + j < columns; j++) to[j] = from_float<T>(values[j]);
    }
  } while ((i += THREADS) < PACKED_STRIP * CHUNKS);
}

#define GRIDS(name, T)                                                                                                 \
  KERNEL __launch_bounds__(THREADS) quantize_weights_##name##_grids(                                                   \
      const T* w, long long stride, int rows, int columns, int aligned, int group, int groups, int span, int bits,     \
      int symmetry, int wide, void* grids, Step* steps, unsigned long long* error, int first_row) {                    \
    grids_of_row<T>(w, stride, rows, columns, aligned, group, groups, span, bits, symmetry, wide, grids, steps, error, \
                    first_row);                                                                                        \
  }
#define CODES(name, T, layout, BYTES)                                                                                  \
  KERNEL __launch_bounds__(THREADS) quantize_weights_##name##_codes_##layout(                                          \
      const T* w, long long stride, int rows, int columns, int aligned, int group, int groups, int bits,               \
      const Step* steps, uint32_t* codes) {                                                                            \
    codes_of_strip<T, BYTES>(w, stride, rows, columns, aligned, group, groups, bits, steps, codes);                    \
  }
#define VALUES_OF(name, T, layout, BYTES)                                                                              \
  KERNEL __launch_bounds__(THREADS)                                                                                    \
      quantize_weights_##name##_values_##layout(const uint32_t* codes, const void* grids, int wide, int rows,          \
                                                int columns, int group, int groups, T* out, int stride) {              \
    values_of_strip<T, BYTES>(codes, grids, wide, rows, columns, group, groups, out, stride);                          \
  }
#define QUANTIZE(name, T) GRIDS(name, T) CODES(name, T, w4f, false) CODES(name, T, w8f, true)

QUANTIZE(f16, half_t)
QUANTIZE(bf16, bfloat_t)
QUANTIZE(f32, float)
VALUES_OF(f16, half_t, w4f, false)
VALUES_OF(f16, half_t, w8f, true)
VALUES_OF(bf16, bfloat_t, w4f, false)
VALUES_OF(bf16, bfloat_t, w8f, true)
