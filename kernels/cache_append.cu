// SPDX-License-Identifier: Apache-2.0
// Stores new keys and values in the cache's pages, exactly, as codes, or both.
//
// tokens: a warp takes one head of one token, 8 numbers a lane, so that groups of any multiple of 8 are runs of lanes
// and a token is read once. channels: keys per channel are quantized by a later launch when their block of tokens is
// complete, from the exact pages, which may hold tokens of earlier appends; a warp takes a block of one head, 8
// channels a lane. Both are bound by memory. The arithmetic is that of quant.RowQuantizer (exact): IEEE division,
// ties to even, and a group with anything that is not finite has scale NaN and codes 0.
#include "cache.cuh"

struct Append {
  const void* keys;
  const void* values;
  const int* positions;  // [rows], -1 = in no span
  const int* span_of_row;
  const Span* spans;
  const unsigned long long* pages;
  Side key_side;
  Side value_side;
  int key_bits;
  int value_bits;
  int key_stride;
  int value_stride;
  int rows;
  int dim;
  int blocks;  // channels: most blocks that a span completes
};

constexpr int WARPS = 4;

// Scale and zero of numbers between low and high, as stored.
struct Grid {
  float scale, zero;

  __device__ Grid(float scale, float zero) : scale(scale), zero(zero) {}

  __device__ Grid(float low, float high, bool finite, int max_code, int wide) {
    low = fminf(low, 0.0f);
    high = fmaxf(high, 0.0f);
    scale = 1.0f;
    if (low != high) {
      float ideal = __fdiv_rn(high - low, (float)max_code);
      if (wide) {
        scale = fmaxf(ideal, 0x1p-126f);
      } else {
        scale = __half2float(__float2half_rn(ideal));
        // Rounded up where fp16 is denser than its own step, so that the codes still span the group.
        if (scale < ideal && scale < 0x1p-14f) scale += 0x1p-24f;
      }
    }
    if (!finite || !(scale < __int_as_float(0x7f800000))) {
      scale = not_a_number();
      zero = 0.0f;
    } else {
      int steps = -steps_of(low);
      zero = (float)min(max(steps, 0), max_code);
    }
  }

  __device__ int steps_of(float x) const {
    return __float2int_rn(fminf(fmaxf(__fdiv_rn(x, scale), -1024.0f), 1024.0f));
  }

  __device__ bool finite() const { return scale == scale; }

  // 0 where the scale is NaN: fmaxf takes the number, which is far below.
  __device__ uint32_t code(float x, int max_code) const {
    return (uint32_t)min(max(steps_of(x) + (int)zero, 0), max_code);
  }

  __device__ void store(char* pairs, size_t index, int wide) const {
    if (wide) {
      reinterpret_cast<float2*>(pairs)[index] = make_float2(scale, zero);
    } else {
      reinterpret_cast<__half2*>(pairs)[index] = __floats2half2_rn(scale, zero);
    }
  }
};

__device__ __forceinline__ bool is_finite(float x) { return fabsf(x) < __int_as_float(0x7f800000); }

template <class T>
__device__ __forceinline__ void expand(float (&x)[8], uint4 raw) {
  uint32_t words[4] = {raw.x, raw.y, raw.z, raw.w};
#pragma unroll
  for (int i = 0; i < 4; i++) {
    float2 two = unpack<T>(words[i]);
    x[2 * i] = two.x;
    x[2 * i + 1] = two.y;
  }
}

// Stores 8 codes, which start at number `index` of a head's block.
__device__ __forceinline__ void store_codes(char* codes, size_t index, const uint32_t (&code)[8], int bits) {
  if (bits == 4) {
    uint32_t word = 0;
#pragma unroll
    for (int i = 0; i < 8; i++) word |= code[i] << (4 * i);
    *reinterpret_cast<uint32_t*>(codes + index / 2) = word;
  } else {
    uint2 words = {0, 0};
#pragma unroll
    for (int i = 0; i < 4; i++) {
      words.x |= code[i] << (8 * i);
      words.y |= code[i + 4] << (8 * i);
    }
    *reinterpret_cast<uint2*>(codes + index) = words;
  }
}

