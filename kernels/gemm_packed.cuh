// SPDX-License-Identifier: Apache-2.0
// out[M, N] = x[M, K] w[N, K]^T + bias[N] with w = (code - zero) * scale: what gemm_w4a16.cu and gemm_w8a16.cu share.
//
// Codes lie as tensor-core fragments (FragmentLayout.java): tiles [N / 64][K / 64][4 strips of 16 features], a strip's
// 64 k as one (4 bits) or two (8 bits) runs of 32 lanes of 16 bytes. Grids are pairs {scale, zero}, fp16 or fp32, as
// [N / 16 strips][groups][16 features]. x and out are rows of 16-bit numbers.
//
// Features are the 16 rows of the mma, tokens its 8 columns: few tokens waste little, and unpacked codes are the A
// operand as they are. A warp owns one strip and all tokens of its block, so no code is read twice and no sum crosses
// warps. Everything comes through cp.async, also the codes, which no other warp needs: the depth of the pipeline costs
// no registers that way, and one 16-byte shared load gives a lane 32 weights (4 bits). Up to 16 tokens a block has 4
// warps, for many small blocks; beyond that 8, so that a tile of x serves 128 features: at 64 tokens x weighs more on
// the L2 cache than the codes do.
//
// The mma sees code - zero, an integer that both 16-bit types hold exactly; a group is summed in fp32 and enters the
// total as fmaf(scale, group, total). K is cut into segments that are summed from zero and added in order. A block
// either runs all segments, or one and writes it to partials, which a second kernel adds in the same order.
#pragma once
#include "common.cuh"

// x [tokens, inputs] and out [tokens, outputs] of T, strides in elements; bias or null; partials or null:
// [segments, tokens, outputs padded to 64] in fp32; segment: k per segment, a multiple of 64.
#define GEMM_PACKED_PARAMETERS(T)                                                                            \
  const T *x, const void *codes, const void *grids, const T *bias, T *out, float *partials, int xStride,     \
      int outStride, int tokens, int outputs, int inputs, int groupSize, int segment, int floatScales

constexpr unsigned STEP = 64;

extern __shared__ __align__(16) char stages[];

// The value, computed here and once: the compiler would compute what follows from the lane in each turn of a loop.
__device__ __forceinline__ uint32_t keep(uint32_t value) {
  uint32_t kept;
  asm volatile("mov.b32 %0, %1;" : "=r"(kept) : "r"(value));
  return kept;
}
// Addresses in shared memory as numbers, which take one addition to move from stage to stage.
__device__ __forceinline__ uint32_t shared_address(int offset) {
  return keep((uint32_t)__cvta_generic_to_shared(stages) + offset);
}
__device__ __forceinline__ char* shared_pointer(uint32_t address) { return (char*)__cvta_shared_to_generic(address); }

constexpr uint32_t EXACT_HALF = 0x64006400u;      // fp16 1024: the low 8 bits of the mantissa count ones
constexpr uint32_t EXACT_BFLOAT = 0x43004300u;    // bf16 128: the 7 bits of the mantissa count ones

// A block's tile. PackedGemm.java computes the same sizes. FINE: groups may end at any multiple of 16.
template <int BITS, int TOKENS, bool FINE>
struct Tile {
  static constexpr int WARPS = TOKENS <= 16 ? 4 : 8;
  static constexpr int THREADS = WARPS * WARP;
  static constexpr int FEATURES = 16 * WARPS;
  static constexpr int STAGES = TOKENS <= 16 ? 5 : 4;
  static constexpr int STRIP_BYTES = 16 * STEP * BITS / 8;
  // Room for the pairs of the groups that one step can touch, in fp32.
  static constexpr int GRID_BYTES = (FINE ? 4 : 1) * 16 * 8;
  static constexpr int X_BYTES = TOKENS * STEP * 2;
  static constexpr int STAGE_BYTES = X_BYTES + WARPS * (STRIP_BYTES + GRID_BYTES);
  // Rows of the staged result: 16 bytes more than they hold, so that the 8 x 4 lanes of a fragment meet all banks.
  static constexpr int OUT_ROW = FEATURES + 8;
  // A lane's part of its strip's codes and pairs in a stage.
  static __device__ __forceinline__ int codes_offset() {
    return X_BYTES + threadIdx.x / WARP * STRIP_BYTES + lane_id() * 16;
  }
  static __device__ __forceinline__ int grid_offset(int laneBytes) {
    return X_BYTES + WARPS * STRIP_BYTES + threadIdx.x / WARP * GRID_BYTES + laneBytes;
  }
  static_assert(TOKENS * OUT_ROW * 2 <= STAGES * STAGE_BYTES, "the result is staged where the pipeline was");
};

