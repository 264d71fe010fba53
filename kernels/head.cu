// SPDX-License-Identifier: Apache-2.0
// What the output layer says about rows of hidden states, without a [tokens, vocabulary] matrix: logits live in one
// block's shared memory, in fp32, and leave it reduced.
//
//   head_targets  each target's own logit
//   head_reduce   per row and 128 vocabulary entries: maximum, sum of exponentials, the best few, and for each target
//                 of the row the entries before it
//   head_combine  per row: the same of the whole vocabulary
//
// A logit sums all of K from low to high in one accumulator, in both kernels, so a target equals its own entry. The
// vocabulary tile is 128 whatever the number of rows, and one warp reduces a row of it, so all results are independent
// of the other rows. Tiles of 8 and 32 tokens serve generation, 128 scoring.
#include "tile_16.cuh"

constexpr int VOCABULARY = 128;  // entries of a tile; HeadReduction.java knows it too
constexpr int MINE = VOCABULARY / WARP;
constexpr int TARGETS = 8;       // targets of a warp
constexpr int TARGET_WARPS = 4;
constexpr int DEPTH = 64;        // k whose loads are in flight while those before are multiplied
constexpr int ROW_WARPS = 4;     // rows of a block that combines

// A logit and its id as integers: the larger `order` comes first, then the smaller id. 0 stands for no entry.
struct Entry {
  uint32_t order;
  int id;
};

// NaN comes before everything, so that it is seen; -0 equals 0.
__device__ __forceinline__ uint32_t order_of(float logit) {
  uint32_t bits = __float_as_uint(logit + 0.0f);
  if (logit != logit) return 0xffffffffu;
  return bits & 0x80000000u ? ~bits : bits | 0x80000000u;
}

__device__ __forceinline__ bool before(Entry a, Entry b) {
  return a.order > b.order || (a.order == b.order && a.id < b.id);
}

// The first of all lanes' entries.
__device__ __forceinline__ Entry first_of_warp(Entry mine) {
  uint32_t order = __reduce_max_sync(FULL, mine.order);
  return {order, __reduce_min_sync(FULL, mine.order == order ? mine.id : INT32_MAX)};
}

// ---- The targets' own logits ----------------------------------------------------------------------------------------

template <class T>
__device__ __forceinline__ uint32_t two(const T* from) {
  return *reinterpret_cast<const uint32_t*>(from);
}
// Two numbers where `left` are inside the row; the others count as zero.
template <class T>
__device__ __forceinline__ uint32_t two(const T* from, int left) {
  return left >= 2 ? two(from) : left == 1 ? *reinterpret_cast<const uint16_t*>(from) : 0;
}

// Both operands of DEPTH k of whole rows, of which rows 8 to 15 of the first are zero.
template <class T>
struct Fragments {
  uint32_t a[DEPTH / 16][4], b[DEPTH / 16][2];

  __device__ __forceinline__ void load(const T* w, const T* h) {
#pragma unroll
    for (int i = 0; i < DEPTH / 16; i++) {
      a[i][0] = two(w + 16 * i), a[i][1] = 0, a[i][2] = two(w + 16 * i + 8), a[i][3] = 0;
      b[i][0] = two(h + 16 * i), b[i][1] = two(h + 16 * i + 8);
    }
  }
};

// Eight targets' weight rows times their eight rows of `hidden`: the diagonal is what is wanted. The other half of the
// tensor-core tile is zero.
template <class T>
__device__ __forceinline__ void targets(const T* hidden, int hidden_stride, const T* weight, int weight_stride,
                                        const int* rows, const int* ids, float* logits, int* ranks, int count,
                                        int columns) {
  int first = (blockIdx.x * TARGET_WARPS + threadIdx.x / WARP) * TARGETS;
  int group = threadIdx.x / 4 % 8, t = lane_id() % 4;
  int target = min(first + group, count - 1);
  const T* h = hidden + (size_t)rows[target] * hidden_stride + 2 * t;
  const T* w = weight + (size_t)ids[target] * weight_stride + 2 * t;
  float d[4] = {0, 0, 0, 0};
  int k = 0, whole = (unsigned)columns / DEPTH * DEPTH;
  Fragments<T> now, next;
  if (whole > 0) next.load(w, h);
#pragma unroll 1
  for (; k < whole; k += DEPTH) {
    now = next;
    if (k + DEPTH < whole) next.load(w + k + DEPTH, h + k + DEPTH);
#pragma unroll
    for (int i = 0; i < DEPTH / 16; i++) mma<T>(d, now.a[i], now.b[i]);
  }
#pragma unroll 1
  for (; k < columns; k += 16) {
    int left = columns - k - 2 * t;
    uint32_t a[4] = {two(w + k, left), 0, two(w + k + 8, left - 8), 0};
    uint32_t b[2] = {two(h + k, left), two(h + k + 8, left - 8)};
    mma<T>(d, a, b);
  }
  if (t == group / 2 && first + group < count) {
    logits[target] = group % 2 ? d[1] : d[0];
    ranks[target] = 0;
  }
}

