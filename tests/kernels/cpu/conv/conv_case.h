#pragma once

#include <gtest/gtest.h>

#include <array>
#include <initializer_list>
#include <ostream>
#include <random>
#include <vector>

#include "kernels/cpu/conv/conv.h"

namespace rondo::kernels::testing {

/// The instruction sets of this machine.
std::vector<Isa> isas();
/// Rounded to bf16.
float narrowed(float value);
/// Multiples of 1/1000 in -1 .. 1.
std::vector<float> random_floats(size_t count, uint32_t seed);

/// A tensor of floats stored as `dtype`, row-major, or with its last two axes exchanged in memory.
class ConvTensor {
 public:
  ConvTensor(std::vector<int64_t> dims, DType dtype, bool turned = false);
  void fill(uint32_t seed);
  Strided view() { return {memory_.data(), dtype_, strides_.data()}; }
  const std::vector<std::byte>& memory() const { return memory_; }
  /// The element at n, c, d, h, w; d, or d and h, are left out where the tensor lacks them.
  float get(std::initializer_list<int64_t> index) const;

 private:
  std::vector<int64_t> dims_, strides_;
  DType dtype_;
  std::vector<std::byte> memory_;
};

/// A convolution with random operands.
struct ConvCase {
  int64_t n = 1, channels = 1, outputs = 1, groups = 1;
  int spatial = 2;
  std::array<ConvAxis, 3> axis{};
  std::array<int64_t, 3> post{};
  DType dtype = DType::kFloat32;    ///< of all operands
  DType product = DType::kFloat32;  ///< kBFloat16: factors are rounded, and w is stored so
  bool bias = true, turned = false, constant_weights = true;

  /// Sets an axis (0 .. 2; those of fewer spatial axes are the last), its output extent included.
  ConvCase& set(int i, ConvAxis values, int64_t after = 0);
  ConvShape shape() const { return {n, channels, outputs, groups, spatial, axis, product}; }
};
std::ostream& operator<<(std::ostream& out, const ConvCase& c);

/// Its operands, and the runs and checks on them.
class ConvRunCase {
 public:
  ConvRunCase(const ConvCase& c, uint32_t seed);
  /// Runs units in shares that end at `cuts` of 100; scratch is dirty.
  void run(Isa isa, std::initializer_list<int> cuts = {});
  /// Compares y with sums of the (rounded) factors in double, each within (terms + 2) eps of the sum of magnitudes, and half an ulp of the store.
  void check();

 private:
  struct Sum {
    double value, magnitude;
    int64_t terms;
  };
  Sum element(int64_t n, int64_t m, const std::array<int64_t, 3>& o) const;
  ConvCase c_;

 public:
  ConvTensor x, w, b, y;
};

}  // namespace rondo::kernels::testing
