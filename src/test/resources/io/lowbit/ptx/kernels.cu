// SPDX-License-Identifier: Apache-2.0
// Typical kernels, compiled as fixtures for the PTX interpreter:
//   nvcc -ptx -arch=compute_80 -o kernels.ptx kernels.cu   (CUDA 13.0)
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <stdint.h>

#define KERNEL extern "C" __global__ void

__device__ __forceinline__ float warp_max(float v) {
  for (int o = 16; o > 0; o >>= 1) v = fmaxf(v, __shfl_xor_sync(0xffffffffu, v, o));
  return v;
}

__device__ __forceinline__ float warp_sum(float v) {
  for (int o = 16; o > 0; o >>= 1) v += __shfl_xor_sync(0xffffffffu, v, o);
  return v;
}

// y[row] = softmax(x[row]); one block of 128 threads for each row.
KERNEL __launch_bounds__(128) softmax_rows(const float* __restrict__ x, float* __restrict__ y, int columns) {
  __shared__ float partial[4];
  const float* row = x + (size_t)blockIdx.x * columns;
  float m = -INFINITY;
  for (int i = threadIdx.x; i < columns; i += blockDim.x) m = fmaxf(m, row[i]);
  m = warp_max(m);
  if ((threadIdx.x & 31) == 0) partial[threadIdx.x >> 5] = m;
  __syncthreads();
  m = fmaxf(fmaxf(partial[0], partial[1]), fmaxf(partial[2], partial[3]));
  __syncthreads();
  float s = 0.f;
  for (int i = threadIdx.x; i < columns; i += blockDim.x) s += __expf(row[i] - m);
  s = warp_sum(s);
  if ((threadIdx.x & 31) == 0) partial[threadIdx.x >> 5] = s;
  __syncthreads();
  s = partial[0] + partial[1] + partial[2] + partial[3];
  for (int i = threadIdx.x; i < columns; i += blockDim.x) y[(size_t)blockIdx.x * columns + i] = __expf(row[i] - m) / s;
}

__device__ __forceinline__ void copy16(void* shared, const void* global, int bytes) {
  uint32_t to = (uint32_t)__cvta_generic_to_shared(shared);
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(to), "l"(global), "r"(bytes));
}

__device__ __forceinline__ void load_x4(uint32_t (&r)[4], const void* shared) {
  uint32_t at = (uint32_t)__cvta_generic_to_shared(shared);
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"(at));
}

__device__ __forceinline__ void load_x2_trans(uint32_t (&r)[2], const void* shared) {
  uint32_t at = (uint32_t)__cvta_generic_to_shared(shared);
  asm volatile("ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {%0,%1}, [%2];" : "=r"(r[0]), "=r"(r[1]) : "r"(at));
}

__device__ __forceinline__ void load_x2(uint32_t (&r)[2], const void* shared) {
  uint32_t at = (uint32_t)__cvta_generic_to_shared(shared);
  asm volatile("ldmatrix.sync.aligned.m8n8.x2.shared.b16 {%0,%1}, [%2];" : "=r"(r[0]), "=r"(r[1]) : "r"(at));
}