// ---- One tile of the vocabulary -------------------------------------------------------------------------------------

struct Shape {
  int rows, vocabulary, columns;
  int hidden_stride, weight_stride;
  int best;  // entries kept of each tile and at the end, 0 to 16
};

struct Targets {
  const int* start;  // targets [start[r], start[r + 1]) belong to row r; null without targets
  const int* ids;
  const float* logits;
  int* ranks;  // entries before the target
};

// The entries of this lane's part of a tile row that come before each target of the row.
__device__ __forceinline__ void count_before(const float (&logit)[MINE], int first_id, const Targets& targets,
                                             int row) {
#pragma unroll 1
  for (int i = targets.start[row]; i < targets.start[row + 1]; i++) {
    float target = targets.logits[i];
    int id = targets.ids[i], count = 0;
#pragma unroll
    for (int e = 0; e < MINE; e++) count += logit[e] > target || (logit[e] == target && first_id + e < id);
    count = __reduce_add_sync(FULL, count);
    if (lane_id() == 0 && count > 0) atomicAdd(&targets.ranks[i], count);
  }
}

// Entries behind the vocabulary are -inf with the largest ids, so they come last.
__device__ __forceinline__ void keep_best(const float (&logit)[MINE], int first_id, int best, Entry* to) {
  uint32_t order[MINE];
#pragma unroll
  for (int e = 0; e < MINE; e++) order[e] = order_of(logit[e]);
#pragma unroll 1
  for (int i = 0; i < best; i++) {
    Entry mine = {order[0], first_id};
#pragma unroll
    for (int e = 1; e < MINE; e++) mine = order[e] > mine.order ? Entry{order[e], first_id + e} : mine;
    Entry first = first_of_warp(mine);
#pragma unroll
    for (int e = 0; e < MINE; e++) order[e] = first_id + e == first.id ? 0 : order[e];
    if (lane_id() == 0) to[i] = first;
  }
}

template <class T, class Tile>
__device__ __forceinline__ void reduce(const T* hidden, const T* weight, const int* rows, float2* partials,
                                       Entry* best, const Targets& targets, const Shape& shape) {
  // Four words more than the entries keep both the scattered stores and the 16-byte loads free of conflicts.
  constexpr int ROW = VOCABULARY + 4;
  int first_row = blockIdx.x * Tile::TOKENS, first_entry = blockIdx.y * VOCABULARY;
  typename Tile::Weights w(weight, shape.weight_stride, first_entry, shape.vocabulary, 0, [](int row) { return row; });
  typename Tile::Tokens h(hidden, shape.hidden_stride, first_row, shape.rows, 0, [&](int row) { return rows[row]; });
  int steps = ceil_div((unsigned)shape.columns, (unsigned)STEP);
  typename Tile::Sums logits;
  Tile::multiply(logits, w, h, shape.columns, 0, steps, [](int) {});

  float* tile = reinterpret_cast<float*>(tile_shared);
#pragma unroll
  for (int i = 0; i < Tile::DOWN; i++)
#pragma unroll
    for (int j = 0; j < Tile::ACROSS; j++)
#pragma unroll
      for (int e = 0; e < 4; e++) tile[Tile::token(j, e) * ROW + Tile::feature(i, e)] = logits[i][j][e];
  __syncthreads();

  int first_id = first_entry + lane_id() * MINE;
  for (int t = threadIdx.x / WARP; t < Tile::TOKENS; t += Tile::WARPS) {
    int row = first_row + t;
    if (row >= shape.rows) return;
    float4 four = *reinterpret_cast<const float4*>(tile + t * ROW + lane_id() * MINE);
    float logit[MINE] = {four.x, four.y, four.z, four.w};
#pragma unroll
    for (int e = 0; e < MINE; e++) {
      if (first_id + e >= shape.vocabulary) logit[e] = -INFINITY;
    }
    float maximum = warp_max(fmaxf(fmaxf(logit[0], logit[1]), fmaxf(logit[2], logit[3])));
    // A tile of nothing but -inf has a sum of zeros, not of NaN.
    float base = maximum == -INFINITY ? 0 : maximum;
    float sum = warp_sum((expf(logit[0] - base) + expf(logit[1] - base)) +
                         (expf(logit[2] - base) + expf(logit[3] - base)));
    size_t part = (size_t)row * gridDim.y + blockIdx.y;
    if (lane_id() == 0) partials[part] = make_float2(maximum, sum);
    if (targets.start != nullptr) count_before(logit, first_id, targets, row);
    keep_best(logit, first_id, shape.best, best + part * shape.best);
  }
}

