#pragma once

#include <utility>

#include "base/half.h"
#include "tile/functions.h"

namespace rondo::tile {

template <ValueType type>
struct ValueOf {
  using T = float;
};
template <>
struct ValueOf<ValueType::kS32> {
  using T = int32_t;
};
template <>
struct ValueOf<ValueType::kS64> {
  using T = int64_t;
};
template <>
struct ValueOf<ValueType::kMask> {
  using T = uint8_t;
};

inline bool gives_mask(Signature s) {
  return s == Signature::kFloatTest || s == Signature::kLogic || s == Signature::kCompare;
}

/// A table of element functions made of evaluate(): slow and obviously right.
class ReferenceFunctions {
 public:
  static const TileFunctions& table() {
    static const TileFunctions functions = make();
    return functions;
  }

 private:
  template <PointwiseFn fn, ValueType type>
  static void compute(void* out, const void* a, const void* b, const void* c, int64_t n) {
    using T = typename ValueOf<type>::T;
    constexpr Signature s = kPointwiseTable[static_cast<size_t>(fn)].signature;
    const auto get = [](const void* p, int64_t i) {
      return p == nullptr ? 0.0 : static_cast<double>(static_cast<const T*>(p)[i]);
    };
    for (int64_t i = 0; i < n; ++i) {
      const double first = s == Signature::kSelect ? static_cast<const uint8_t*>(a)[i] : get(a, i);
      const double y = evaluate(fn, type, {first, get(b, i), get(c, i)});
      if (gives_mask(s)) {
        static_cast<uint8_t*>(out)[i] = y != 0;
      } else {
        static_cast<T*>(out)[i] = static_cast<T>(y);
      }
    }
  }
  template <ValueType from, ValueType to>
  static void cast(void* out, const void* a, const void*, const void*, int64_t n) {
    const auto* x = static_cast<const typename ValueOf<from>::T*>(a);
    using To = typename ValueOf<to>::T;
    for (int64_t i = 0; i < n; ++i)
      static_cast<To*>(out)[i] = static_cast<To>(evaluate(PointwiseFn::f_cast, to, {static_cast<double>(x[i]), 0, 0}));
  }
  template <class Value, class Memory>
  static void load(void* out, const std::byte* in, int64_t stride, int64_t n) {
    for (int64_t i = 0; i < n; ++i)
      static_cast<Value*>(out)[i] = static_cast<Value>(*reinterpret_cast<const Memory*>(in + i * stride));
  }
  template <class Value, class Memory>
  static void store(std::byte* out, int64_t stride, const void* in, int64_t n) {
    for (int64_t i = 0; i < n; ++i)
      *reinterpret_cast<Memory*>(out + i * stride) = static_cast<Memory>(static_cast<const Value*>(in)[i]);
  }

  template <size_t... i>
  static void add_rows(TileFunctions& t, std::index_sequence<i...>) {
    ((t.compute[i / kValueTypes][i % kValueTypes] =
          compute<static_cast<PointwiseFn>(i / kValueTypes), static_cast<ValueType>(i % kValueTypes)>),
     ...);
  }
  template <size_t... i>
  static void add_casts(TileFunctions& t, std::index_sequence<i...>) {
    ((t.cast[i / kValueTypes][i % kValueTypes] =
          cast<static_cast<ValueType>(i / kValueTypes), static_cast<ValueType>(i % kValueTypes)>),
     ...);
  }
  template <class Value, class Memory>
  static void add_memory(TileFunctions& t, DType dtype) {
    t.load[static_cast<size_t>(dtype)] = load<Value, Memory>;
    t.store[static_cast<size_t>(dtype)] = store<Value, Memory>;
  }
  static TileFunctions make() {
    TileFunctions t;
    add_rows(t, std::make_index_sequence<kPointwiseCount * kValueTypes>());
    add_casts(t, std::make_index_sequence<kValueTypes * kValueTypes>());
    add_memory<float, float>(t, DType::kFloat32);
    add_memory<int32_t, int32_t>(t, DType::kInt32);
    add_memory<int32_t, int8_t>(t, DType::kInt8);
    add_memory<int64_t, int64_t>(t, DType::kInt64);
    add_memory<uint8_t, uint8_t>(t, DType::kBool);
    return t;
  }
};

}  // namespace rondo::tile
