// SPDX-License-Identifier: Apache-2.0
// out[M, N] = x[M, K] w[N, K]^T + bias[N] of rows and weights in integers: int8 tensor cores, exact int32 sums.
//
// x: signed bytes a' with a scale and a zero point per row (quantize_tokens.cu). w: signed bytes w' with a scale, a zero
// point and the sum C of (w' - zw) per row and group of K. For a group
//   S = sum (a' - za)(w' - zw) = sum a' w' - za C - zw sum a',   out = ((fma(scale_w, S, ...) over the groups) scale_a) + bias
// in fp32, in order, rounded once: the sequence of the CPU back-end, bit for bit.
//
//   weights [N/64][K/64][4 strips of 16 rows][2 steps of 32 k][32 lanes][16 bytes]; N and K padded to 64 with w' = 0. With
//           g = lane / 4 and t = lane % 4 a lane's bytes are its operand A: (row g, k 4t to 4t + 3), (row g + 8, same k),
//           (row g, k + 16), (row g + 8, k + 16).
//   grids   [N/16 strips][groups][16 rows] of {fp16 scale, int16 zero, int32 C}, or of {fp32 scale, int32 zero, int32 C, 0}.
//
// Weights are the operand of 16 rows and tokens that of 8 columns: eight tokens are the smallest tile, and a lane's 16
// bytes of weights come as one load. A block takes 64 features by 8 to 64 tokens and walks along K in steps of 64 with
// cp.async in 4 to 6 stages. Tokens lie 64 bytes a row, their 16-byte chunks exchanged by bits 1 and 2 of the row, so
// that the eight rows of an ldmatrix meet all banks. Grids and sums of the next group are fetched a group ahead.
// A whole-row weight is one group; int32 sums being associative, its K may be split among blocks: those write partial
// sums, which a second kernel adds and finishes. It also corrects them in 64 bits: S of more than 33,024 columns may not
// fit 32, so such rows always go that way.
#include "common.cuh"

constexpr int FEATURES = 64;
constexpr int DEPTH = 64;
constexpr int THREADS = 128;
constexpr int WEIGHT_BYTES = FEATURES * DEPTH;
constexpr int OUT_PITCH = FEATURES + 8;  // of the staged output, in values: rows shifted by four banks

template <int TOKENS>
struct Tile {
  static constexpr int STAGES = TOKENS <= 16 ? 6 : TOKENS == 32 ? 5 : 4;
  // At 64 tokens two by two warps share the tile: each operand is read from shared memory twice, not one of them four times.
  static constexpr int STRIPS = TOKENS == 64 ? 2 : 1;
  static constexpr int COLUMNS = TOKENS / 8 / STRIPS;  // tiles of 8 tokens of a warp
  static constexpr int STAGE_BYTES = WEIGHT_BYTES + TOKENS * DEPTH;
  // The first strip and tile of 8 tokens of a warp.
  static __device__ __forceinline__ int strip() {
    return (STRIPS == 1 ? threadIdx.x / WARP : threadIdx.x / WARP % (4 / STRIPS)) * STRIPS;
  }
  static __device__ __forceinline__ int column() {
    return STRIPS == 1 ? 0 : threadIdx.x / WARP / (4 / STRIPS) * COLUMNS;
  }
  static_assert(STAGES * STAGE_BYTES <= 48 * 1024, "static shared memory");
  static_assert(2 * TOKENS * OUT_PITCH <= STAGES * STAGE_BYTES, "the output is staged in the pipeline's memory");
};

__device__ __forceinline__ void multiply(int (&d)[4], const uint4& a, uint32_t b0, uint32_t b1) {
  asm volatile(
      "mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
      : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3])
      : "r"(a.x), "r"(a.y), "r"(a.z), "r"(a.w), "r"(b0), "r"(b1));
}

__device__ __forceinline__ int swizzle(int row, int chunk) { return row * DEPTH + 16 * (chunk ^ (row >> 1 & 3)); }

