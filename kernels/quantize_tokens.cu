// SPDX-License-Identifier: Apache-2.0
// Quantizes each row (token) of a 16-bit matrix [M, K] to signed bytes with one fp32 scale and one zero point, exactly as
// io.lowbit.quant.RowQuantizer does in its exact arithmetic.
//
//   codes [M][K padded to 64]: code - 2^(bits-1), padding 0      scales [M] fp32
//   zeros [M] int32: zero - 2^(bits-1)                           sums [M][groups] int32: sum of a group's bytes
//
// The sums are what the product with a weight of non-zero zero points needs, so the groups are the weight's.
// One block per row: a thread takes eight neighbouring values at a time (16 bytes) and keeps its first four such chunks
// in registers, so that rows of up to 8,192 values are read once; longer ones come a second time, from the cache.
// Minima, maxima and integer sums do not depend on an order, so neither do the results on the number of threads.
#include "common.cuh"

constexpr int CHUNK = 8;
constexpr int HELD = 4;
constexpr int MOST_WARPS = 8;
// What a scale that is no finite number becomes: Java's NaN.
constexpr int NOT_A_NUMBER = 0x7fc00000;

template <class T>
__device__ __forceinline__ void widen(const uint4& chunk, float (&values)[CHUNK]) {
  const uint32_t words[4] = {chunk.x, chunk.y, chunk.z, chunk.w};
#pragma unroll
  for (int i = 0; i < 4; i++) {
    float2 pair = unpack<T>(words[i]);
    values[2 * i] = pair.x;
    values[2 * i + 1] = pair.y;
  }
}

// The range of a row's values and zero, and whether one of them is NaN.
struct Range {
  float low, high;
  int nan;
};

template <class T>
__device__ __forceinline__ void include(Range& range, const uint4& chunk, int count) {
  float values[CHUNK];
  widen<T>(chunk, values);
#pragma unroll
  for (int i = 0; i < CHUNK; i++) {
    // What follows a row's last value is undefined.
    float v = i < count ? values[i] : 0.0f;
    range.low = fminf(range.low, v);
    range.high = fmaxf(range.high, v);
    range.nan |= v != v;
  }
}

// All threads get the range of the whole row.
__device__ __forceinline__ Range combine(Range mine) {
  __shared__ float lows[MOST_WARPS];
  __shared__ float highs[MOST_WARPS];
  __shared__ int nans[MOST_WARPS];
  float low = -warp_max(-mine.low);
  float high = warp_max(mine.high);
  int nan = __any_sync(FULL, mine.nan);
  if (lane_id() == 0) {
    lows[threadIdx.x / WARP] = low;
    highs[threadIdx.x / WARP] = high;
    nans[threadIdx.x / WARP] = nan;
  }
  __syncthreads();
  Range all{0.0f, 0.0f, 0};
#pragma unroll 1
  for (int i = 0; i < blockDim.x / WARP; i++) {
    all.low = fminf(all.low, lows[i]);
    all.high = fmaxf(all.high, highs[i]);
    all.nan |= nans[i];
  }
  return all;
}

__device__ __forceinline__ float scale_of(const Range& range, bool symmetric, int bits) {
  if (range.nan) return __int_as_float(NOT_A_NUMBER);
  if (range.low == range.high) return 1.0f;
  float scale = symmetric ? __fdiv_rn(fmaxf(-range.low, range.high), (float)((1 << (bits - 1)) - 1))
                          : __fdiv_rn(range.high - range.low, (float)((1 << bits) - 1));
  // The smallest normal number: below it a quotient would leave the codes' range.
  scale = fmaxf(scale, 1.17549435e-38f);
  return scale < INFINITY ? scale : __int_as_float(NOT_A_NUMBER);
}

// Quantizes a chunk, of which count values belong to the row, and returns the sum of its bytes.
template <class T>
__device__ __forceinline__ int encode(const uint4& chunk, int count, float scale, int zero, int bits, int8_t* codes) {
  float values[CHUNK];
  widen<T>(chunk, values);
  const int centre = 1 << (bits - 1);
  uint32_t words[2] = {0, 0};
  int sum = 0;
#pragma unroll
  for (int i = 0; i < CHUNK; i++) {
    // NaN converts to 0.
    int code = __float2int_rn(__fdiv_rn(values[i], scale)) + zero;
    int centred = i < count ? min(max(code, 0), 2 * centre - 1) - centre : 0;
    sum += centred;
    words[i / 4] |= (centred & 0xff) << (8 * (i % 4));
  }
  *reinterpret_cast<uint2*>(codes) = make_uint2(words[0], words[1]);
  return sum;
}