// ---- Codes to 16-bit integers --------------------------------------------------------------------------------------

// (a & MASK) | ONES
template <uint32_t MASK, uint32_t ONES>
__device__ __forceinline__ uint32_t and_or(uint32_t a) {
  uint32_t d;
  asm("lop3.b32 %0, %1, %2, %3, 0xEA;" : "=r"(d) : "r"(a), "n"(MASK), "n"(ONES));
  return d;
}
// (~a & MASK) | ONES
template <uint32_t MASK, uint32_t ONES>
__device__ __forceinline__ uint32_t not_and_or(uint32_t a) {
  uint32_t d;
  asm("lop3.b32 %0, %1, %2, %3, 0xAE;" : "=r"(d) : "r"(a), "n"(MASK), "n"(ONES));
  return d;
}

// a * b + c in pairs, rounded once; all results here are exact. bf16 has no other addition before sm_90.
template <class T>
__device__ __forceinline__ uint32_t fma2(uint32_t a, uint32_t b, uint32_t c);
template <>
__device__ __forceinline__ uint32_t fma2<half_t>(uint32_t a, uint32_t b, uint32_t c) {
  uint32_t d;
  asm("fma.rn.f16x2 %0, %1, %2, %3;" : "=r"(d) : "r"(a), "r"(b), "r"(c));
  return d;
}
template <>
__device__ __forceinline__ uint32_t fma2<bfloat_t>(uint32_t a, uint32_t b, uint32_t c) {
  uint32_t d;
  asm("fma.rn.bf16x2 %0, %1, %2, %3;" : "=r"(d) : "r"(a), "r"(b), "r"(c));
  return d;
}

// What is added to a biased code of the strip's rows g (low) and g + 8 (high), and their scales.
struct Grid {
  uint32_t low, high;
  float lowScale, highScale;
};

template <int BITS, class T>
struct Codes;

// fp16 holds 1024 + v in its mantissa, and 1024 + 16 v just as well: the nibbles of registers 1 and 3, row g + 8, stay
// where they are and the multiplication moves them: (1024 + 16 v) / 16 - (64 + zero).
template <>
struct Codes<4, half_t> {
  static __device__ __forceinline__ uint32_t low_offset(float zero) {
    return pack<half_t>(-1024.f - zero, -1024.f - zero);
  }
  static __device__ __forceinline__ uint32_t high_offset(float zero) {
    return pack<half_t>(-64.f - zero, -64.f - zero);
  }
  static __device__ __forceinline__ void unpack(uint32_t (&a)[4], const uint32_t* words, int step, const Grid& grid) {
    constexpr uint32_t ONE = 0x3c003c00u, SIXTEENTH = 0x2c002c00u;
    uint32_t w = words[step];
    a[0] = fma2<half_t>(and_or<0x000f000f, EXACT_HALF>(w), ONE, grid.low);
    a[1] = fma2<half_t>(and_or<0x00f000f0, EXACT_HALF>(w), SIXTEENTH, grid.high);
    w >>= 8;
    a[2] = fma2<half_t>(and_or<0x000f000f, EXACT_HALF>(w), ONE, grid.low);
    a[3] = fma2<half_t>(and_or<0x00f000f0, EXACT_HALF>(w), SIXTEENTH, grid.high);
  }
};

template <>
struct Codes<4, bfloat_t> {
  static __device__ __forceinline__ uint32_t low_offset(float zero) {
    return pack<bfloat_t>(-128.f - zero, -128.f - zero);
  }
  static __device__ __forceinline__ uint32_t high_offset(float zero) { return low_offset(zero); }
  static __device__ __forceinline__ void unpack(uint32_t (&a)[4], const uint32_t* words, int step, const Grid& grid) {
    constexpr uint32_t ONE = 0x3f803f80u;
    uint32_t w = words[step];
#pragma unroll
    for (int i = 0; i < 4; i++)
      a[i] = fma2<bfloat_t>(and_or<0x000f000f, EXACT_BFLOAT>(w >> 4 * i), ONE, i % 2 ? grid.high : grid.low);
  }
};