// A number that the compiler keeps instead of computing it again in every step.
__device__ __forceinline__ int kept(int v) {
  asm volatile("" : "+r"(v));
  return v;
}

// What this thread copies of every step: 16 bytes of weights twice, and of one row of tokens in 32.
template <int TOKENS>
struct Copies {
  static constexpr int ROWS_AT_ONCE = THREADS / 4;
  static constexpr int ROUNDS = ceil_div(TOKENS, ROWS_AT_ONCE);

  const int8_t* weight;
  const int8_t* token[ROUNDS];
  int bytes[ROUNDS];  // 0 where the tile ends below the last token: the rest becomes zero
  int weight_at;      // places in a stage
  int token_at;

  __device__ __forceinline__ Copies(const int8_t* codes, int rows, int stride, const int8_t* weights, int begin) {
    weight = weights + ((size_t)blockIdx.y * ((unsigned)stride / DEPTH) + begin) * WEIGHT_BYTES + 16 * threadIdx.x;
    weight_at = kept(16 * threadIdx.x);
    token_at = kept(WEIGHT_BYTES + swizzle(threadIdx.x / 4, threadIdx.x % 4));
#pragma unroll
    for (int i = 0; i < ROUNDS; i++) {
      int first = blockIdx.x * TOKENS;
      int at = first + threadIdx.x / 4 + i * ROWS_AT_ONCE;
      bytes[i] = kept(at < rows ? 16 : 0);
      token[i] = codes + (size_t)(at < rows ? at : first) * stride + (size_t)begin * DEPTH + 16 * (threadIdx.x % 4);
    }
  }

  // Queues the next step.
  __device__ __forceinline__ void next(char* stage) {
#pragma unroll
    for (int i = 0; i < WEIGHT_BYTES / 16 / THREADS; i++) {
      copy16(stage + weight_at + 16 * i * THREADS, weight + 16 * i * THREADS);
    }
    weight += WEIGHT_BYTES;
    if (TOKENS >= ROWS_AT_ONCE || threadIdx.x < TOKENS * 4) {
#pragma unroll
      for (int i = 0; i < ROUNDS; i++) {
        // 32 rows on, the chunks are exchanged alike.
        copy16(stage + token_at + i * ROWS_AT_ONCE * DEPTH, token[i], bytes[i]);
        token[i] += DEPTH;
      }
    }
  }
};

// Runs the pipeline over steps [begin, end); after_half is called when 32 more k are in the sums.
template <int TOKENS, class AfterHalf>
__device__ __forceinline__ void walk(char* shared, Copies<TOKENS> copies, int begin, int end,
                                     int (&sums)[Tile<TOKENS>::STRIPS][Tile<TOKENS>::COLUMNS][4],
                                     AfterHalf after_half) {
  using T = Tile<TOKENS>;
  const int lane = lane_id();
  // Eight rows on, the chunks are exchanged alike.
  const int token_at = kept(WEIGHT_BYTES + swizzle(T::column() * 8 + lane % 8, threadIdx.x / 8 % 4));
  const int weight_at = kept(T::strip() * 1024 + lane * 16);

#pragma unroll 1
  for (int s = 0; s < T::STAGES - 1; s++) {
    if (begin + s < end) copies.next(shared + s * T::STAGE_BYTES);
    commit_copies();
  }
  constexpr int END = T::STAGES * T::STAGE_BYTES;
  int slot = 0;
  int free = END - T::STAGE_BYTES;
#pragma unroll 1
  for (int step = begin; step < end; step++) {
    wait_copies<T::STAGES - 2>();
    // Every thread's copies of this step have arrived, and nobody still reads the slot that is filled next.
    __syncthreads();
    if (step + T::STAGES - 1 < end) copies.next(shared + free);
    commit_copies();

    const char* stage = shared + slot;
    uint32_t b[T::COLUMNS][4];
#pragma unroll
    for (int c = 0; c < T::COLUMNS; c++) {
      load_matrices(b[c], stage + token_at + c * 8 * DEPTH);
    }
#pragma unroll
    for (int half = 0; half < 2; half++) {
#pragma unroll
      for (int s = 0; s < T::STRIPS; s++) {
        uint4 a = *reinterpret_cast<const uint4*>(stage + weight_at + s * 1024 + half * 512);
#pragma unroll
        for (int c = 0; c < T::COLUMNS; c++) multiply(sums[s][c], a, b[c][2 * half], b[c][2 * half + 1]);
      }
      after_half();
    }
    slot = slot + T::STAGE_BYTES == END ? 0 : slot + T::STAGE_BYTES;
    free = free + T::STAGE_BYTES == END ? 0 : free + T::STAGE_BYTES;
  }
}

