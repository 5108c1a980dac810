#include "kernels/cpu/structured/expr_values.h"

#include "kernels/cpu/structured/element.h"

namespace rondo::kernels {

void expr_values(std::span<const int64_t> values, const Strided& y) {
  with_element(y.dtype, [&]<class E>() {
    std::byte* at = y.data;
    for (const int64_t value : values) {
      E::store(at, static_cast<typename E::Wide>(value));
      at += y.strides[0];
    }
  });
}

}  // namespace rondo::kernels