template <>
struct Codes<8, half_t> {
  static __device__ __forceinline__ uint32_t low_offset(float zero) {
    return pack<half_t>(-1024.f - zero, -1024.f - zero);
  }
  static __device__ __forceinline__ uint32_t high_offset(float zero) { return low_offset(zero); }
  static __device__ __forceinline__ void unpack(uint32_t (&a)[4], const uint32_t* words, int step, const Grid& grid) {
    constexpr uint32_t ONE = 0x3c003c00u;
#pragma unroll
    for (int i = 0; i < 4; i++) {
      // Two bytes, each with the upper byte of 1024 above it.
      uint32_t biased = __byte_perm(words[2 * step + i / 2], EXACT_HALF, i % 2 ? 0x7372 : 0x7170);
      a[i] = fma2<half_t>(biased, ONE, i % 2 ? grid.high : grid.low);
    }
  }
};

// bf16's mantissa is a bit short of a byte u: 128 + (u & 127), minus 128 or, where u has no bit 7, 256, is u - 128;
// subtracting zero - 128 from that is exact again.
template <>
struct Codes<8, bfloat_t> {
  static __device__ __forceinline__ uint32_t low_offset(float zero) {
    return pack<bfloat_t>(128.f - zero, 128.f - zero);
  }
  static __device__ __forceinline__ uint32_t high_offset(float zero) { return low_offset(zero); }
  static __device__ __forceinline__ void unpack(uint32_t (&a)[4], const uint32_t* words, int step, const Grid& grid) {
    constexpr uint32_t ONE = 0x3f803f80u, MINUS_ONE = 0xbf80bf80u;
#pragma unroll
    for (int i = 0; i < 4; i++) {
      uint32_t bytes = __byte_perm(words[2 * step + i / 2], 0, i % 2 ? 0x4342 : 0x4140);
      uint32_t mantissa = and_or<0x007f007f, EXACT_BFLOAT>(bytes);
      uint32_t sign = not_and_or<0x00800080, EXACT_BFLOAT>(bytes);
      a[i] = fma2<bfloat_t>(fma2<bfloat_t>(sign, MINUS_ONE, mantissa), ONE, i % 2 ? grid.high : grid.low);
    }
  }
};

// The grid of a lane's two rows: the pair at an address in shared memory and the one 8 pairs further on.
template <int BITS, class T>
__device__ __forceinline__ Grid read_grid(const char* pair, int floatScales) {
  float2 low, high;
  if (floatScales) {
    low = reinterpret_cast<const float2*>(pair)[0];
    high = reinterpret_cast<const float2*>(pair)[8];
  } else {
    low = unpack<half_t>(reinterpret_cast<const uint32_t*>(pair)[0]);
    high = unpack<half_t>(reinterpret_cast<const uint32_t*>(pair)[8]);
  }
  return {Codes<BITS, T>::low_offset(low.y), Codes<BITS, T>::high_offset(high.y), low.x, high.x};
}

// ---- The pipeline's loading side -----------------------------------------------------------------------------------

// Copies of one thread, stage after stage from k = begin on.
template <int BITS, class T, int TOKENS, bool FINE>
struct Loader {
  using L = Tile<BITS, TOKENS, FINE>;
  static constexpr int X_COPIES = ceil_div(TOKENS * 8, L::THREADS);
  static constexpr int X_ROWS = L::THREADS / 8;

  const T* x[X_COPIES];
  int xLeft[X_COPIES];  // bytes of the row from here on, below 1 where there is none
  uint32_t xTo, codesTo, gridTo;  // in the first stage
  const char* codes;
  const char* grids;
  int groupSize;
  size_t groupBytes;
  int groupsLeft, groupOfLane;  // FINE: groups of the strip from the current one on, which of them the lane copies
  int into;        // FINE: k between the start of the current group and that of the stage
  int untilGrid, nextGroup;  // else: k until a stage brings a grid, and from there to the next
  uint32_t holdsGrid;
  bool active;

