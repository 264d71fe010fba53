// SPDX-License-Identifier: Apache-2.0
// Causal attention of few query rows over a paged cache (the order of the sums: attention.cuh), in two launches.
//
// decode: a block takes 16 query rows of one kvHead and span and one chunk of 8 pages, so that a long context is read
// by many blocks at once. The 4 warps share a page by its tokens for scores and by the numbers of a head for sums; the
// rounded weights change hands in shared memory. It writes each row's maximum, sum of weights and unnormalised sums.
// combine: merges a row's chunks in order. Both give the bits of the prefill kernel.
#include "attention.cuh"

template <class T, int DIM>
struct Decode {
  static constexpr int WARPS = 4;
  static constexpr int THREADS = WARPS * WARP;
  static constexpr int ROWS = 16;
  static constexpr int UNITS = DIM / 8;
  static constexpr int PAIRS = ceil_div(UNITS / 2, WARPS);  // of units, of a warp
  static constexpr int TILE = PAGE * STRIDE<DIM>;
  static constexpr int WEIGHT_STRIDE = PAGE + 8;

  const Attention& a;
  Tile tile;
  T *queries, *keys, *values, *weights;
  float* tops;  // [warp][row] maximum of a warp's scores
  float scores[2][4];
  float sums[PAIRS][2][4];
  float weight[4];
  float maximum[2];

  __device__ Decode(const Attention& a, char* shared) : a(a), tile(a, blockIdx.x, ROWS) {
    tops = reinterpret_cast<float*>(shared);
    queries = reinterpret_cast<T*>(tops + WARPS * ROWS);
    weights = queries + ROWS * STRIDE<DIM>;
    keys = weights + ROWS * WEIGHT_STRIDE;
    values = keys + TILE;
  }

  __device__ static int warp() { return threadIdx.x / WARP; }

  __device__ void run() {
    if (tile.rows <= 0) return;
    int chunk = blockIdx.z;
    int page = max(page_at(first_visible(a, tile.low)), chunk * CHUNK_PAGES);
    int last = min(page_at(tile.high), chunk * CHUNK_PAGES + CHUNK_PAGES - 1);
    if (page > last) return;
    load_queries();
    Rows rows(a, tile, lane_id() / 4);
#pragma unroll
    for (int p = 0; p < PAIRS; p++) {
#pragma unroll
      for (int e = 0; e < 8; e++) sums[p][e / 4][e % 4] = 0.0f;
    }
    weight[0] = weight[1] = weight[2] = weight[3] = 0.0f;
    maximum[0] = maximum[1] = LOWEST;
    queue_keys_unless_packed(page);
#pragma unroll 1
    do {
      visit(rows, page, last);
    } while (page++ < last);
    store(chunk);
  }

  __device__ void load_queries() {
#pragma unroll
    for (int i = 0; i < ceil_div(ROWS * UNITS, THREADS); i++) {
      unsigned c = threadIdx.x + i * THREADS;
      int row = c / UNITS, column = 8 * (c % UNITS);
      bool used = row < tile.rows && column < a.dim;
      const T* from = static_cast<const T*>(a.q) + tile.place(a, row, a.q_stride) + column;
      if (row < ROWS) copy16(queries + row * STRIDE<DIM> + column, from, used ? 16 : 0);
    }
    commit_copies();
  }

  __device__ void queue_keys_unless_packed(int page) {
    if (!Forms(a.keys, KEYS, tile, page * PAGE).packed) {
      Source<T> source(a, a.keys, tile, page, KEYS);
      queue_exact<T, DIM, THREADS>(keys, source.exact, source.exact_tokens, a.dim);
    }
  }

  __device__ void queue_values(const Source<T>& value) {
    queue_exact<T, DIM, THREADS>(values, value.exact, value.exact_tokens, a.dim);
  }

  __device__ void visit(const Rows& rows, int page, int last) {
    int start = page * PAGE;
    Forms key_forms(a.keys, KEYS, tile, start), value_forms(a.values, VALUES, tile, start);
    Source<T> key(a, a.keys, tile, page, KEYS), value(a, a.values, tile, page, VALUES);
    if (key_forms.packed) {
      if (a.keys.group) {
        fill_by_token<T, DIM, THREADS, false>(keys, a.keys, key.codes, key.pairs, key.packed_tokens, a.dim);
      } else {
        fill_by_channel<T, DIM, THREADS>(keys, a.keys, key.codes, key.pairs, key.packed_tokens, a.dim);
      }
    }
    unsigned long long bad_packed = flagged(value.packed_flags, value.packed_tokens);
    unsigned long long bad_exact = value_forms.exact ? flagged(value.exact_flags, value.exact_tokens) : 0;
    wait_copies<0>();
    __syncthreads();  // Keys are there; the values of the page before have been used.
    if (!value_forms.packed) queue_values(value);
#pragma unroll
    for (int n = 0; n < 2; n++) scores[n][0] = scores[n][1] = scores[n][2] = scores[n][3] = 0.0f;
    multiply_keys(scores);
    if (key_forms.packed && key_forms.exact) {
      __syncthreads();
      queue_exact<T, DIM, THREADS>(keys, key.exact, key.exact_tokens, a.dim);
      wait_copies<0>();
      __syncthreads();
      replace_exact(rows, start);
    }
    weigh(rows, start);
    if (value_forms.packed) {
      fill_by_token<T, DIM, THREADS, true>(values, a.values, value.codes, value.pairs, value.packed_tokens, a.dim);
    }
    wait_copies<0>();
    __syncthreads();  // Values and weights are there; the keys have been used.
    if (page < last) queue_keys_unless_packed(page + 1);
    add_values(rows, start, value_forms, value);
    if (bad_packed | bad_exact) {
      if (sees_flag(rows, 0, start, bad_packed, bad_exact)) weight[0] = not_a_number();
      if (sees_flag(rows, 1, start, bad_packed, bad_exact)) weight[2] = not_a_number();
    }
  }

