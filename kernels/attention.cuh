// SPDX-License-Identifier: Apache-2.0
// What the prefill, decode and combine kernels of attention share: above all the order of the sums, which makes a
// query's bits follow from its position and its cache alone.
//
// Scores are sums over the head in steps of 16. Keys are taken in pages of 64, in order, in a running softmax (Milakov
// and Gimelshein 2018) in base 2 that starts anew in every chunk of 8 pages; chunks are merged in order by `merge`.
// Within a page packed values come before exact ones. Keys that a query does not see have weight exactly 0 and change
// nothing, so it does not matter which other queries share a tile.
#pragma once
#include "cache.cuh"

constexpr int CHUNK_PAGES = 8;
constexpr int CHUNK = CHUNK_PAGES * PAGE;
constexpr float LOWEST = -3.402823466e38f;

struct Attention {
  const void* q;
  void* out;
  const float* slopes;  // [heads] of ALiBi, or null
  const Span* spans;
  const unsigned long long* pages;
  float* partial;     // decode: [slots][dim] sums, slot = ((tile * kvHeads + kvHead) * chunks + chunk) * tile_rows + row
  float* statistics;  // decode: [slots][2] maximum and sum of weights
  Side keys;
  Side values;
  int group;  // query heads per kvHead
  int dim;
  int q_stride;
  int out_stride;
  int window;     // keys that a query sees, 0 = all
  int tiles;      // tiles of query rows per span in the grid
  int chunks;     // decode: chunks in the grid
  int tile_rows;  // decode: rows per tile in `partial`
  float scale;    // of scores, with log2(e)
};