  __device__ __forceinline__ Loader(const T* allX, const void* allCodes, const void* allGrids, int xStride, int tokens,
                                    int inputs, int groupSize, int floatScales, int begin, int strip, bool active)
      : groupSize(groupSize), groupBytes((size_t)keep(64 << floatScales)), untilGrid(0), active(active) {
    int row = threadIdx.x / 8, chunk = threadIdx.x % 8, lane = lane_id();
    xTo = shared_address(row * 128 + (chunk ^ row % 8) * 16);
    codesTo = shared_address(L::codes_offset());
    gridTo = shared_address(L::grid_offset(lane * 16));
#pragma unroll
    for (int i = 0; i < X_COPIES; i++) {
      int token = blockIdx.x * TOKENS + row + i * X_ROWS;
      xLeft[i] = token < tokens ? (inputs - begin - 8 * chunk) * 2 : 0;
      x[i] = allX + (size_t)min(token, tokens - 1) * xStride + begin + 8 * chunk;
    }
    size_t tile = (size_t)((unsigned)strip / 4) * ceil_div((unsigned)inputs, STEP) + (unsigned)begin / STEP;
    codes = (const char*)allCodes + (tile * 4 + (unsigned)strip % 4) * L::STRIP_BYTES + lane * 16;
    int groups = inputs / groupSize, group = begin / groupSize;
    into = begin - group * groupSize;
    groupsLeft = groups - group;
    if (FINE) groupOfLane = keep(lane >> (2 + floatScales));
    nextGroup = groupSize - into;
    if (!FINE) holdsGrid = keep(lane * 16 < (int)groupBytes);
    grids = (const char*)allGrids + ((size_t)strip * groups + group) * groupBytes + lane * 16;
  }

  __device__ __forceinline__ void load(uint32_t stage) {
    if (TOKENS * 8 >= L::THREADS || threadIdx.x < TOKENS * 8) {
#pragma unroll
      for (int i = 0; i < X_COPIES; i++) {
        copy16(shared_pointer(xTo + stage) + i * X_ROWS * 128, x[i], max(0, min(16, xLeft[i])));
        x[i] += STEP;
        xLeft[i] -= STEP * 2;
      }
    }
    if (!active) return;
    char* to = shared_pointer(codesTo + stage);
#pragma unroll
    for (int i = 0; i < L::STRIP_BYTES; i += WARP * 16) copy16(to + i, codes + i);
    codes += 4 * L::STRIP_BYTES;

    if (FINE) {
      // All groups that the stage touches, at most 4: two starts are 16 k apart at least.
      if (groupOfLane < groupsLeft && groupOfLane * groupSize < into + STEP)
        copy16(shared_pointer(gridTo + stage), grids);
      for (into += STEP; into >= groupSize; into -= groupSize) {
        grids += groupBytes;
        groupsLeft--;
      }
    } else {
      if (untilGrid == 0) {
        if (holdsGrid) copy16(shared_pointer(gridTo + stage), grids);
        grids += groupBytes;
        untilGrid = nextGroup;
        nextGroup = groupSize;
      }
      untilGrid -= STEP;
    }
  }
};

// ---- The sums ------------------------------------------------------------------------------------------------------

// Sums of a warp's strip: [n8 tile][row g: tokens 2t, 2t + 1; row g + 8: the same].
template <int TILES>
struct Sums {
  float group[TILES][4], total[TILES][4], all[TILES][4];

  __device__ __forceinline__ Sums() {
#pragma unroll
    for (int n = 0; n < TILES; n++)
#pragma unroll
      for (int i = 0; i < 4; i++) group[n][i] = total[n][i] = all[n][i] = 0.f;
  }
  __device__ __forceinline__ void end_group(const Grid& grid) {
#pragma unroll
    for (int n = 0; n < TILES; n++)
#pragma unroll
      for (int i = 0; i < 4; i++) {
        total[n][i] = fmaf(i < 2 ? grid.lowScale : grid.highScale, group[n][i], total[n][i]);
        group[n][i] = 0.f;
      }
  }
  __device__ __forceinline__ void end_segment() {
#pragma unroll
    for (int n = 0; n < TILES; n++)
#pragma unroll
      for (int i = 0; i < 4; i++) {
        all[n][i] = all[n][i] + total[n][i];
        total[n][i] = 0.f;
      }
  }
};