// A grid per group of `units` lanes, from each lane's own 8 numbers.
__device__ __forceinline__ Grid group_grid(const float (&x)[8], unsigned units, int max_code, int wide) {
  unsigned lane = lane_id();
  unsigned first = lane / units * units;
  float low = 0.0f, high = 0.0f;
  int finite = 1;
#pragma unroll
  for (int i = 0; i < 8; i++) {
    low = fminf(low, x[i]);
    high = fmaxf(high, x[i]);
    finite &= is_finite(x[i]);
  }
  // After the step with distance d a lane knows the 2 d lanes from itself on, as far as they are of its group.
#pragma unroll
  for (unsigned d = 1; d < WARP; d *= 2) {
    float other_low = __shfl_down_sync(FULL, low, d);
    float other_high = __shfl_down_sync(FULL, high, d);
    int other_finite = __shfl_down_sync(FULL, finite, d);
    if (lane + d < first + units) {
      low = fminf(low, other_low);
      high = fmaxf(high, other_high);
      finite &= other_finite;
    }
  }
  low = __shfl_sync(FULL, low, first);
  high = __shfl_sync(FULL, high, first);
  finite = __shfl_sync(FULL, finite, first);
  return Grid(low, high, finite, max_code, wide);
}

template <class T>
__device__ void append_tokens(const Append& a) {
  int row = blockIdx.x * WARPS + threadIdx.x / WARP;
  if (row >= a.rows || a.positions[row] < 0) return;
  unsigned head = blockIdx.y, lane = lane_id();
  bool is_value = blockIdx.z;
  const Side& side = is_value ? a.value_side : a.key_side;
  unsigned position = a.positions[row];
  Span span = read_span(a.spans, a.span_of_row[row]);
  size_t place = (size_t)head * PAGE + position % PAGE;
  bool used = 8 * lane < a.dim;

  const T* in = static_cast<const T*>(is_value ? a.values : a.keys);
  in += (size_t)row * (is_value ? a.value_stride : a.key_stride) + (size_t)head * a.dim;
  uint4 raw = {0, 0, 0, 0};
  if (used) raw = reinterpret_cast<const uint4*>(in)[lane];
  float x[8];
  expand<T>(x, raw);

  if (side.keeps_exact()) {
    char* page = page_of(a.pages, span, position / PAGE, (is_value ? VALUES : KEYS) + EXACT);
    if (is_value) {
      bool bad = false;
#pragma unroll
      for (int i = 0; i < 8; i++) bad |= !is_finite(x[i]);
      bad = __any_sync(FULL, bad);
      if (bad) raw = {0, 0, 0, 0};
      if (lane == 0) page[side.exact_flags + place] = bad;
    }
    if (used) reinterpret_cast<uint4*>(page + side.exact + place * a.dim * sizeof(T))[lane] = raw;
  }
  if (side.group) {
    char* page = page_of(a.pages, span, position / PAGE, (is_value ? VALUES : KEYS) + PACKED);
    int max_code = (1 << (is_value ? a.value_bits : a.key_bits)) - 1;
    unsigned units = (unsigned)side.group / 8;
    Grid grid = group_grid(x, units, max_code, side.wide);
    uint32_t codes[8];
#pragma unroll
    for (int i = 0; i < 8; i++) codes[i] = grid.code(x[i], max_code);
    if (used) {
      store_codes(page + side.codes, place * a.dim + 8 * lane, codes, side.bits);
      if (lane % units == 0) grid.store(page + side.grids, place * (a.dim / side.group) + lane / units, side.wide);
    }
    bool bad = __any_sync(FULL, used && !grid.finite());
    if (is_value && lane == 0) page[side.packed_flags + place] = bad;
  }
}

