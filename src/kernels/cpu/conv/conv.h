#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/bulk_memory.h"
#include "kernels/cpu/conv/conv_kernels.h"
#include "kernels/cpu/conv/conv_layout.h"
#include "kernels/cpu/structured/strided.h"
#include "tile/functions.h"

namespace rondo::kernels {

/// Sizes of a convolution: x [n, channels, in..], w [outputs, channels / groups, kernel..], y [n, outputs, out..]. Fewer than three
/// spatial axes stand last, behind axes of extent 1.
struct ConvShape {
  int64_t n = 0, channels = 0, outputs = 0, groups = 1;
  int spatial = 2;  ///< spatial axes that the operands have
  std::array<ConvAxis, 3> axis{};
  DType product = DType::kFloat32;  ///< kBFloat16: both factors are rounded to it; sums are f32 in any case
};

/// The operands of a call, strides in bytes over their own axes. All f32, f16 or bf16; arithmetic is f32.
struct ConvOperands {
  Strided x, w, bias, y;  ///< bias.data null: none
};

/// A convolution made ready for its shapes: how outputs split into units, how the input of a unit is laid out, the tables that
/// micro-kernels read.
/// Threads    run() is const: ranks run disjoint ranges of units at the same time, each with scratch of its own
class Conv {
 public:
  /// `x` and `w` tell dtypes and strides (not addresses) if they stay what they are in every call; null strides: unknown.
  /// Requires   groups divide channels and outputs; axes as plan_conv_axis
  Conv(const ConvShape& shape, const Strided& x, const Strided& w, Isa isa);

  /// Copies constant weights into rows that micro-kernels read, unless they read them best where they lie.
  void keep_weights(const Strided& w);

  int64_t units() const { return units_; }
  size_t scratch_bytes() const;
  double cost_ns() const { return cost_ns_; }  ///< estimate, on one thread
  /// Computes units [first, last). Bits of the result do not depend on the ranges.
  void run(const ConvOperands& operands, int64_t first, int64_t last, std::byte* scratch) const;

 private:
  friend class ConvRun;
  /// One convolution of stride 1: a phase of every axis.
  struct Part {
    std::array<int64_t, 3> phase{};
    int64_t k = 0;                ///< channels of a group (or pairs of them) * taps
    std::vector<int32_t> offset;  ///< [k], see ConvTile
    std::vector<std::array<int64_t, 3>> taps;
    int64_t row_pitch = 0;  ///< words between rows of weights that are made for it
    int64_t kept = 0;       ///< where its rows begin in kept_
  };

  int64_t group_channels() const { return shape_.channels / shape_.groups; }
  /// Planes a box is laid out in, and steps of a micro-kernel for one tap.
  int64_t channel_steps() const { return gemm_steps(format_, group_channels()); }
  int64_t group_outputs() const { return shape_.outputs / shape_.groups; }
  /// The stride of spatial axis 0 .. 2 of an operand, in bytes; 0 for an axis that the operands lack.
  int64_t stride(const Strided& operand, int axis) const {
    const int at = axis - (3 - shape_.spatial);
    return at < 0 ? 0 : operand.strides[2 + at];
  }
  bool reads_in_place(const Strided& x) const;
  int64_t box_floats() const;
  bool split_once(bool must_pay);
  void split_boxes();
  void place_planes(const Strided& x);
  void add_part(const std::array<int64_t, 3>& phase);
  void make_parts();
  void estimate_cost();
  int64_t boxes() const;
  bool weights_are_rows(const Strided& w) const;
  void load_factors(const std::byte* from, const Strided& w, int64_t n, float* to) const;
  /// Writes weights of outputs [first, first + count) of the tensor for a part, `row_pitch` words a row.
  void make_rows(const Part& part, const Strided& w, int64_t first, int64_t count, float* rows) const;

  ConvShape shape_;
  Isa isa_;
  GemmFormat format_;  ///< kF32, kBf16: of factors rounded to it, in f32; kBf16Pairs
  const ConvKernels& kernels_;
  std::array<ConvAxisPlan, 3> plan_;
  std::array<ConvBoxAxis, 3> box_;
  std::array<int64_t, 3> pitch_{};  ///< floats between neighbours of an axis in the grid of pixels
  bool in_place_ = false;           ///< micro-kernels read x itself; else a copy of the box with its zeros, in scratch
  bool fixed_weights_ = false;      ///< weights need no rows made at run time
  int64_t plane_floats_ = 0, channel_floats_ = 0;  ///< of the grid a box is laid out in
  int64_t grid_vectors_ = 0;                       ///< of the grid of a full box
  int64_t head_ = 0, tail_ = 0;                    ///< zeros before the first plane and behind the last
  int64_t row_blocks_ = 0, chunks_ = 1, units_ = 0;
  double cost_ns_ = 0;
  std::vector<Part> parts_;
  std::vector<float, BulkAllocator<float>> kept_;
};

}  // namespace rondo::kernels