__device__ __forceinline__ float exp2_approximate(float x) {
  float y;
  asm("ex2.approx.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}

// ---- Query rows -----------------------------------------------------------------------------------------------------

// The page, or chunk of pages, of a position.
__device__ __forceinline__ int page_at(unsigned position) { return position / PAGE; }
__device__ __forceinline__ int chunk_at(unsigned position) { return position / CHUNK; }

// Some query rows of one kvHead and span: token by token, the heads of a token together.
struct Tile {
  Span span;
  int first;  // row in the span
  int rows;
  int low, high;  // positions of the first and the last row

  __device__ Tile(const Attention& a, int index, int height) {
    span = read_span(a.spans, index / a.tiles);
    first = index % a.tiles * height;
    rows = min(height, span.tokens * a.group - first);
    low = span.position + first / a.group;
    high = span.position + (first + rows - 1) / a.group;
  }
  __device__ int position(const Attention& a, int row) const { return span.position + (first + row) / a.group; }
  __device__ int head(const Attention& a, int row) const { return blockIdx.y * a.group + (first + row) % a.group; }
  // Where a row starts in a matrix of [tokens, heads * dim].
  __device__ size_t place(const Attention& a, int row, int stride) const {
    return (size_t)(span.row + (first + row) / a.group) * stride + (size_t)head(a, row) * a.dim;
  }
};

__device__ __forceinline__ int first_visible(const Attention& a, int position) {
  return a.window ? max(0, position - a.window + 1) : 0;
}

// First position that a query at `position` reads exactly; values are never packed in blocks.
__device__ __forceinline__ int exact_from(const Side& side, int which, int position) {
  return which == KEYS ? side.exact_from(position) : position + 1 - side.window;
}

// What a lane knows about its two rows, g and g + 8 of a warp's 16; of a row that is none nothing is stored.
struct Rows {
  int position[2], from[2], exact_key[2], exact_value[2];
  unsigned span[2];  // from the first to the last key
  float slope[2];

  __device__ Rows(const Attention& a, const Tile& tile, int row) {
#pragma unroll
    for (int i = 0; i < 2; i++) {
      int r = row + 8 * i;
      position[i] = tile.position(a, r);
      from[i] = first_visible(a, position[i]);
      span[i] = position[i] - from[i];
      exact_key[i] = exact_from(a.keys, KEYS, position[i]);
      exact_value[i] = exact_from(a.values, VALUES, position[i]);
      slope[i] = a.slopes ? a.slopes[tile.head(a, r)] * 1.442695041f : 0.0f;
    }
  }

  __device__ bool sees(int i, int key) const { return (unsigned)(key - from[i]) <= span[i]; }
};

// ---- Softmax --------------------------------------------------------------------------------------------------------

// The score of a query and a key in base 2.
__device__ __forceinline__ float logit(float product, float scale, float slope, int distance) {
  return fmaf(product, scale, slope * (float)distance);
}

// Factors of the total so far and of the next chunk; updates maximum and sum of the total.
__device__ __forceinline__ float2 merge(float& maximum, float& sum, float chunk_maximum, float chunk_sum) {
  float top = fmaxf(maximum, chunk_maximum);
  float2 factors = {exp2_approximate(maximum - top), exp2_approximate(chunk_maximum - top)};
  sum = fmaf(sum, factors.x, chunk_sum * factors.y);
  maximum = top;
  return factors;
}
__device__ __forceinline__ float merged(float total, float chunk, float2 factors) {
  return fmaf(total, factors.x, chunk * factors.y);
}
// The sign of a zero depends on what an invisible key adds to it, so there is only one zero.
__device__ __forceinline__ float quotient(float total, float sum) { return __fdiv_rn(total, sum) + 0.0f; }

// ---- Tiles in shared memory -----------------------------------------------------------------------------------------

// Rows of DIM numbers, padded so that eight rows lie in different banks for ldmatrix.
template <int DIM>
constexpr int STRIDE = DIM + 8;

// The forms in which a tile of queries reads a side of a page.
struct Forms {
  bool packed, exact;

  // Where there are no codes, the window is longer than any context.
  __device__ Forms(const Side& side, int which, const Tile& tile, int start) {
    packed = start < exact_from(side, which, tile.high);
    exact = side.keeps_exact() && start + PAGE > exact_from(side, which, tile.low);
  }
};

// Queues the copy of a head of an exact page; tokens from `tokens` on and numbers from `dim` on become zero.
template <class T, int DIM, int THREADS>
__device__ __forceinline__ void queue_exact(T* tile, const char* head, int tokens, int dim) {
  constexpr int UNITS = DIM / 8;
#pragma unroll
  for (int i = 0; i < ceil_div(PAGE * UNITS, THREADS); i++) {
    unsigned c = threadIdx.x + i * THREADS;
    int token = c / UNITS, column = 8 * (c % UNITS);
    bool used = token < tokens && column < dim;
    const char* from = head + (used ? (size_t)(token * dim + column) * sizeof(T) : 0);
    copy16(tile + token * STRIDE<DIM> + column, from, used ? 16 : 0);
  }
  commit_copies();
}

// Written out because nvcc splits such a store into four, which conflict.
__device__ __forceinline__ void store16(void* shared, uint32_t x, uint32_t y, uint32_t z, uint32_t w) {
  uint32_t to = (uint32_t)__cvta_generic_to_shared(shared);
  asm volatile("st.shared.v4.b32 [%0], {%1,%2,%3,%4};" ::"r"(to), "r"(x), "r"(y), "r"(z), "r"(w) : "memory");
}

// Two numbers; what rounds to infinity becomes the largest number, NaN stays.
template <class T>
__device__ __forceinline__ uint32_t pack_finite(float low, float high);
template <>
__device__ __forceinline__ uint32_t pack_finite<half_t>(float low, float high) {
  uint32_t v = pack<half_t>(low, high);
  asm("min.NaN.f16x2 %0, %0, %1;" : "+r"(v) : "r"(0x7bff7bffu));
  asm("max.NaN.f16x2 %0, %0, %1;" : "+r"(v) : "r"(0xfbfffbffu));
  return v;
}
template <>
__device__ __forceinline__ uint32_t pack_finite<bfloat_t>(float low, float high) {
  uint32_t v = pack<bfloat_t>(low, high);
  asm("min.NaN.bf16x2 %0, %0, %1;" : "+r"(v) : "r"(0x7f7f7f7fu));
  asm("max.NaN.bf16x2 %0, %0, %1;" : "+r"(v) : "r"(0xff7fff7fu));
  return v;
}

// Code number `I` of four in a word, less the zero point: exact.
template <int I>
__device__ __forceinline__ float centred(uint32_t codes, float zero) {
  return __uint_as_float(__byte_perm(codes, 0x4b000000u, 0x7440 + I)) - (8388608.0f + zero);
}

// Codes of 8 numbers, one a byte.
__device__ __forceinline__ uint2 read_codes(const char* codes, unsigned index, int bits) {
  if (bits == 8) return *reinterpret_cast<const uint2*>(codes + index);
  uint32_t nibbles = *reinterpret_cast<const uint32_t*>(codes + index / 2);
  uint32_t even = nibbles & 0x0f0f0f0fu, odd = nibbles >> 4 & 0x0f0f0f0fu;
  return make_uint2(__byte_perm(even, odd, 0x5140), __byte_perm(even, odd, 0x7362));
}

// Rows of a packed page come to shared memory as (code - zero) * scale in fp32, rounded to T; what lies beyond `tokens`
// and `dim` becomes zero. A thread takes 8 numbers of a token at a time, and reads several before it computes.
// A grid per token and group. Where VALUE, a scale of NaN counts as 0.
template <class T, int DIM, int THREADS, bool VALUE>
__device__ __forceinline__ void fill_by_token(
    T* tile, const Side& side, const char* codes, const char* pairs, int tokens, int dim) {
  constexpr int UNITS = DIM / 8;
  constexpr int ROUNDS = PAGE * UNITS / THREADS;
  constexpr int BATCH = DIM < 128 ? ROUNDS : 4;
  static_assert(PAGE * UNITS % THREADS == 0 && ROUNDS % BATCH == 0, "whole rounds");
  int groups = dim / side.group;
  // column / group for columns below 256 and groups of 8 or more.
  unsigned per_group = (65535u + side.group) / side.group;
#pragma unroll 1
  for (int round = 0; round < ROUNDS; round += BATCH) {
    uint2 word[BATCH];
    float2 pair[BATCH];
#pragma unroll
    for (int i = 0; i < BATCH; i++) {
      unsigned c = threadIdx.x + (round + i) * THREADS;
      int token = c / UNITS, column = 8 * (c % UNITS);
      word[i] = make_uint2(0, 0);
      pair[i] = make_float2(0.0f, 0.0f);
      if (token < tokens && column < dim) {
        word[i] = read_codes(codes, token * dim + column, side.bits);
        pair[i] = read_pair(pairs, token * groups + (column * per_group >> 16), side.wide);
        if (VALUE && pair[i].x != pair[i].x) pair[i].x = 0.0f;
      }
    }
#pragma unroll
    for (int i = 0; i < BATCH; i++) {
      unsigned c = threadIdx.x + (round + i) * THREADS;
      int token = c / UNITS, column = 8 * (c % UNITS);
      float scale = pair[i].x, zero = pair[i].y;
      uint32_t x = pack_finite<T>(centred<0>(word[i].x, zero) * scale, centred<1>(word[i].x, zero) * scale);
      uint32_t y = pack_finite<T>(centred<2>(word[i].x, zero) * scale, centred<3>(word[i].x, zero) * scale);
      uint32_t z = pack_finite<T>(centred<0>(word[i].y, zero) * scale, centred<1>(word[i].y, zero) * scale);
      uint32_t w = pack_finite<T>(centred<2>(word[i].y, zero) * scale, centred<3>(word[i].y, zero) * scale);
      store16(tile + token * STRIDE<DIM> + column, x, y, z, w);
    }
  }
}

// Four neighbouring pairs, the first at a multiple of four.
__device__ __forceinline__ void read_four_pairs(float2 (&four)[4], const char* pairs, int index, int wide) {
  if (wide) {
    const float4* from = reinterpret_cast<const float4*>(pairs + (size_t)index * 8);
    float4 low = from[0], high = from[1];
    four[0] = make_float2(low.x, low.y);
    four[1] = make_float2(low.z, low.w);
    four[2] = make_float2(high.x, high.y);
    four[3] = make_float2(high.z, high.w);
  } else {
    uint4 raw = *reinterpret_cast<const uint4*>(pairs + (size_t)index * 4);
    four[0] = unpack<half_t>(raw.x);
    four[1] = unpack<half_t>(raw.y);
    four[2] = unpack<half_t>(raw.z);
    four[3] = unpack<half_t>(raw.w);
  }
}

// A grid per channel and block of tokens.
template <class T, int DIM, int THREADS>
__device__ __forceinline__ void fill_by_channel(
    T* tile, const Side& side, const char* codes, const char* pairs, int tokens, int dim) {
  constexpr int UNITS = DIM / 8;
  unsigned c = threadIdx.x;
#pragma unroll 1
  do {
    int token = c / UNITS, column = 8 * (c % UNITS);
    uint32_t eight[4] = {0, 0, 0, 0};
    if (token < tokens && column < dim) {
      uint2 word = read_codes(codes, token * dim + column, side.bits);
      int index = token / side.tokens * dim + column;
#pragma unroll
      for (int i = 0; i < 2; i++) {
        float2 p[4];
        read_four_pairs(p, pairs, index + 4 * i, side.wide);
        uint32_t four = i ? word.y : word.x;
        eight[2 * i] = pack_finite<T>(centred<0>(four, p[0].y) * p[0].x, centred<1>(four, p[1].y) * p[1].x);
        eight[2 * i + 1] = pack_finite<T>(centred<2>(four, p[2].y) * p[2].x, centred<3>(four, p[3].y) * p[3].x);
      }
    }
    store16(tile + token * STRIDE<DIM> + column, eight[0], eight[1], eight[2], eight[3]);
    c += THREADS;
  } while (c < PAGE * UNITS);
}

// ---- One page -------------------------------------------------------------------------------------------------------

// Where one kvHead's keys or values of a page are.
template <class T>
struct Source {
  const char *exact, *codes, *pairs;
  const char *exact_flags, *packed_flags;
  int exact_tokens, packed_tokens;  // tokens up to the last that some query of the tile reads in this form

  __device__ Source(const Attention& a, const Side& side, const Tile& tile, int page, int which) {
    unsigned head = blockIdx.y;
    int start = page * PAGE;
    size_t count = (size_t)head * PAGE;
    const char* exact_page = page_of(a.pages, tile.span, page, which + EXACT);
    const char* packed_page = page_of(a.pages, tile.span, page, which + PACKED);
    exact = exact_page + side.exact + count * a.dim * sizeof(T);
    exact_flags = exact_page + side.exact_flags + count;
    codes = packed_page + side.codes + count * a.dim * side.bits / 8;
    packed_flags = packed_page + side.packed_flags + count;
    bool per_channel = which == KEYS && side.group == 0;
    size_t pairs_per_head = per_channel ? PAGE / max(side.tokens, 1) * a.dim : PAGE * (a.dim / max(side.group, 1));
    pairs = packed_page + side.grids + head * pairs_per_head * (side.wide ? 8 : 4);
    exact_tokens = min(PAGE, tile.high + 1 - start);
    packed_tokens = min(exact_tokens, exact_from(side, which, tile.high) - start);
  }
};

// Bits of the tokens below `tokens` whose flag is set; for the whole warp.
__device__ __forceinline__ unsigned long long flagged(const char* flags, int tokens) {
  int lane = lane_id();
  uint32_t low = __ballot_sync(FULL, lane < tokens && flags[lane] != 0);
  uint32_t high = __ballot_sync(FULL, lane + WARP < tokens && flags[lane + WARP] != 0);
  return (unsigned long long)high << 32 | low;
}

// Bits from..to - 1 of 64, both clipped.
__device__ __forceinline__ unsigned long long bits_between(int from, int to) {
  from = min(max(from, 0), PAGE);
  to = min(max(to, 0), PAGE);
  unsigned long long below_to = to == PAGE ? ~0ull : (1ull << to) - 1;
  unsigned long long below_from = from == PAGE ? ~0ull : (1ull << from) - 1;
  return below_to & ~below_from;
}

// Whether a row sees a value that is not finite.
__device__ __forceinline__ bool sees_flag(
    const Rows& rows, int i, int start, unsigned long long packed, unsigned long long exact) {
  int from = rows.from[i] - start, to = rows.position[i] + 1 - start, border = rows.exact_value[i] - start;
  return (packed & bits_between(from, min(to, border))) != 0 || (exact & bits_between(max(from, border), to)) != 0;
}