template <class T>
__device__ void append_channels(const Append& a) {
  const Side& side = a.key_side;
  Span span = read_span(a.spans, blockIdx.x / a.blocks);
  int block = span.position / side.tokens + blockIdx.x % a.blocks;
  unsigned first = block * side.tokens;
  if (first + side.tokens > span.position + span.tokens || 8 * threadIdx.x >= a.dim) return;
  unsigned head = blockIdx.y, lane = threadIdx.x;
  int max_code = (1 << a.key_bits) - 1;
  const char* exact = page_of(a.pages, span, first / PAGE, KEYS + EXACT);
  char* packed = page_of(a.pages, span, first / PAGE, KEYS + PACKED);
  size_t place = (size_t)head * PAGE + first % PAGE;
  const T* keys = reinterpret_cast<const T*>(exact + side.exact) + place * a.dim + 8 * lane;

  float low[8], high[8];
  uint32_t finite = 0xff;
#pragma unroll
  for (int i = 0; i < 8; i++) low[i] = high[i] = 0.0f;
  // Tokens are whole sixteens.
  unsigned t = 0;
#pragma unroll 1
  do {
#pragma unroll
    for (unsigned u = 0; u < 4; u++) {
      float x[8];
      expand<T>(x, *reinterpret_cast<const uint4*>(keys + (size_t)(t + u) * a.dim));
#pragma unroll
      for (int i = 0; i < 8; i++) {
        low[i] = fminf(low[i], x[i]);
        high[i] = fmaxf(high[i], x[i]);
        if (!is_finite(x[i])) finite &= ~(1u << i);
      }
    }
    t += 4;
  } while (t < side.tokens);
  size_t pair = (size_t)(head * (PAGE / side.tokens) + first % PAGE / side.tokens) * a.dim + 8 * lane;
#pragma unroll
  for (int i = 0; i < 8; i++) {
    Grid grid(low[i], high[i], finite >> i & 1, max_code, side.wide);
    low[i] = grid.scale;
    high[i] = grid.zero;
  }
  if (side.wide) {
    float4* to = reinterpret_cast<float4*>(packed + side.grids + pair * 8);
#pragma unroll
    for (int i = 0; i < 4; i++) to[i] = make_float4(low[2 * i], high[2 * i], low[2 * i + 1], high[2 * i + 1]);
  } else {
    uint4* to = reinterpret_cast<uint4*>(packed + side.grids + pair * 4);
#pragma unroll
    for (int i = 0; i < 8; i += 4) {
      to[i / 4] = make_uint4(pack<half_t>(low[i], high[i]), pack<half_t>(low[i + 1], high[i + 1]),
                             pack<half_t>(low[i + 2], high[i + 2]), pack<half_t>(low[i + 3], high[i + 3]));
    }
  }
  t = 0;
#pragma unroll 1
  do {
    float x[8];
    expand<T>(x, *reinterpret_cast<const uint4*>(keys + (size_t)t * a.dim));
    uint32_t codes[8];
#pragma unroll
    for (int i = 0; i < 8; i++) {
      Grid grid(low[i], high[i]);
      codes[i] = grid.code(x[i], max_code);
    }
    store_codes(packed + side.codes, (place + t) * a.dim + 8 * lane, codes, side.bits);
  } while (++t < side.tokens);
}

KERNEL __launch_bounds__(WARPS* WARP) cache_append_f16_tokens(const __grid_constant__ Append a) { append_tokens<half_t>(a); }
KERNEL __launch_bounds__(WARPS* WARP) cache_append_bf16_tokens(const __grid_constant__ Append a) {
  append_tokens<bfloat_t>(a);
}
KERNEL __launch_bounds__(WARP) cache_append_f16_channels(const __grid_constant__ Append a) { append_channels<half_t>(a); }
KERNEL __launch_bounds__(WARP) cache_append_bf16_channels(const __grid_constant__ Append a) {
  append_channels<bfloat_t>(a);
}
