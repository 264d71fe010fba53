// SPDX-License-Identifier: Apache-2.0
// Causal attention of many query rows over a paged cache (the order of the sums: attention.cuh).
//
// A block of 4 warps takes 64 query rows of one kvHead and span, 16 a warp, and walks all pages that some row sees. q
// stays in shared memory, a page's keys and values come in by cp.async, or are dequantized on the way; values are on
// their way while scores are computed and the next keys while values are. Scores and weights stay in registers as in
// FlashAttention-2 (Dao 2023): the accumulator of q.k is laid out as the operand of p.v. Sums of finished chunks lie in
// shared memory in the order of threads.
// Heads padded to 256 numbers would take too many registers and more than 99 KB: there a block takes 32 rows, two warps
// share 16 rows and compute the same scores but half of the sums each, and keys and values share one tile.
#include "attention.cuh"

template <class T, int DIM, int WARPS>
struct Prefill {
  static constexpr int THREADS = WARPS * WARP;
  static constexpr int HALVES = DIM == 256 ? 2 : 1;
  static constexpr bool ONE_TILE = HALVES == 2;
  static constexpr int ROWS = WARPS * 16 / HALVES;
  static constexpr int UNITS = DIM / 8;
  static constexpr int OWN = UNITS / HALVES;
  static constexpr int TILE = PAGE * STRIDE<DIM>;

  const Attention& a;
  Tile tile;
  T *queries, *keys, *values;
  float* totals;  // [sums of a thread][thread]
  float scores[8][4];
  uint32_t weights[8][2];  // pairs of rounded exp2(score - maximum), for rows g and g + 8
  float sums[OWN][4];  // of this chunk
  float weight[4];       // sums of the rounded weights, in columns that are all the same
  float maximum[2];
  float total_maximum[2], total_weight[2];

  __device__ Prefill(const Attention& a, char* shared) : a(a), tile(a, blockIdx.x, ROWS) {
    totals = reinterpret_cast<float*>(shared);
    queries = reinterpret_cast<T*>(totals + ROWS * DIM);
    keys = queries + ROWS * STRIDE<DIM>;
    values = ONE_TILE ? keys : keys + TILE;
  }

  // Of the warp's 16 rows and its numbers of a head.
  __device__ static int first_row() { return threadIdx.x / WARP / HALVES * 16; }
  __device__ static int first_column() { return threadIdx.x / WARP % HALVES * OWN * 8; }

  __device__ void run() {
    if (tile.rows <= 0) return;
    load_queries();
    Rows rows(a, tile, first_row() + lane_id() / 4);
    total_maximum[0] = total_maximum[1] = LOWEST;
    total_weight[0] = total_weight[1] = 0.0f;
#pragma unroll
    for (int i = 0; i < OWN * 4; i++) totals[i * THREADS + threadIdx.x] = 0.0f;
    start_chunk();
    int last = page_at(tile.high);
    int page = page_at(first_visible(a, tile.low));
    queue_keys_unless_packed(page);
#pragma unroll 1
    do {
      visit(rows, page, last);
      if (page == last || (page + 1) % CHUNK_PAGES == 0) {
        end_chunk();
        start_chunk();
      }
    } while (page++ < last);
    store();
  }

  __device__ void load_queries() {
#pragma unroll
    for (int i = 0; i < ROWS * UNITS / THREADS; i++) {
      unsigned c = threadIdx.x + i * THREADS;
      int row = c / UNITS, column = 8 * (c % UNITS);
      bool used = row < tile.rows && column < a.dim;
      const T* from = static_cast<const T*>(a.q) + tile.place(a, row, a.q_stride) + column;
      copy16(queries + row * STRIDE<DIM> + column, from, used ? 16 : 0);
    }
    commit_copies();
  }

  __device__ void queue_keys_unless_packed(int page) {
    if (!Forms(a.keys, KEYS, tile, page * PAGE).packed) {
      Source<T> source(a, a.keys, tile, page, KEYS);
      queue_exact<T, DIM, THREADS>(keys, source.exact, source.exact_tokens, a.dim);
    }
  }