// ---- Grids ----------------------------------------------------------------------------------------------------------

struct Grid {
  float scale;
  int zero;
  int sum;
};

__device__ __forceinline__ Grid load_grid(const void* grids, int wide, size_t index) {
  if (wide) {
    int4 v = reinterpret_cast<const int4*>(grids)[index];
    return {__int_as_float(v.x), v.y, v.z};
  }
  int2 v = reinterpret_cast<const int2*>(grids)[index];
  return {unpack<half_t>(v.x).x, v.x >> 16, v.y};
}

// ---- One block runs all of K ----------------------------------------------------------------------------------------

template <class T, int TOKENS>
__device__ __forceinline__ void store_tile(const T* staged, T* out, int rows, int first, int features, int feature,
                                           int stride) {
#pragma unroll
  for (int i = threadIdx.x; i < TOKENS * FEATURES / 8; i += THREADS) {
    int row = (unsigned)i / (FEATURES / 8);
    int at = threadIdx.x % (FEATURES / 8) * 8;
    int count = features - feature - at;
    if (first + row >= rows || count <= 0) continue;
    const T* from = staged + row * OUT_PITCH + at;
    T* to = out + (size_t)(first + row) * stride + feature + at;
    if (count >= 8) {
      *reinterpret_cast<uint4*>(to) = *reinterpret_cast<const uint4*>(from);
    } else {
      // The matrix may be columns of a wider one: nothing is written beside it.
#pragma unroll 1
      for (int j = 0; j < count; j++) to[j] = from[j];
    }
  }
}