// c[M,N] = a[M,K] b[K,N] in fp16 with fp32 sums; N a multiple of 32, K of 32. A block of 4 warps makes 32 x 32,
// double-buffered; rows are padded by 8 halves so that ldmatrix has no bank conflicts.
KERNEL __launch_bounds__(128) gemm_f16(const half* a, const half* b, float* c, int M, int N, int K) {
  __shared__ __align__(16) half tile_a[2][32][40];
  __shared__ __align__(16) half tile_b[2][32][40];
  int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  int row0 = blockIdx.y * 32, col0 = blockIdx.x * 32;
  int r = threadIdx.x / 4, q = threadIdx.x % 4 * 8;
  auto fetch = [&](int stage, int k0) {
    copy16(&tile_a[stage][r][q], a + (size_t)min(row0 + r, M - 1) * K + k0 + q, row0 + r < M ? 16 : 0);
    copy16(&tile_b[stage][r][q], b + (size_t)(k0 + r) * N + col0 + q, 16);
    asm volatile("cp.async.commit_group;");
  };
  float acc[2][4] = {};
  fetch(0, 0);
  for (int k0 = 0, stage = 0; k0 < K; k0 += 32, stage ^= 1) {
    if (k0 + 32 < K) {
      fetch(stage ^ 1, k0 + 32);
      asm volatile("cp.async.wait_group 1;");
    } else {
      asm volatile("cp.async.wait_group 0;");
    }
    __syncthreads();
    for (int k = 0; k < 32; k += 16) {
      uint32_t fa[4];
      load_x4(fa, &tile_a[stage][warp / 2 * 16 + lane % 16][k + lane / 16 * 8]);
      for (int n = 0; n < 2; n++) {
        uint32_t fb[2];
        load_x2_trans(fb, &tile_b[stage][k + lane % 16][warp % 2 * 16 + n * 8]);
        asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
                     : "+f"(acc[n][0]), "+f"(acc[n][1]), "+f"(acc[n][2]), "+f"(acc[n][3])
                     : "r"(fa[0]), "r"(fa[1]), "r"(fa[2]), "r"(fa[3]), "r"(fb[0]), "r"(fb[1]));
      }
    }
    __syncthreads();
  }
  for (int n = 0; n < 2; n++) {
    int row = row0 + warp / 2 * 16 + lane / 4, col = col0 + warp % 2 * 16 + n * 8 + lane % 4 * 2;
    if (row < M) *(float2*)&c[(size_t)row * N + col] = make_float2(acc[n][0], acc[n][1]);
    if (row + 8 < M) *(float2*)&c[(size_t)(row + 8) * N + col] = make_float2(acc[n][2], acc[n][3]);
  }
}

// c[16,N] = a[16,K] b[N,K]^T in int8, one warp for 8 columns; K is split over gridDim.y blocks, of which the last to
// arrive adds the partial sums in order.
KERNEL __launch_bounds__(32) gemm_s8_split(const int8_t* a, const int8_t* b, int* c, int* partial, unsigned* tickets, int N, int K) {
  int lane = threadIdx.x, g = lane / 4, t = lane % 4, col0 = blockIdx.x * 8;
  int chunk = K / gridDim.y;
  int acc[4] = {};
  for (int k0 = blockIdx.y * chunk; k0 < (blockIdx.y + 1) * chunk; k0 += 32) {
    const int8_t* pa = a + (size_t)g * K + k0 + 4 * t;
    const int8_t* pb = b + (size_t)(col0 + g) * K + k0 + 4 * t;
    int a0 = *(const int*)pa, a1 = *(const int*)(pa + 8 * K), a2 = *(const int*)(pa + 16), a3 = *(const int*)(pa + 8 * K + 16);
    int b0 = *(const int*)pb, b1 = *(const int*)(pb + 16);
    asm volatile("mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
                 : "+r"(acc[0]), "+r"(acc[1]), "+r"(acc[2]), "+r"(acc[3])
                 : "r"(a0), "r"(a1), "r"(a2), "r"(a3), "r"(b0), "r"(b1));
  }
  int* mine = partial + ((size_t)blockIdx.y * gridDim.x + blockIdx.x) * 128;
  for (int i = 0; i < 4; i++) mine[lane * 4 + i] = acc[i];
  __threadfence();
  unsigned ticket = 0;
  if (lane == 0) ticket = atomicAdd(&tickets[blockIdx.x], 1u);
  ticket = __shfl_sync(0xffffffffu, ticket, 0);
  if (ticket != gridDim.y - 1) return;
  __threadfence();
  int sum[4] = {};
  for (int s = 0; s < gridDim.y; s++) {
    const int* theirs = partial + ((size_t)s * gridDim.x + blockIdx.x) * 128;
    for (int i = 0; i < 4; i++) sum[i] += __ldcg(theirs + lane * 4 + i);
  }
  c[(size_t)g * N + col0 + 2 * t] = sum[0];
  c[(size_t)g * N + col0 + 2 * t + 1] = sum[1];
  c[(size_t)(g + 8) * N + col0 + 2 * t] = sum[2];
  c[(size_t)(g + 8) * N + col0 + 2 * t + 1] = sum[3];
}