// What a warp makes of the stages, in order of k.
template <int BITS, class T, int TOKENS, bool FINE>
struct Strip {
  using L = Tile<BITS, TOKENS, FINE>;
  static constexpr int TILES = TOKENS / 8;

  Sums<TILES> sums;
  Grid grid;
  int groupSize, floatScales;
  int segment;
  int segmentLeft;  // k to the end of the segment
  int into, left;   // FINE: k of the current group that are done, and k of the block that are not
  // Else: k to the next end of a group or segment; groupLeft and segmentLeft as of the one before.
  int untilEnd, groupLeft;
  int fresh;  // the next stage brings another grid
  uint32_t codesAt, xAt[2], gridAt;  // in the first stage

  __device__ __forceinline__ Strip(int groupSize, int floatScales, int begin, int end, int segment)
      : groupSize(groupSize), floatScales(floatScales), segment(segment), segmentLeft(segment), into(begin % groupSize),
        left(end - begin), fresh(1) {
    groupLeft = groupSize - into;
    untilEnd = min(groupLeft, segmentLeft);
    int lane = lane_id();
    codesAt = shared_address(L::codes_offset());
    gridAt = shared_address(L::grid_offset(threadIdx.x / 4 % 8 * 4 << floatScales));
    // Rows of the four 8 x 8 matrices that hold 32 k of 8 tokens.
    int row = lane % 8 * 128 + (threadIdx.x / 8 % 4 ^ lane % 8) * 16;
    xAt[0] = shared_address(row);
    xAt[1] = shared_address(row ^ 64);
  }

  __device__ __forceinline__ void add(uint32_t stage) {
    const char* codes = shared_pointer(codesAt + stage);
    const char* pairs = shared_pointer(gridAt + stage);
    uint32_t words[BITS];
#pragma unroll
    for (int i = 0; i < BITS / 4; i++)
      reinterpret_cast<uint4*>(words)[i] = *reinterpret_cast<const uint4*>(codes + i * WARP * 16);
    if (!FINE && fresh) {
      grid = read_grid<BITS, T>(pairs, floatScales);
      fresh = 0;
    }

#pragma unroll
    for (int half = 0; half < 2; half++) {
      const char* x = shared_pointer(xAt[half] + stage);
      if (FINE) {
        steps_with_ends(words, 2 * half, x, pairs);
      } else {
        uint32_t a[2][4];
        Codes<BITS, T>::unpack(a[0], words, 2 * half, grid);
        Codes<BITS, T>::unpack(a[1], words, 2 * half + 1, grid);
#pragma unroll
        for (int n = 0; n < TILES; n++) {
          uint32_t b[4];
          load_matrices(b, x + n * 8 * 128);
          mma<T>(sums.group[n], a[0], {b[0], b[1]});
          mma<T>(sums.group[n], a[1], {b[2], b[3]});
        }
      }
    }
    if (FINE) {
      left -= STEP;
      segmentLeft -= STEP;
      if (segmentLeft != 0) return;
      if (into != 0) sums.end_group(grid);
    } else {
      untilEnd -= STEP;
      if (untilEnd > 0) return;
      sums.end_group(grid);
      int done = min(groupLeft, segmentLeft);
      groupLeft -= done;
      segmentLeft -= done;
      if (groupLeft == 0) {
        groupLeft = groupSize;
        fresh = 1;
      }
    }
    if (segmentLeft == 0) {
      sums.end_segment();
      segmentLeft = segment;
    }
    untilEnd = min(groupLeft, segmentLeft);
  }