template <class T, int TOKENS>
__device__ __forceinline__ void product(const int8_t* codes, const float* scales, const int* zeros, const int* row_sums,
                                        int rows, int stride, const int8_t* weights, const void* grids, int wide,
                                        int shifted, int group, int groups, const T* bias, T* out, int features,
                                        int out_stride) {
  using S = Tile<TOKENS>;
  __shared__ __align__(128) char shared[S::STAGES * S::STAGE_BYTES];
  const int steps = (unsigned)stride / DEPTH;
  const int lane_row = threadIdx.x / 4 % 8;
  const int strip = blockIdx.y * 4 + S::strip();
  const int token = blockIdx.x * TOKENS + S::column() * 8 + lane_id() % 4 * 2;

  int token_zeros[S::COLUMNS][2];
#pragma unroll
  for (int c = 0; c < S::COLUMNS; c++) {
#pragma unroll
    for (int i = 0; i < 2; i++) {
      // What rows behind the last get is not written.
      token_zeros[c][i] = zeros[min(token + c * 8 + i, rows - 1)];
    }
  }
  Grid next[S::STRIPS][2];
  int next_sums[S::COLUMNS][2] = {};
  auto fetch = [&](int g) {
#pragma unroll
    for (int s = 0; s < S::STRIPS; s++) {
#pragma unroll
      for (int h = 0; h < 2; h++) {
        next[s][h] = load_grid(grids, wide, ((size_t)(strip + s) * groups + g) * 16 + lane_row + 8 * h);
      }
    }
    // Without zero points in the weight the rows' sums do not matter.
    if (!shifted) return;
#pragma unroll
    for (int c = 0; c < S::COLUMNS; c++) {
#pragma unroll
      for (int i = 0; i < 2; i++) {
        int at = token + c * 8 + i;
        next_sums[c][i] = at < rows ? row_sums[(size_t)at * groups + g] : 0;
      }
    }
  };
  fetch(0);

  int sums[S::STRIPS][S::COLUMNS][4] = {};
  float total[S::STRIPS][S::COLUMNS][4] = {};
  int left = group;
  int current = 0;
  walk<TOKENS>(shared, Copies<TOKENS>(codes, rows, stride, weights, 0), 0, steps, sums, [&] {
    left -= 32;
    if (left != 0) return;
#pragma unroll
    for (int s = 0; s < S::STRIPS; s++) {
#pragma unroll
      for (int c = 0; c < S::COLUMNS; c++) {
#pragma unroll
        for (int i = 0; i < 4; i++) {
          const Grid& w = next[s][i / 2];
          int sum = sums[s][c][i] - token_zeros[c][i % 2] * w.sum - w.zero * next_sums[c][i % 2];
          total[s][c][i] = fmaf(__int2float_rn(sum), w.scale, total[s][c][i]);
          sums[s][c][i] = 0;
        }
      }
    }
    current++;
    // After the last group nothing but padding follows, for which left never is 0 again.
    if (current == groups) return;
    left = group;
    fetch(current);
  });

  // All warps have read the last stage.
  __syncthreads();
  T* staged = reinterpret_cast<T*>(shared);
#pragma unroll
  for (int c = 0; c < S::COLUMNS; c++) {
#pragma unroll
    for (int i = 0; i < 2; i++) {
      int at = token + c * 8 + i;
      float scale = scales[min(at, rows - 1)];
#pragma unroll
      for (int s = 0; s < S::STRIPS; s++) {
#pragma unroll
        for (int h = 0; h < 2; h++) {
          int feature = (strip + s) * 16 + lane_row + 8 * h;
          float v = total[s][c][2 * h + i] * scale;
          if (bias) v += to_float(bias[min(feature, features - 1)]);
          staged[(at - blockIdx.x * TOKENS) * OUT_PITCH + feature - blockIdx.y * FEATURES] = from_float<T>(v);
        }
      }
    }
  }
  __syncthreads();
  store_tile<T, TOKENS>(staged, out, rows, blockIdx.x * TOKENS, features, blockIdx.y * FEATURES, out_stride);
}

// ---- K split among blocks -------------------------------------------------------------------------------------------

// partial [segments][rows][features padded to 64]: sums of byte products, modulo 2^32.
template <int TOKENS>
__device__ __forceinline__ void partial_product(const int8_t* codes, int rows, int stride, const int8_t* weights,
                                                int length, int* partial) {
  using S = Tile<TOKENS>;
  __shared__ __align__(128) char shared[S::STAGES * S::STAGE_BYTES];
  const int steps = (unsigned)stride / DEPTH;
  int sums[S::STRIPS][S::COLUMNS][4] = {};
  const int begin = blockIdx.z * length;
  walk<TOKENS>(shared, Copies<TOKENS>(codes, rows, stride, weights, begin), begin, min(begin + length, steps), sums,
               [] {});

  const int lane_row = threadIdx.x / 4 % 8;
  const int strip = blockIdx.y * 4 + S::strip();
  const int token = blockIdx.x * TOKENS + S::column() * 8 + lane_id() % 4 * 2;
  const size_t padded = (size_t)gridDim.y * FEATURES;
#pragma unroll
  for (int c = 0; c < S::COLUMNS; c++) {
#pragma unroll
    for (int i = 0; i < 2; i++) {
      int at = token + c * 8 + i;
      if (at >= rows) continue;
      int* to = partial + ((size_t)blockIdx.z * rows + at) * padded;
#pragma unroll
      for (int s = 0; s < S::STRIPS; s++) {
        to[(strip + s) * 16 + lane_row] = sums[s][c][i];
        to[(strip + s) * 16 + lane_row + 8] = sums[s][c][2 + i];
      }
    }
  }
}