// ---- All tiles of a row ---------------------------------------------------------------------------------------------

__device__ __forceinline__ double warp_sum(double v) {
  for (int o = WARP / 2; o > 0; o /= 2) v += __shfl_xor_sync(FULL, v, o);
  return v;
}

// A warp takes a row; lane l adds tiles l, l + 32, … in order. The sum of exponentials, relative to the maximum, is in
// fp64, each term of it in fp32.
KERNEL __launch_bounds__(ROW_WARPS* WARP)
    head_combine(const float2* partials, const Entry* best, float* maxima, double* sums, Entry* first, int rows,
                 int tiles, int keep) {
  int row = blockIdx.x * ROW_WARPS + threadIdx.x / WARP;
  if (row >= rows) return;
  partials += (size_t)row * tiles;
  best += (size_t)row * tiles * keep;

  float maximum = -INFINITY;
#pragma unroll 1
  for (int i = lane_id(); i < tiles; i += WARP) maximum = fmaxf(maximum, partials[i].x);
  maximum = warp_max(maximum);
  float base = maximum == -INFINITY ? 0 : maximum;
  double sum = 0;
#pragma unroll 1
  for (int i = lane_id(); i < tiles; i += WARP) sum += (double)partials[i].y * (double)expf(partials[i].x - base);
  sum = warp_sum(sum);
  if (lane_id() == 0) {
    maxima[row] = maximum;
    sums[row] = sum;
  }

  Entry last = {0xffffffffu, -1};
#pragma unroll 1
  for (int n = 0; n < keep; n++) {
    // A tile's entries are sorted: its first one behind the last that was taken is its best. There is one, because only
    // n of its `keep` entries can have been taken.
    Entry mine = {0, INT32_MAX};
#pragma unroll 1
    for (int i = lane_id(); i < tiles; i += WARP) {
      const Entry* entry = best + (size_t)i * keep;
#pragma unroll 1
      while (!before(last, *entry)) entry++;
      if (before(*entry, mine)) mine = *entry;
    }
    last = first_of_warp(mine);
    if (lane_id() == 0) first[(size_t)row * keep + n] = last;
  }
}

#define REDUCE(suffix, T, name, ...)                                                                             \
  KERNEL __launch_bounds__(Tile<T, VOCABULARY, __VA_ARGS__>::THREADS)                                            \
      head_##suffix##_reduce_##name(const T* hidden, const T* weight, const int* rows, float2* partials,         \
                                    Entry* best, Targets targets, Shape shape) {                                 \
    reduce<T, Tile<T, VOCABULARY, __VA_ARGS__>>(hidden, weight, rows, partials, best, targets, shape);           \
  }

// Named by tokens: tokens, warps along entries and tokens, stages. HeadReduction.java knows the same numbers.
#define HEAD(suffix, T)                                                                                          \
  KERNEL __launch_bounds__(TARGET_WARPS* WARP)                                                                   \
      head_##suffix##_targets(const T* hidden, int hidden_stride, const T* weight, int weight_stride,            \
                              const int* rows, const int* ids, float* logits, int* ranks, int count,             \
                              int columns) {                                                                     \
    targets(hidden, hidden_stride, weight, weight_stride, rows, ids, logits, ranks, count, columns);             \
  }                                                                                                              \
  REDUCE(suffix, T, 8, 8, 4, 1, 4)                                                                               \
  REDUCE(suffix, T, 32, 32, 4, 1, 4)                                                                             \
  REDUCE(suffix, T, 128, 128, 2, 4, 3)

HEAD(f16, half_t)
HEAD(bf16, bfloat_t)
