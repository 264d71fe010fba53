// SPDX-License-Identifier: Apache-2.0
// The paged key and value cache as kernels see it.
//
// A page is 64 tokens of all layers of one side. There are up to four sides: keys and values, each exact (in the base
// type), packed (as codes), or both. In one layer an exact page holds [kvHead][64][dim] numbers; a packed one holds
// codes [kvHead][64][dim * bits / 8] (the lower nibble is the earlier number) and pairs {scale, zero} of fp16 or fp32,
// either [kvHead][64][dim / group] or, with keys per channel, [kvHead][64 / tokens][dim]. Heads are multiples of 8
// numbers, so each head's block starts at a multiple of 16 bytes.
//
// Values have one byte more per kvHead and token in either form: 1 if the token holds anything that is not finite.
// Such a token is stored as zeros (packed: with scale NaN), because 0 * NaN would carry it to queries that do not see
// it; attention turns the flag into NaN for the queries that do.
#pragma once
#include "common.cuh"

constexpr int PAGE = 64;

// Consecutive new tokens of one sequence; `page` is where the sequence's pages start in the table of addresses.
struct Span {
  int row, position, tokens, page;
};

// Read whole: for a part of a vector nvcc would emit a pragma that needs a later PTX version.
__device__ __forceinline__ Span read_span(const Span* spans, int index) {
  Span s;
  asm volatile("ld.global.v4.s32 {%0,%1,%2,%3}, [%4];"
               : "=r"(s.row), "=r"(s.position), "=r"(s.tokens), "=r"(s.page)
               : "l"(spans + index));
  return s;
}

// Keys or values. Offsets are bytes from the start of a page to a layer.
struct Side {
  unsigned long long exact;
  unsigned long long exact_flags;
  unsigned long long codes;
  unsigned long long grids;
  unsigned long long packed_flags;
  int window;  // the latest positions that are read exactly; more than any context if there are no codes
  int block;   // instead of a window: positions are packed in whole blocks of so many
  int bits;    // of a code as stored, 4 or 8; 0 = exact only
  int wide;    // scale and zero are fp32
  int group;   // numbers of a head that share a pair, a multiple of 8; 0 = per channel, or no codes
  int tokens;  // per channel: tokens that share a pair

  __device__ bool keeps_exact() const { return window > 0 || block > 0; }
  // First position that a query at `position` reads exactly.
  __device__ int exact_from(int position) const {
    int n = position + 1;
    return block ? n - (int)((unsigned)n % (unsigned)block) : n - window;
  }
};

enum { KEYS = 0, VALUES = 2, EXACT = 0, PACKED = 1, SIDES = 4 };

// The page of one side; the address table is [page][side].
__device__ __forceinline__ char* page_of(const unsigned long long* pages, const Span& span, int page, int side) {
  char* address = reinterpret_cast<char*>(pages[(size_t)(span.page + page) * SIDES + side]);
  __builtin_assume(__isGlobal(address));
  return address;
}

__device__ __forceinline__ float not_a_number() { return __int_as_float(0x7fffffff); }

__device__ __forceinline__ float2 read_pair(const char* pairs, size_t index, int wide) {
  if (wide) return reinterpret_cast<const float2*>(pairs)[index];
  return __half22float2(reinterpret_cast<const __half2*>(pairs)[index]);
}