  // Scores of the warp's 16 tokens.
  __device__ void multiply_keys(float (&to)[2][4]) {
    int lane = lane_id();
    const T* query = queries + lane % 16 * STRIDE<DIM> + lane / 16 * 8;
    const T* key = keys + (16 * warp() + lane % 8 + lane / 16 * 8) * STRIDE<DIM> + lane / 8 % 2 * 8;
#pragma unroll
    for (int k = 0; k < DIM; k += 16) {
      uint32_t x[4], y[4];
      load_matrices(x, query + k);
      load_matrices(y, key + k);
      mma<T>(to[0], x, {y[0], y[1]});
      mma<T>(to[1], x, {y[2], y[3]});
    }
  }

  // Position of element e of the warp's scores.
  __device__ static int key_of(int start, int n, int e) {
    return start + 16 * warp() + 8 * n + lane_id() % 4 * 2 + e % 2;
  }

  __device__ void replace_exact(const Rows& rows, int start) {
    float exact[2][4] = {};
    multiply_keys(exact);
#pragma unroll
    for (int e = 0; e < 8; e++) {
      if (key_of(start, e / 4, e) >= rows.exact_key[e / 2 % 2]) scores[e / 4][e % 4] = exact[e / 4][e % 4];
    }
  }

  // Turns scores into weights of the running softmax in shared memory, and scales what has been summed so far.
  __device__ void weigh(const Rows& rows, int start) {
    int lane = lane_id(), row = lane / 4;
    float top[2] = {-INFINITY, -INFINITY};
#pragma unroll
    for (int j = 0; j < 8; j++) {
      int n = j / 4, e = j % 4, i = e / 2, key = key_of(start, n, e);
      float s = logit(scores[n][e], a.scale, rows.slope[i], key - rows.position[i]);
      scores[n][e] = rows.sees(i, key) ? s : -INFINITY;
      top[i] = fmaxf(top[i], scores[n][e]);
    }
#pragma unroll
    for (int i = 0; i < 2; i++) {
      top[i] = fmaxf(top[i], __shfl_xor_sync(FULL, top[i], 1));
      top[i] = fmaxf(top[i], __shfl_xor_sync(FULL, top[i], 2));
      if (lane % 4 == 0) tops[warp() * ROWS + row + 8 * i] = top[i];
    }
    __syncthreads();
    float keep[2];
#pragma unroll
    for (int i = 0; i < 2; i++) {
      float now = maximum[i];
#pragma unroll
      for (int w = 0; w < WARPS; w++) now = fmaxf(now, tops[w * ROWS + row + 8 * i]);
      keep[i] = exp2_approximate(maximum[i] - now);
      maximum[i] = now;
#pragma unroll
      for (int n = 0; n < 2; n++) {
        float low = exp2_approximate(scores[n][2 * i] - now), high = exp2_approximate(scores[n][2 * i + 1] - now);
        T* at = weights + (row + 8 * i) * WEIGHT_STRIDE + key_of(0, n, 0);
        *reinterpret_cast<uint32_t*>(at) = pack<T>(low, high);
      }
    }
#pragma unroll
    for (int p = 0; p < PAIRS; p++) {
#pragma unroll
      for (int e = 0; e < 8; e++) sums[p][e / 4][e % 4] *= keep[e / 2 % 2];
    }
#pragma unroll
    for (int e = 0; e < 4; e++) weight[e] *= keep[e / 2];
  }