  __device__ void visit(const Rows& rows, int page, int last) {
    int start = page * PAGE;
    Forms key_forms(a.keys, KEYS, tile, start), value_forms(a.values, VALUES, tile, start);
    Source<T> key(a, a.keys, tile, page, KEYS), value(a, a.values, tile, page, VALUES);
    if (key_forms.packed) {
      if (ONE_TILE) __syncthreads();
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
    if (!ONE_TILE && !value_forms.packed) queue_values(value);
    multiply_keys();
    if (key_forms.packed && key_forms.exact) {
      __syncthreads();
      queue_exact<T, DIM, THREADS>(keys, key.exact, key.exact_tokens, a.dim);
      wait_copies<0>();
      __syncthreads();
      replace_exact(rows, start);
    }
    weigh(rows, start);
    if (ONE_TILE) {
      __syncthreads();
      if (!value_forms.packed) queue_values(value);
    }
    if (value_forms.packed) {
      fill_by_token<T, DIM, THREADS, true>(values, a.values, value.codes, value.pairs, value.packed_tokens, a.dim);
    }
    wait_copies<0>();
    __syncthreads();  // Values are there; the keys have been used.
    if (!ONE_TILE && page < last) queue_keys_unless_packed(page + 1);
    add_values(rows, start, value_forms, value);
    if (bad_packed | bad_exact) {
      if (sees_flag(rows, 0, start, bad_packed, bad_exact)) weight[0] = not_a_number();
      if (sees_flag(rows, 1, start, bad_packed, bad_exact)) weight[2] = not_a_number();
    }
    if (ONE_TILE && page < last) {
      __syncthreads();
      queue_keys_unless_packed(page + 1);
    }
  }

  __device__ void queue_values(const Source<T>& value) {
    queue_exact<T, DIM, THREADS>(values, value.exact, value.exact_tokens, a.dim);
  }

  // Row of an x4 operand in this warp's 16 query rows: rows 0-7, 8-15, then both with the next 8 columns.
  __device__ const T* query_row() const {
    int lane = lane_id();
    return queries + (first_row() + lane % 16) * STRIDE<DIM> + lane / 16 * 8;
  }
  // Keys 0-7 with two halves of 16 columns, then keys 8-15.
  __device__ const T* key_row() const {
    int lane = lane_id();
    return keys + (lane % 8 + lane / 16 * 8) * STRIDE<DIM> + lane / 8 % 2 * 8;
  }

  __device__ void multiply_keys() {
#pragma unroll
    for (int n = 0; n < 8; n++) scores[n][0] = scores[n][1] = scores[n][2] = scores[n][3] = 0.0f;
    const T *query = query_row(), *key = key_row();
#pragma unroll(DIM > 128 ? 2 : DIM / 16)
    for (int k = 0; k < DIM; k += 16) {
      uint32_t x[4];
      load_matrices(x, query + k);
#pragma unroll
      for (int n = 0; n < 8; n += 2) {
        uint32_t y[4];
        load_matrices(y, key + n * 8 * STRIDE<DIM> + k);
        mma<T>(scores[n], x, {y[0], y[1]});
        mma<T>(scores[n + 1], x, {y[2], y[3]});
      }
    }
  }

  // Scores with the exact keys where a row reads those.
  __device__ void replace_exact(const Rows& rows, int start) {
    const T *query = query_row(), *key = key_row();
#pragma unroll
    for (int n = 0; n < 8; n += 2) {
      float two[2][4] = {};
#pragma unroll 4
      for (int k = 0; k < DIM; k += 16) {
        uint32_t x[4], y[4];
        load_matrices(x, query + k);
        load_matrices(y, key + n * 8 * STRIDE<DIM> + k);
        mma<T>(two[0], x, {y[0], y[1]});
        mma<T>(two[1], x, {y[2], y[3]});
      }
#pragma unroll
      for (int e = 0; e < 8; e++) {
        int position = start + (n + e / 4) * 8 + lane_id() % 4 * 2 + e % 2;
        if (position >= rows.exact_key[e / 2 % 2]) scores[n + e / 4][e % 4] = two[e / 4][e % 4];
      }
    }
  }

  // Turns scores into weights of the running softmax, and scales what has been summed so far.
  __device__ void weigh(const Rows& rows, int start) {
    int column = start + lane_id() % 4 * 2;
    float top[2] = {maximum[0], maximum[1]};
#pragma unroll
    for (int n = 0; n < 8; n++) {
#pragma unroll
      for (int e = 0; e < 4; e++) {
        int i = e / 2, key = column + n * 8 + e % 2;
        float s = logit(scores[n][e], a.scale, rows.slope[i], key - rows.position[i]);
        scores[n][e] = rows.sees(i, key) ? s : -INFINITY;
        top[i] = fmaxf(top[i], scores[n][e]);
      }
    }
    float keep[2];
#pragma unroll
    for (int i = 0; i < 2; i++) {
      top[i] = fmaxf(top[i], __shfl_xor_sync(FULL, top[i], 1));
      top[i] = fmaxf(top[i], __shfl_xor_sync(FULL, top[i], 2));
      keep[i] = exp2_approximate(maximum[i] - top[i]);
      maximum[i] = top[i];
    }
#pragma unroll
    for (int n = 0; n < 8; n++) {
#pragma unroll
      for (int i = 0; i < 2; i++) {
        float low = exp2_approximate(scores[n][2 * i] - maximum[i]);
        float high = exp2_approximate(scores[n][2 * i + 1] - maximum[i]);
        weights[n][i] = pack<T>(low, high);
      }
    }
#pragma unroll
    for (int n = 0; n < OWN; n++) {
#pragma unroll
      for (int e = 0; e < 4; e++) sums[n][e] *= keep[e / 2];
    }
#pragma unroll
    for (int e = 0; e < 4; e++) weight[e] *= keep[e / 2];
  }

  // Weights of 16 keys as an operand; where only one form is read, the others become 0.
  __device__ void operand(uint32_t (&x)[4], int n, const Rows& rows, bool both, bool exact, int start) const {
    int column = start + n * 8 + lane_id() % 4 * 2;
#pragma unroll
    for (int r = 0; r < 4; r++) {
      int i = r % 2, key = column + r / 2 * 8;
      x[r] = weights[n + r / 2][i];
      if (both) {
        if ((key >= rows.exact_value[i]) != exact) x[r] &= 0xffff0000u;
        if ((key + 1 >= rows.exact_value[i]) != exact) x[r] &= 0x0000ffffu;
      }
    }
  }

  __device__ void add_values(const Rows& rows, int start, const Forms& forms, const Source<T>& value) {
    uint32_t one = pack<T>(1.0f, 1.0f);
#pragma unroll
    for (int n = 0; n < 8; n += 2) {
      mma<T>(weight, {weights[n][0], weights[n][1], weights[n + 1][0], weights[n + 1][1]}, {one, one});
    }
    bool both = forms.packed && forms.exact;
#pragma unroll 1
    for (int form = 0; form <= (int)both; form++) {
      if (form == 1) {
        __syncthreads();
        queue_values(value);
        wait_copies<0>();
        __syncthreads();
      }
      int lane = lane_id();
      const T* row = values + lane % 16 * STRIDE<DIM> + lane / 16 * 8 + first_column();
#pragma unroll
      for (int n = 0; n < 8; n += 2) {
        uint32_t x[4];
        operand(x, n, rows, both, form == 1, start);
#pragma unroll
        for (int d = 0; d < OWN; d += 2) {
          uint32_t y[4];
          load_matrices_transposed(y, row + n * 8 * STRIDE<DIM> + d * 8);
          mma<T>(sums[d], x, {y[0], y[1]});
          mma<T>(sums[d + 1], x, {y[2], y[3]});
        }
      }
    }
  }

  __device__ void start_chunk() {
#pragma unroll
    for (int n = 0; n < OWN; n++) sums[n][0] = sums[n][1] = sums[n][2] = sums[n][3] = 0.0f;
    weight[0] = weight[1] = weight[2] = weight[3] = 0.0f;
    maximum[0] = maximum[1] = LOWEST;
  }

  __device__ void end_chunk() {
#pragma unroll
    for (int i = 0; i < 2; i++) {
      float2 factors = merge(total_maximum[i], total_weight[i], maximum[i], weight[2 * i]);
#pragma unroll
      for (int n = 0; n < OWN; n++) {
#pragma unroll
        for (int e = 2 * i; e < 2 * i + 2; e++) {
          float* total = totals + (4 * n + e) * THREADS + threadIdx.x;
          *total = merged(*total, sums[n][e], factors);
        }
      }
    }
  }

  // Through the warp's own query rows, which nobody reads after the last page's scores, so that rows are written in pieces of 16 bytes.
  __device__ void store() {
    int lane = lane_id();
    T* own = queries + first_row() * STRIDE<DIM> + first_column();
#pragma unroll
    for (int n = 0; n < OWN; n++) {
#pragma unroll
      for (int i = 0; i < 2; i++) {
        float low = totals[(4 * n + 2 * i) * THREADS + threadIdx.x];
        float high = totals[(4 * n + 2 * i + 1) * THREADS + threadIdx.x];
        *reinterpret_cast<uint32_t*>(own + (lane / 4 + 8 * i) * STRIDE<DIM> + n * 8 + lane % 4 * 2) =
            pack<T>(quotient(low, total_weight[i]), quotient(high, total_weight[i]));
      }
    }
    __syncwarp();
#pragma unroll 1
    for (unsigned c = lane; c < 16 * OWN; c += WARP) {
      int row = c / OWN, column = 8 * (c % OWN);
      if (first_row() + row < tile.rows && first_column() + column < a.dim) {
        uint4 eight = *reinterpret_cast<const uint4*>(own + row * STRIDE<DIM> + column);
        size_t place = tile.place(a, first_row() + row, a.out_stride) + first_column() + column;
        *reinterpret_cast<uint4*>(static_cast<T*>(a.out) + place) = eight;
      }
    }
  }
};

template <class T, int DIM, int WARPS>
__device__ __forceinline__ void prefill(const Attention& a) {
  extern __shared__ __align__(16) char shared[];
  Prefill<T, DIM, WARPS>(a, shared).run();
}

#define PREFILL(name, T, DIM, WARPS)                                                     \
  KERNEL __launch_bounds__(WARPS * 32, 2) name##_d##DIM(const __grid_constant__ Attention a) { \
    prefill<T, DIM, WARPS>(a);                                                           \
  }
#define PREFILLS(name, T) \
  PREFILL(name, T, 64, 4) PREFILL(name, T, 80, 4) PREFILL(name, T, 96, 4) PREFILL(name, T, 128, 4) PREFILL(name, T, 256, 4)
PREFILLS(attention_f16_prefill, half_t)
PREFILLS(attention_bf16_prefill, bfloat_t)