  // Two steps of 16 k, after each of which a group may end; pairs moves on to the group that follows.
  __device__ __forceinline__ void steps_with_ends(const uint32_t* words, int first, const char* x, const char*& pairs) {
    uint32_t b[TILES][4];
#pragma unroll
    for (int n = 0; n < TILES; n++) load_matrices(b[n], x + n * 8 * 128);
#pragma unroll
    for (int s = 0; s < 2; s++) {
      if (16 * (first + s) >= left) return;
      if (first + s == 0 || into == 0) grid = read_grid<BITS, T>(pairs, floatScales);
      uint32_t a[4];
      Codes<BITS, T>::unpack(a, words, first + s, grid);
#pragma unroll
      for (int n = 0; n < TILES; n++) mma<T>(sums.group[n], a, {b[n][2 * s], b[n][2 * s + 1]});
      into += 16;
      if (into == groupSize) {
        sums.end_group(grid);
        into = 0;
        pairs += 64 << floatScales;
      }
    }
  }
};

// ---- The kernels ---------------------------------------------------------------------------------------------------

// Grid [token tiles, feature tiles, 1 or segments]: blocks that share codes are neighbours in time.
template <int BITS, class T, int TOKENS, bool FINE>
__device__ __forceinline__ void gemm_packed(GEMM_PACKED_PARAMETERS(T)) {
  using L = Tile<BITS, TOKENS, FINE>;
  int warp = threadIdx.x / WARP;
  int strip = blockIdx.y * L::WARPS + warp;
  // Features are padded to 64: only the larger tiles can have strips beyond.
  bool active = L::FEATURES == 64 || strip < ceil_div((unsigned)outputs, 64u) * 4;
  int begin = blockIdx.z * segment;
  int end = partials ? min(begin + segment, inputs) : inputs;
  int steps = ceil_div((unsigned)(end - begin), STEP);

  Loader<BITS, T, TOKENS, FINE> loader(x, codes, grids, xStride, tokens, inputs, groupSize, floatScales, begin, strip,
                                       active);
  Strip<BITS, T, TOKENS, FINE> work(groupSize, floatScales, begin, end, segment);
#pragma unroll 1
  for (int i = 0; i < L::STAGES - 1; i++) {
    if (i < steps) loader.load(i * L::STAGE_BYTES);
    commit_copies();
  }
  constexpr uint32_t LAST = (L::STAGES - 1) * L::STAGE_BYTES;
  uint32_t use = 0, fill = LAST;
  for (int left = steps; left > 0; left--) {
    wait_copies<L::STAGES - 2>();
    // Also: nobody works any more on the stage that is filled next.
    __syncthreads();
    if (left > L::STAGES - 1) loader.load(fill);
    commit_copies();
    if (active) work.add(use);
    fill = use;
    use = keep(use == LAST ? 0 : use + L::STAGE_BYTES);
  }
  work.sums.end_segment();

  int firstToken = blockIdx.x * TOKENS, t = lane_id() % 4, lane_row = threadIdx.x / 4 % 8;
  if (partials) {
    // 8 neighbouring features are a sector.
    size_t padded = (size_t)ceil_div((unsigned)outputs, 64u) * 64;
    float* to = partials + (size_t)blockIdx.z * tokens * padded + strip * 16 + lane_row;
#pragma unroll
    for (int n = 0; n < TOKENS / 8; n++)
#pragma unroll
      for (int i = 0; i < 4; i++) {
        int token = firstToken + 8 * n + 2 * t + i % 2;
        if (active && token < tokens) to[token * padded + i / 2 * 8] = work.sums.all[n][i];
      }
    return;
  }

  __syncthreads();
  T* staged = reinterpret_cast<T*>(stages);
  float added[2] = {0.f, 0.f};
  if (bias) {
#pragma unroll
    for (int i = 0; i < 2; i++) {
      // Nobody writes the features behind the last.
      added[i] = to_float(bias[min(strip * 16 + lane_row + 8 * i, outputs - 1)]);
    }
  }
#pragma unroll
  for (int n = 0; n < TOKENS / 8; n++)
#pragma unroll
    for (int i = 0; i < 4; i++)
      staged[(8 * n + 2 * t + i % 2) * L::OUT_ROW + warp * 16 + lane_row + i / 2 * 8] =
          from_float<T>(work.sums.all[n][i] + added[i / 2]);
  __syncthreads();
  constexpr int CHUNKS = L::FEATURES / 8;
#pragma unroll
  for (int i = 0; i < TOKENS * CHUNKS; i += L::THREADS) {
    int row = (i + threadIdx.x) / CHUNKS, column = (i + threadIdx.x) % CHUNKS * 8;
    int token = firstToken + row, feature = blockIdx.y * L::FEATURES + column;
    if (row >= TOKENS || token >= tokens) continue;
    const T* from = staged + row * L::OUT_ROW + column;
    T* to = out + (size_t)token * outStride + feature;
    if (feature + 8 <= outputs) {
      *reinterpret_cast<uint4*>(to) = *reinterpret_cast<const uint4*>(from);
    } else {
#pragma unroll 1
      for (int j = 0; feature + j < outputs; j++) to[j] = from[j];
    }
  }
}

