// SPDX-License-Identifier: Apache-2.0
// A cuBLAS for tests: calls go to the log of fake_cuda.c, and a product is computed as the BLAS defines it, column-major, in
// double precision, in the memory of that driver. Numbers must be exact in their type. Compiled by FakeCublasTest:
//   gcc -shared -fPIC -DMAJOR=12 -Wl,-soname,libcublas.so.12 -Wl,--version-script=… -o libcublas.so.12 fake_cublas.c libcuda.so.1
// With -DINCOMPLETE it lacks the product.
#include <stdint.h>
#include <stdio.h>
#include <string.h>

void fake_note(const char *line);
int fake_status(const char *function);
void *fake_host(uint64_t device);
const char *fake_where(uint64_t device);

#define CALL(...)                                                        \
  do {                                                                   \
    char line[512];                                                      \
    int length = snprintf(line, sizeof line, "%s", __func__);            \
    snprintf(line + length, sizeof line - length, __VA_ARGS__);          \
    fake_note(line);                                                     \
    if (fake_status(__func__)) return fake_status(__func__);             \
  } while (0)

enum { F16 = 2, BF16 = 14 };

static float of_bits(uint32_t bits) {
  float value;
  memcpy(&value, &bits, 4);
  return value;
}

static float widen(uint16_t bits, int type) {
  if (type == BF16) return of_bits((uint32_t)bits << 16);
  uint32_t exponent = bits >> 10 & 31;
  uint32_t sign = (uint32_t)(bits & 0x8000) << 16;
  return exponent == 0 ? 0 : of_bits(sign | (exponent + 112) << 23 | (uint32_t)(bits & 0x3ff) << 13);
}

static uint16_t narrow(float value, int type) {
  uint32_t bits;
  memcpy(&bits, &value, 4);
  if (type == BF16) return bits >> 16;
  return value == 0 ? 0 : (bits >> 16 & 0x8000) | ((bits >> 23 & 255) - 112) << 10 | (bits >> 13 & 0x3ff);
}

int cublasGetProperty(int which, int *value) {
  CALL(" %d", which);
  *value = which == 0 ? MAJOR : which == 1 ? 6 : 4;
  return 0;
}
int cublasCreate_v2(void **handle) {
  CALL("");
  *handle = (void *)0xb1a5;
  return 0;
}
int cublasDestroy_v2(void *handle) {
  CALL(" %p", handle);
  return 0;
}
int cublasSetStream_v2(void *handle, void *stream) {
  CALL(" %p stream %p", handle, stream);
  return 0;
}
int cublasSetMathMode(void *handle, int mode) {
  CALL(" %p %d", handle, mode);
  return 0;
}

#ifndef INCOMPLETE
int cublasGemmEx(void *handle, int operation_a, int operation_b, int m, int n, int k, const float *alpha, uint64_t a, int type_a,
                 int stride_a, uint64_t b, int type_b, int stride_b, const float *beta, uint64_t c, int type_c, int stride_c,
                 int compute_type, int algorithm) {
  CALL(" %p operations %d %d, m %d n %d k %d, alpha %g beta %g, A %s type %d every %d, B %s type %d every %d, C %s type %d every %d,"
       " compute %d algorithm %d", handle, operation_a, operation_b, m, n, k, *alpha, *beta, fake_where(a), type_a, stride_a,
       fake_where(b), type_b, stride_b, fake_where(c), type_c, stride_c, compute_type, algorithm);
  const uint16_t *A = fake_host(a), *B = fake_host(b);
  uint16_t *C = fake_host(c);
  for (int i = 0; i < m; i++) {
    for (int j = 0; j < n; j++) {
      double sum = 0;
      for (int l = 0; l < k; l++) {
        double left = widen(A[operation_a ? l + (size_t)i * stride_a : i + (size_t)l * stride_a], type_a);
        double right = widen(B[operation_b ? j + (size_t)l * stride_b : l + (size_t)j * stride_b], type_b);
        sum += left * right;
      }
      uint16_t *to = &C[i + (size_t)j * stride_c];
      *to = narrow(*alpha * sum + (*beta == 0 ? 0 : *beta * widen(*to, type_c)), type_c);
    }
  }
  return 0;
}
#endif
