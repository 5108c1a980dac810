// reason: the loops of all dtypes and operations in one place.
#pragma once

// Inner loops of reductions over contiguous elements, for one instruction set. Eight elements advance together, in a
// vector as long on every machine: the compiler cuts it to what there is. Everything stands in an unnamed namespace,
// since each file that includes this is compiled for other instructions.

#include <cstddef>
#include <cstdint>
#include <cstring>

#pragma GCC diagnostic ignored "-Wpsabi"  // vectors are passed within this file only

#include "base/half.h"
#include "kernels/cpu/structured/reduction/reduce_table.h"

#if defined(__F16C__)
#include <immintrin.h>
#endif

namespace rondo::kernels {
namespace {

typedef double Doubles __attribute__((vector_size(64)));
typedef int64_t Integers __attribute__((vector_size(64)));
typedef uint64_t Words __attribute__((vector_size(64)));

// Eight elements of memory as they are computed with.
template <class S, class V>
struct EightOf {
  using Storage = S;
  using Vector = V;
  static V load(const std::byte* p) {
    typedef S Raw __attribute__((vector_size(8 * sizeof(S))));
    Raw raw;
    std::memcpy(&raw, p, sizeof raw);
    if constexpr (sizeof(S) == 1) {  // by way of 16 and 32 bits there is an instruction for each step
      typedef int16_t Shorts __attribute__((vector_size(16)));
      typedef int32_t Ints __attribute__((vector_size(32)));
      return __builtin_convertvector(__builtin_convertvector(__builtin_convertvector(raw, Shorts), Ints), V);
    } else {
      return __builtin_convertvector(raw, V);
    }
  }
};
struct EightBools : EightOf<uint8_t, Integers> {
  static Integers load(const std::byte* p) {
    const Integers x = EightOf<uint8_t, Integers>::load(p);
    return (x != 0) & 1;
  }
};
struct EightHalves : EightOf<uint16_t, Doubles> {
  static Doubles load(const std::byte* p) {
    typedef float Floats __attribute__((vector_size(32)));
    Floats x;
#if defined(__F16C__)
    x = _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
#else
    uint16_t bits[8];
    std::memcpy(bits, p, sizeof bits);
    for (int i = 0; i < 8; ++i) x[i] = half_to_float(bits[i]);
#endif
    return __builtin_convertvector(x, Doubles);
  }
};
struct EightBfloats : EightOf<uint16_t, Doubles> {
  static Doubles load(const std::byte* p) {
    typedef uint16_t Raw __attribute__((vector_size(16)));
    typedef uint32_t Bits __attribute__((vector_size(32)));
    typedef float Floats __attribute__((vector_size(32)));
    Raw raw;
    std::memcpy(&raw, p, sizeof raw);
    return __builtin_convertvector(reinterpret_cast<Floats>(__builtin_convertvector(raw, Bits) << 16), Doubles);
  }
};

struct AddEight {
  static Doubles step(Doubles a, Doubles b) { return a + b; }
  static Integers step(Integers a, Integers b) {
    return reinterpret_cast<Integers>(reinterpret_cast<Words>(a) + reinterpret_cast<Words>(b));  // wraps
  }
};
struct MultiplyEight {
  static Doubles step(Doubles a, Doubles b) { return a * b; }
  static Integers step(Integers a, Integers b) {
    return reinterpret_cast<Integers>(reinterpret_cast<Words>(a) * reinterpret_cast<Words>(b));
  }
};
struct LargerEight {
  template <class V>
  static V step(V a, V b) {
    return b > a ? b : a;
  }
};
struct SmallerEight {
  template <class V>
  static V step(V a, V b) {
    return b < a ? b : a;
  }
};

template <class V>
V read_eight(const void* p) {
  V v;
  std::memcpy(&v, p, sizeof v);
  return v;
}

// The last elements, of n < 8, with zeros behind them.
template <class E>
typename E::Vector load_rest(const std::byte* p, int64_t n) {
  std::byte eight[8 * sizeof(typename E::Storage)] = {};
  std::memcpy(eight, p, static_cast<size_t>(n) * sizeof(typename E::Storage));
  return E::load(eight);
}

// n is a multiple of 8.
template <class E, class Op>
void fold_run(void* lanes, const std::byte* p, int64_t n) {
  using V = typename E::Vector;
  constexpr int64_t kBytes = 8 * sizeof(typename E::Storage);
  V lane = read_eight<V>(lanes);
  for (; n > 0; n -= 8, p += kBytes) lane = Op::step(lane, E::load(p));
  std::memcpy(lanes, &lane, sizeof lane);
}

template <class E, class Op, int kRows>
void fold_rows_of_columns(void* results, const std::byte* const* rows, int64_t n) {
  using V = typename E::Vector;
  constexpr int64_t kBytes = 8 * sizeof(typename E::Storage);
  auto* at = static_cast<std::byte*>(results);
  for (int64_t offset = 0; n > 0; n -= 8, offset += kBytes, at += sizeof(V)) {
    V v = read_eight<V>(at);
    for (int r = 0; r < kRows; ++r)
      v = Op::step(v, n >= 8 ? E::load(rows[r] + offset) : load_rest<E>(rows[r] + offset, n));
    std::memcpy(at, &v, sizeof v);
  }
}

template <class E, class Op>
void fold_columns(void* results, const std::byte* const* rows, int64_t count, int64_t n) {
  for (; count >= 4; count -= 4, rows += 4) fold_rows_of_columns<E, Op, 4>(results, rows, n);
  for (; count > 0; --count, ++rows) fold_rows_of_columns<E, Op, 1>(results, rows, n);
}

template <class E>
void add_element(ReduceTable& table, DType dtype) {
  auto& row = table[static_cast<size_t>(dtype)];
  row[0] = {fold_run<E, AddEight>, fold_columns<E, AddEight>};
  row[1] = {fold_run<E, MultiplyEight>, fold_columns<E, MultiplyEight>};
  row[2] = {fold_run<E, LargerEight>, fold_columns<E, LargerEight>};
  row[3] = {fold_run<E, SmallerEight>, fold_columns<E, SmallerEight>};
}

inline ReduceTable make_reduce_table() {
  ReduceTable table;
  add_element<EightOf<float, Doubles>>(table, DType::kFloat32);
  add_element<EightHalves>(table, DType::kFloat16);
  add_element<EightBfloats>(table, DType::kBFloat16);
  add_element<EightOf<int8_t, Integers>>(table, DType::kInt8);
  add_element<EightOf<uint8_t, Integers>>(table, DType::kUint8);
  add_element<EightOf<int32_t, Integers>>(table, DType::kInt32);
  add_element<EightOf<int64_t, Integers>>(table, DType::kInt64);
  add_element<EightBools>(table, DType::kBool);
  return table;
}

}  // namespace
}  // namespace rondo::kernels