// Adds the segments in order. Grid [features / (4 threads), tokens]: a thread has 4 neighbouring features of a token.
template <class T>
__device__ __forceinline__ void gemm_packed_sum(const float* partials, const T* bias, T* out, int segments, int outputs,
                                                int outStride) {
  int feature = (blockIdx.x * blockDim.x + threadIdx.x) * 4;
  if (feature >= outputs) return;
  size_t padded = (size_t)ceil_div((unsigned)outputs, 64u) * 64;
  const float* from = partials + blockIdx.y * padded + feature;
  float sum[4] = {0.f, 0.f, 0.f, 0.f};
  for (int s = 0; s < segments; s++) {
    float4 part = *reinterpret_cast<const float4*>(from);
    sum[0] += part.x;
    sum[1] += part.y;
    sum[2] += part.z;
    sum[3] += part.w;
    from += gridDim.y * padded;
  }
  T* to = out + (size_t)blockIdx.y * outStride + feature;
  if (bias) {
#pragma unroll
    for (int i = 0; i < 4; i++) sum[i] += to_float(bias[min(feature + i, outputs - 1)]);
  }
  if (feature + 4 <= outputs) {
    *reinterpret_cast<uint2*>(to) = make_uint2(pack<T>(sum[0], sum[1]), pack<T>(sum[2], sum[3]));
  } else {
#pragma unroll
    for (int i = 0; i < 3; i++) {
      if (feature + i < outputs) to[i] = from_float<T>(sum[i]);
    }
  }
}

#define GEMM_PACKED_SUM_THREADS 128
#define GEMM_PACKED_ENTRY(FAMILY, BITS, TYPE, T, TOKENS, VARIANT, FINE)                                        \
  KERNEL __launch_bounds__(Tile<BITS, TOKENS, FINE>::THREADS)                                                  \
      FAMILY##_##TYPE##_t##TOKENS##VARIANT(GEMM_PACKED_PARAMETERS(T)) {                                        \
    gemm_packed<BITS, T, TOKENS, FINE>(x, codes, grids, bias, out, partials, xStride, outStride, tokens,       \
                                       outputs, inputs, groupSize, segment, floatScales);                      \
  }
#define GEMM_PACKED_ENTRIES(FAMILY, BITS, TYPE, T)                                                             \
  GEMM_PACKED_ENTRY(FAMILY, BITS, TYPE, T, 8, , false)                                                         \
  GEMM_PACKED_ENTRY(FAMILY, BITS, TYPE, T, 16, , false)                                                        \
  GEMM_PACKED_ENTRY(FAMILY, BITS, TYPE, T, 32, , false)                                                        \
  GEMM_PACKED_ENTRY(FAMILY, BITS, TYPE, T, 64, , false)                                                        \
  GEMM_PACKED_ENTRY(FAMILY, BITS, TYPE, T, 8, _fine, true)                                                     \
  GEMM_PACKED_ENTRY(FAMILY, BITS, TYPE, T, 16, _fine, true)                                                    \
  GEMM_PACKED_ENTRY(FAMILY, BITS, TYPE, T, 32, _fine, true)                                                    \
  GEMM_PACKED_ENTRY(FAMILY, BITS, TYPE, T, 64, _fine, true)                                                    \
  KERNEL __launch_bounds__(GEMM_PACKED_SUM_THREADS)                                                            \
      FAMILY##_##TYPE##_sum(const float* partials, const T* bias, T* out, int segments, int outputs,           \
                            int outStride) {                                                                   \
    gemm_packed_sum<T>(partials, bias, out, segments, outputs, outStride);                                     \
  }