// Adds a chunk's sum to its group's. Groups are multiples of 32 here: four threads' chunks are in one group.
__device__ __forceinline__ void add_to_group(int* sums, int group, int at, int sum, bool there) {
  sum += __shfl_xor_sync(FULL, sum, 1);
  sum += __shfl_xor_sync(FULL, sum, 2);
  if (there && lane_id() % 4 == 0) atomicAdd(&sums[at / group], sum);
}

template <class T>
__device__ __forceinline__ void quantize_row(const T* x, int columns, int padded, int bits, bool symmetric, int group,
                                             int groups, int8_t* codes, float* scale_out, int* zero_out,
                                             int* sums_out) {
  extern __shared__ int sums[];
#pragma unroll 1
  for (int g = threadIdx.x; g < groups; g += blockDim.x) sums[g] = 0;

  const int step = blockDim.x * CHUNK;
  uint4 held[HELD];
  Range range{0.0f, 0.0f, 0};
#pragma unroll
  for (int i = 0; i < HELD; i++) {
    int k = threadIdx.x * CHUNK + i * step;
    held[i] = make_uint4(0, 0, 0, 0);
    if (k < columns) held[i] = *reinterpret_cast<const uint4*>(x + k);
    include<T>(range, held[i], columns - k);
  }
#pragma unroll 1
  for (int k = threadIdx.x * CHUNK + HELD * step; k < columns; k += step) {
    include<T>(range, *reinterpret_cast<const uint4*>(x + k), columns - k);
  }
  range = combine(range);
  const float scale = scale_of(range, symmetric, bits);
  const int most = (1 << bits) - 1;
  const int zero = symmetric ? 1 << (bits - 1) : min(max(-__float2int_rn(__fdiv_rn(range.nan ? scale : range.low, scale)), 0), most);

  int whole = 0;
  // Whole warps go round together, for the sums.
  auto chunk = [&](const uint4& values, int k) {
    int sum = 0;
    if (k < padded) sum = encode<T>(values, columns - k, scale, zero, bits, codes + k);
    whole += sum;
    if (groups > 1) add_to_group(sums, group, k, sum, k < columns);
  };
#pragma unroll
  for (int i = 0; i < HELD; i++) {
    if (i * step < padded) chunk(held[i], threadIdx.x * CHUNK + i * step);
  }
#pragma unroll 1
  for (int first = HELD * step; first < padded; first += step) {
    int k = threadIdx.x * CHUNK + first;
    uint4 values = make_uint4(0, 0, 0, 0);
    if (k < columns) values = *reinterpret_cast<const uint4*>(x + k);
    chunk(values, k);
  }
  if (groups == 1) {
    whole = __reduce_add_sync(FULL, whole);
    if (lane_id() == 0) atomicAdd(&sums[0], whole);
  }
  __syncthreads();
#pragma unroll 1
  for (int g = threadIdx.x; g < groups; g += blockDim.x) sums_out[g] = sums[g];
  if (threadIdx.x == 0) {
    *scale_out = scale;
    *zero_out = zero - (1 << (bits - 1));
  }
}

#define QUANTIZE_TOKENS(name, T)                                                                                       \
  KERNEL __launch_bounds__(MOST_WARPS* WARP)                                                                           \
      quantize_tokens_##name(const T* x, int columns, int stride, int padded, int bits, int symmetric, int group,      \
                             int groups, int8_t* codes, float* scales, int* zeros, int* sums) {                        \
    const size_t row = blockIdx.x;                                                                                     \
    quantize_row<T>(x + row * stride, columns, padded, bits, symmetric != 0, group, groups, codes + row * padded,      \
                    scales + row, zeros + row, sums + row * groups);                                                   \
  }

QUANTIZE_TOKENS(f16, half_t)
QUANTIZE_TOKENS(bf16, bfloat_t)