  __device__ void add_values(const Rows& rows, int start, const Forms& forms, const Source<T>& value) {
    int lane = lane_id();
    bool both = forms.packed && forms.exact;
    uint32_t one = pack<T>(1.0f, 1.0f);
#pragma unroll 1
    for (int form = 0; form <= (int)both; form++) {
      if (form == 1) {
        __syncthreads();
        queue_values(value);
        wait_copies<0>();
        __syncthreads();
      }
#pragma unroll
      for (int k = 0; k < PAGE; k += 16) {
        uint32_t x[4];
        load_matrices(x, weights + lane % 16 * WEIGHT_STRIDE + lane / 16 * 8 + k);
        if (form == 0) mma<T>(weight, x, {one, one});
        if (both) keep_form(x, rows, start + k, form == 1);
#pragma unroll
        for (int p = 0; p < PAIRS; p++) {
          int unit = 2 * (warp() + p * WARPS);
          if (unit < UNITS) {
            uint32_t y[4];
            load_matrices_transposed(y, values + (k + lane % 16) * STRIDE<DIM> + (unit + lane / 16) * 8);
            mma<T>(sums[p][0], x, {y[0], y[1]});
            mma<T>(sums[p][1], x, {y[2], y[3]});
          }
        }
      }
    }
  }

  // Weights of 16 keys from `first` on, 0 where the row reads the key in the other form.
  __device__ static void keep_form(uint32_t (&x)[4], const Rows& rows, int first, bool exact) {
#pragma unroll
    for (int r = 0; r < 4; r++) {
      int border = rows.exact_value[r % 2], key = first + r / 2 * 8 + lane_id() % 4 * 2;
      if ((key >= border) != exact) x[r] &= 0xffff0000u;
      if ((key + 1 >= border) != exact) x[r] &= 0x0000ffffu;
    }
  }

  __device__ void store(int chunk) {
    int lane = lane_id();
    size_t first = (((size_t)blockIdx.x * gridDim.y + blockIdx.y) * a.chunks + chunk) * a.tile_rows;
#pragma unroll
    for (int i = 0; i < 2; i++) {
      int row = lane / 4 + 8 * i;
      if (row >= tile.rows) continue;
      size_t slot = first + row;
      if (warp() == 0 && lane % 4 == 0) {
        reinterpret_cast<float2*>(a.statistics)[slot] = make_float2(maximum[i], weight[2 * i]);
      }
#pragma unroll
      for (int p = 0; p < PAIRS; p++) {
#pragma unroll
        for (int n = 0; n < 2; n++) {
          int column = (2 * (warp() + p * WARPS) + n) * 8 + lane % 4 * 2;
          if (column < a.dim) {
            *reinterpret_cast<float2*>(a.partial + slot * a.dim + column) =
                make_float2(sums[p][n][2 * i], sums[p][n][2 * i + 1]);
          }
        }
      }
    }
  }
};

// A block merges one row: grid [spans * tiles * tile_rows, kvHeads].
template <class T>
__device__ void combine(const Attention& a) {
  Tile tile(a, blockIdx.x / a.tile_rows, 16);
  int row = blockIdx.x % a.tile_rows;
  if (row >= tile.rows) return;
  size_t first = ((size_t)(blockIdx.x / a.tile_rows) * gridDim.y + blockIdx.y) * a.chunks * a.tile_rows + row;
  T* out = static_cast<T*>(a.out) + tile.place(a, row, a.out_stride);
  for (int column = 2 * threadIdx.x; column < a.dim; column += 2 * blockDim.x) {
    float maximum = LOWEST, weight = 0.0f;
    float2 total = {0.0f, 0.0f};
#pragma unroll 2
    for (int chunk = chunk_at(first_visible(a, tile.low)); chunk <= chunk_at(tile.high); chunk++) {
      size_t slot = first + (size_t)chunk * a.tile_rows;
      float2 statistics = reinterpret_cast<const float2*>(a.statistics)[slot];
      float2 part = *reinterpret_cast<const float2*>(a.partial + slot * a.dim + column);
      float2 factors = merge(maximum, weight, statistics.x, statistics.y);
      total.x = merged(total.x, part.x, factors);
      total.y = merged(total.y, part.y, factors);
    }
    *reinterpret_cast<uint32_t*>(out + column) = pack<T>(quotient(total.x, weight), quotient(total.y, weight));
  }
}

template <class T, int DIM>
__device__ __forceinline__ void decode(const Attention& a) {
  extern __shared__ __align__(16) char shared[];
  Decode<T, DIM>(a, shared).run();
}

#define DECODE(name, T, DIM) \
  KERNEL __launch_bounds__(128, 2) name##_d##DIM(const __grid_constant__ Attention a) { decode<T, DIM>(a); }
#define DECODES(name, T) \
  DECODE(name, T, 64) DECODE(name, T, 80) DECODE(name, T, 96) DECODE(name, T, 128) DECODE(name, T, 256)
DECODES(attention_f16_decode, half_t)
DECODES(attention_bf16_decode, bfloat_t)

KERNEL __launch_bounds__(64) attention_f16_combine(const __grid_constant__ Attention a) { combine<half_t>(a); }
KERNEL __launch_bounds__(64) attention_bf16_combine(const __grid_constant__ Attention a) { combine<bfloat_t>(a); }
