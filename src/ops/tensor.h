#pragma once

#include <cstdint>
#include <vector>

#include "base/dtype.h"
#include "tile/op_table.h"

namespace rondo::ops {

struct TensorShape {
  DType dtype = DType::kFloat32;
  std::vector<int64_t> dims;
};

/// A dense row-major tensor of the reference interpreter. Elements are doubles whatever the dtype; integers are exact below 2^53,
/// bools are 0 and 1.
struct Tensor {
  DType dtype = DType::kFloat32;
  std::vector<int64_t> dims;
  std::vector<double> data;

  int64_t volume() const;
};

/// The value of v stored as `dtype`, as the cast op does it: floats round to nearest even, integers truncate and saturate (NaN
/// gives 0), bool is v != 0.
double round_to(DType dtype, double v);

/// Converts raw bytes of `dtype` to a Tensor and back (rounding/saturating as the cast op does).
Tensor from_bytes(DType dtype, std::vector<int64_t> dims, const void* bytes);
void to_bytes(const Tensor& tensor, void* bytes);

}  // namespace rondo::ops