// Adds the segments of a row (blockIdx.y), four features a thread.
template <class T>
__device__ __forceinline__ void combine(const int* partial, int segments, int rows, const float* scales,
                                        const int* zeros, const int* row_sums, const void* grids, int wide,
                                        const T* bias, T* out, int features, int out_stride) {
  const int feature = (blockIdx.x * THREADS + threadIdx.x) * 4;
  if (feature >= features) return;
  const size_t padded = (size_t)ceil_div((unsigned)features, (unsigned)FEATURES) * FEATURES;
  const int row = blockIdx.y;
  unsigned sums[4] = {};
#pragma unroll 1
  for (int s = 0; s < segments; s++) {
    int4 v = *reinterpret_cast<const int4*>(partial + ((size_t)s * rows + row) * padded + feature);
    sums[0] += v.x;
    sums[1] += v.y;
    sums[2] += v.z;
    sums[3] += v.w;
  }
  float values[4];
#pragma unroll
  for (int i = 0; i < 4; i++) {
    Grid w = load_grid(grids, wide, feature + i);
    // 2^17 products of -128 and -128 add up to 2^31, which 32 bits take for -2^31; that is no sum itself.
    long long sum = (long long)(int)(sums[i] - 1u) + 1;
    sum -= (long long)zeros[row] * w.sum + (long long)w.zero * row_sums[row];
    values[i] = fmaf(__ll2float_rn(sum), w.scale, 0.0f) * scales[row];
    if (bias) values[i] += to_float(bias[min(feature + i, features - 1)]);
  }
  T* to = out + (size_t)row * out_stride + feature;
  if (feature + 4 <= features) {
    *reinterpret_cast<uint2*>(to) = make_uint2(pack<T>(values[0], values[1]), pack<T>(values[2], values[3]));
  } else {
#pragma unroll
    for (int i = 0; i < 3; i++) {
      if (feature + i < features) to[i] = from_float<T>(values[i]);
    }
  }
}

#define PRODUCT(name, T, TOKENS)                                                                                       \
  KERNEL __launch_bounds__(THREADS) gemm_w8a8_##name##_t##TOKENS(                                                      \
      const int8_t* codes, const float* scales, const int* zeros, const int* row_sums, int rows, int stride,           \
      const int8_t* weights, const void* grids, int wide, int shifted, int group, int groups, const T* bias,           \
      T* out, int features, int out_stride) {                                                           \
    product<T, TOKENS>(codes, scales, zeros, row_sums, rows, stride, weights, grids, wide, shifted, group, groups,     \
                       bias, out, features, out_stride);                                                               \
  }
#define PARTIAL(TOKENS)                                                                                                \
  KERNEL __launch_bounds__(THREADS) gemm_w8a8_partial_t##TOKENS(const int8_t* codes, int rows, int stride,             \
                                                                const int8_t* weights, int length, int* partial) {     \
    partial_product<TOKENS>(codes, rows, stride, weights, length, partial);                                            \
  }
#define COMBINE(name, T)                                                                                               \
  KERNEL __launch_bounds__(THREADS)                                                                                    \
      gemm_w8a8_##name##_combine(const int* partial, int segments, int rows, const float* scales, const int* zeros,    \
                                 const int* row_sums, const void* grids, int wide, const T* bias, T* out, int features, \
                                 int out_stride) {                                                                     \
    combine<T>(partial, segments, rows, scales, zeros, row_sums, grids, wide, bias, out, features, out_stride);        \
  }
#define ALL_TILES(name, T) PRODUCT(name, T, 8) PRODUCT(name, T, 16) PRODUCT(name, T, 32) PRODUCT(name, T, 64)

ALL_TILES(f16, half_t)
ALL_TILES(bf16, bfloat_t)
PARTIAL(8)
PARTIAL(16)
PARTIAL(32)
PARTIAL(64)
COMBINE(f16, half_t)
COMBINE(bf16, bfloat_t)