// RMS norm of fp16 rows into bf16, two values at a time.
KERNEL rms_norm(const half2* x, const half2* weight, __nv_bfloat162* y, int pairs, float epsilon) {
  extern __shared__ float sums[];
  const half2* row = x + (size_t)blockIdx.x * pairs;
  float s = 0.f;
  for (int i = threadIdx.x; i < pairs; i += blockDim.x) {
    float2 v = __half22float2(row[i]);
    s += v.x * v.x + v.y * v.y;
  }
  s = warp_sum(s);
  if (threadIdx.x % 32 == 0) sums[threadIdx.x / 32] = s;
  __syncthreads();
  float total = 0.f;
  for (int w = 0; w < blockDim.x / 32; w++) total += sums[w];
  float scale = rsqrtf(total / (2 * pairs) + epsilon);
  for (int i = threadIdx.x; i < pairs; i += blockDim.x) {
    float2 v = __half22float2(row[i]), w = __half22float2(weight[i]);
    y[(size_t)blockIdx.x * pairs + i] = __floats2bfloat162_rn(v.x * scale * w.x, v.y * scale * w.y);
  }
}

// One function of the mathematical library for each block.
KERNEL math_functions(const float* x, float* y, int n) {
  int i = threadIdx.x;
  if (i >= n) return;
  float v = x[i], r;
  switch (blockIdx.x) {
    case 0: r = expf(v); break;
    case 1: r = logf(fabsf(v) + 0.25f); break;
    case 2: r = sinf(v); break;
    case 3: r = cosf(v * 1.0e5f); break;
    case 4: r = tanhf(v); break;
    case 5: r = powf(fabsf(v), 1.7f); break;
    case 6: r = erff(v); break;
    case 7: r = sqrtf(fabsf(v)); break;
    case 8: r = 1.0f / v; break;
    case 9: r = rintf(v * 3.0f); break;
    case 10: r = (float)((double)v * 1.0000001); break;
    case 11: r = __int_as_float(__float_as_int(v) ^ 0x80000000); break;
    case 12: r = exp2f(v); break;
    case 13: r = fmodf(v, 0.37f); break;
    default: r = v; break;
  }
  y[blockIdx.x * n + i] = r;
}

// Steps of the Collatz sequence: lanes leave the loop at different times.
KERNEL collatz(const unsigned* start, unsigned* steps, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  unsigned v = start[i], count = 0;
  while (v != 1) {
    if (v & 1) v = 3 * v + 1;
    else v >>= 1;
    count++;
  }
  steps[i] = count;
}

__device__ __noinline__ int median(int* v, int n) {
  for (int i = 1; i < n; i++) {
    int x = v[i], j = i - 1;
    while (j >= 0 && v[j] > x) {
      v[j + 1] = v[j];
      j--;
    }
    v[j + 1] = x;
  }
  return v[n / 2];
}

__constant__ int weights[8] = {3, -1, 4, 1, -5, 9, 2, 6};
__device__ int offset_of_result = 100;

// A function that is called, an array in local memory, constant and global variables.
KERNEL medians(const int* x, int* y, int window) {
  int v[16], i = blockIdx.x * blockDim.x + threadIdx.x;
  for (int k = 0; k < window; k++) v[k] = x[i + k] * weights[(i + k) & 7];
  y[i] = median(v, window) + offset_of_result;
}

// A histogram of bytes in shared memory, added to the global one.
KERNEL histogram(const uint8_t* x, unsigned* counts, int n) {
  __shared__ unsigned mine[256];
  for (int i = threadIdx.x; i < 256; i += blockDim.x) mine[i] = 0;
  __syncthreads();
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) atomicAdd(&mine[x[i]], 1u);
  __syncthreads();
  for (int i = threadIdx.x; i < 256; i += blockDim.x) atomicAdd(&counts[i], mine[i]);
}

// 64-bit integer division, remainders and shifts as hash mixing uses them.
KERNEL wide_integers(const unsigned long long* x, unsigned long long* y, long long divisor) {
  int i = threadIdx.x;
  unsigned long long v = x[i];
  long long s = (long long)v;
  y[4 * i] = v / 1000003ull + v % 97ull;
  y[4 * i + 1] = (unsigned long long)(s / divisor) ^ (unsigned long long)(s % divisor);
  y[4 * i + 2] = __umul64hi(v, 0x9E3779B97F4A7C15ull) + (v << (i & 63)) + (unsigned long long)(s >> (i & 63));
  y[4 * i + 3] = __popcll(v) + 100ull * __clzll(v) + 10000ull * (unsigned)__ffsll(v) + (unsigned long long)__brevll(v);
}
