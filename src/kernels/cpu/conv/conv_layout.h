#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace rondo::kernels {

/// One spatial axis of a convolution: output o takes tap t from input (o * stride + t * dilation - pre) / input_dilation where that
/// divides and lies inside; everything else is zero.
struct ConvAxis {
  int64_t in = 1, out = 1, kernel = 1;
  int64_t stride = 1, dilation = 1, input_dilation = 1, pre = 0;
};
/// Largest extent, stride, dilation and |pre| of an axis: products of two stay in 64 bits.
constexpr int64_t kMaxConvExtent = (int64_t{1} << 31) - 1;

/// A tap of a phase: pixel q of the phase reads plane `plane` at q + shift.
struct ConvTap {
  int64_t tap = 0, plane = 0, shift = 0;
};
/// Outputs q * period + index, q < count, of an axis. They read the input through the same taps.
struct ConvPhase {
  int64_t count = 0;
  std::vector<ConvTap> taps;  ///< ascending; those that meet nothing but zeros are left out
};
/// An axis without strides: outputs fall into phases, inputs into planes (element p of plane i is input p * step + residues[i]), so that
/// in each phase neighbouring pixels read neighbouring elements of a plane.
struct ConvAxisPlan {
  ConvAxis axis;
  int64_t period = 1;  ///< outputs between neighbouring pixels of a phase
  int64_t step = 1;    ///< inputs between neighbouring elements of a plane
  std::vector<ConvPhase> phases;
  std::vector<int64_t> residues;
  int64_t first_shift = 0, last_shift = 0;           ///< over all phases
  int64_t count() const { return phases[0].count; }  ///< the largest count
};
/// Requires values in 1 .. kMaxConvExtent, pre within its negative too; in and out may be 0.
ConvAxisPlan plan_conv_axis(const ConvAxis& axis);

/// How an axis lies in memory when a box of at most `extent` pixels of it is worked on.
struct ConvBoxAxis {
  int64_t extent = 0;  ///< pixels of a full box
  int64_t boxes = 0;
  int64_t pitch = 0;  ///< elements of a plane along this axis; the pixel grid has the same pitch
  int64_t data = 0;   ///< leading elements of the pitch that may hold input; the others are zero
  int64_t lead = 0;   ///< the first element is p = first pixel of the box + lead
};
/// Splits an axis into `boxes` boxes (or a few less). An axis in one piece shares its zeros: those behind a line of elements are also
/// those before the next, so that fewer pixels of the grid are no outputs.
ConvBoxAxis box_conv_axis(const ConvAxisPlan& plan, int64_t boxes);

/// How the pixels of a box are walked: in segments of neighbours in memory, each `level` axes beyond the last, gaps included.
struct ConvSegments {
  int level = 0;
  int64_t pixels = 0;   ///< of a segment, gaps included
  int64_t vectors = 0;  ///< of all segments
};
/// The level that needs the fewest vectors; `pitch` in elements.
ConvSegments choose_segments(const std::array<int64_t, 3>& extent, const std::array<int64_t, 3>& pitch, int64_t lanes);

}  // namespace rondo::kernels
