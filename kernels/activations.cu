// SPDX-License-Identifier: Apache-2.0
// Activation functions, alone or times another matrix: out = f(x) and out = f(gate) * up, in fp32, rounded once.
//
// Matrices are row-major, a row every `stride` values, a multiple of 8. A block takes one row (blockIdx.x, blockIdx.y
// along it) and a thread eight neighbours, one 16-byte access per matrix: this is bound by memory, not by arithmetic.
// NaN stays NaN.
#include "rows.cuh"

struct Relu {
  // As a choice and not as a maximum, which would drop NaN.
  static __device__ float of(float x) { return x <= 0.f ? 0.f : x; }
};

struct Silu {
  static __device__ float of(float x) { return __fdiv_rn(x, 1.f + expf(-x)); }
};

// x Phi(x); the complementary error function keeps its relative precision where Phi is small.
struct Gelu {
  static __device__ float of(float x) { return x * (0.5f * erfcf(x * -0.70710678f)); }
};

// x (1 + tanh(u)) / 2 = x sigmoid(2 u) with u = sqrt(2 / pi) (x + 0.044715 x^3).
struct GeluTanh {
  static __device__ float of(float x) {
    float cubic = x * fmaf(x * x, 0.044715f, 1.f);
    return __fdiv_rn(x, 1.f + expf(cubic * (-2.f * 0.7978846f)));
  }
};

// out may be x, gate or up.
#define ACTIVATION(T, type, name, F)                                                                              \
  KERNEL __launch_bounds__(256)                                                                                   \
      activations_##type##_##name(const T* x, size_t x_stride, T* out, size_t out_stride, int columns) {          \
    map(x + blockIdx.x * x_stride, out + blockIdx.x * out_stride, columns, [](float v) { return F::of(v); });     \
  }                                                                                                               \
  KERNEL __launch_bounds__(256)                                                                                   \
      activations_##type##_##name##_gated(const T* gate, size_t gate_stride, const T* up, size_t up_stride, T* out, \
                                          size_t out_stride, int columns) {                                       \
    combine(gate + blockIdx.x * gate_stride, up + blockIdx.x * up_stride, out + blockIdx.x * out_stride, columns, \
            [](float g, float u) { return F::of(g) * u; });                                                       \
  }
ACTIVATION(half_t, f16, relu, Relu)
ACTIVATION(half_t, f16, gelu, Gelu)
ACTIVATION(half_t, f16, gelu_tanh, GeluTanh)
ACTIVATION(half_t, f16, silu, Silu)
ACTIVATION(bfloat_t, bf16, relu, Relu)
ACTIVATION(bfloat_t, bf16, gelu, Gelu)
ACTIVATION(bfloat_t, bf16, gelu_tanh, GeluTanh)
ACTIVATION(bfloat_t, bf16, silu, Silu)
