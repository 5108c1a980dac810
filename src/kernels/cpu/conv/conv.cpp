// Convolution without im2col. Pixels are the vector axis: in NCHW neighbouring outputs of a channel read neighbouring
// inputs, so a micro-kernel keeps [channels][vectors of pixels] of y in registers and runs k over (input channel, tap),
// each k at x + offset[k]:
//
//   3x3 on rows of pitch 6:   offset of (c, i, j) = c * plane + i * 6 + j       y[m][pixel] += w[m][k] * x[offset[k] +
//   pixel]
//
// For that, one grid of pixels must run over all rows of a box: x is copied once into planes with zeros around the
// input, and the grid has the pitch of the planes. Pixels of the grid in the gaps between rows are computed and thrown
// away. Zeros behind a row serve as the zeros before the next: 56 columns with a padding of 1 have a pitch of 57, 1.8 %
// of waste. (im2col copies every input `taps` times and reads it back from L2 for each block of channels.) Where
// nothing needs zeros (1x1, or no padding) x is read in place, which makes 1x1 a matrix product with no packing at all.
//
// Strides, dilation, input dilation and any mix are one thing, see conv_layout.cpp: a set of stride-1 convolutions
// ("parts", the phases of y) over sampled planes of x. A transposed convolution multiplies by no inserted zero.
//
// Factors rounded to bf16: where an instruction multiplies pairs of them, planes hold words of two channels, rounded
// while they are laid out, and weights likewise, so k is half as long and nothing else changes. A lone channel would
// multiply by zeros; it, and every other instruction set, computes on f32 that were rounded.
//
// Boxes are as large as stays in L2 while all channels of y pass over them. A unit is (image, group, box, chunk of
// channels); units of one box stand next to each other, so a rank copies a box once. Nothing is split along k: an
// element is the same sequence of multiply-adds, whatever the unit, tile or rank.
#include "kernels/cpu/conv/conv.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "base/half.h"
#include "kernels/cpu/packing/packing.h"
#include "kernels/cpu/tile_functions.h"

namespace rondo::kernels {
namespace {

// A box with its zeros stays in L2 (1 MB on the machines measured, half of it on smaller ones) next to the weights of a
// block.
constexpr int64_t kBoxFloats = 96 * 1024;
// Enough for 16 ranks to get equal shares within some percent; each still worth a few microseconds.
constexpr int64_t kUnits = 48;
constexpr double kUnitNs = 8000;
constexpr double kNsMoved = 0.15;  ///< of an element laid out or stored
constexpr int64_t kPage = 4096;    ///< neighbours at multiples of it fall into one set of L1
constexpr int64_t kFloat = sizeof(float);

int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

int64_t odd_pitch(int64_t floats) {
  const int64_t lines = (floats + 15) / 16 * 16;
  return lines % 256 == 0 ? lines + 16 : lines;
}

int64_t planes(const std::array<ConvAxisPlan, 3>& plan) {
  int64_t result = 1;
  for (const ConvAxisPlan& axis : plan) result *= static_cast<int64_t>(axis.residues.size());
  return result;
}

// Elements of an axis that a box reads beyond its pixels.
int64_t halo(const ConvAxisPlan& plan) { return plan.last_shift - plan.first_shift; }

GemmFormat format_of(const ConvShape& shape, Isa isa) {
  if (shape.product != DType::kBFloat16) return GemmFormat::kF32;
  return shape.channels > shape.groups ? gemm_format(isa, shape.product, shape.product) : GemmFormat::kBf16;
}

// Writes the half of a word that a channel has: words of one tap are `taps` apart.
void put_half(float weight, int64_t channel, float* first, int64_t taps) {
  const uint16_t bits = float_to_bfloat16(weight);
  auto* word = reinterpret_cast<std::byte*>(first + channel / 2 * taps);
  std::memcpy(word + channel % 2 * static_cast<int64_t>(sizeof bits), &bits, sizeof bits);
}

// Vectors of one segment over all of a box.
int64_t grid_vectors(const std::array<ConvBoxAxis, 3>& box, const std::array<int64_t, 3>& pitch, int64_t lanes) {
  int64_t last = 0;
  for (size_t i = 0; i < 3; ++i) last += (box[i].extent - 1) * pitch[i];
  return last / lanes + 1;
}

}  // namespace

Conv::Conv(const ConvShape& shape, const Strided& x, const Strided& w, Isa isa)
    : shape_(shape),
      isa_(isa),
      format_(format_of(shape, isa)),
      kernels_(conv_kernels(isa, format_ == GemmFormat::kBf16Pairs ? format_ : GemmFormat::kF32)) {
  for (size_t i = 0; i < 3; ++i) plan_[i] = plan_conv_axis(shape.axis[i]);
  bool empty = shape_.n == 0 || shape_.outputs == 0;
  for (const ConvAxis& axis : shape_.axis) empty = empty || axis.out == 0;
  if (empty) return;
  in_place_ = reads_in_place(x);
  estimate_cost();
  split_boxes();
  place_planes(x);
  make_parts();
  fixed_weights_ = w.strides != nullptr && weights_are_rows(w);
}

bool Conv::reads_in_place(const Strided& x) const {
  const bool as_it_is = x.dtype == DType::kFloat32 && format_ == GemmFormat::kF32;
  if (x.strides == nullptr || !as_it_is || stride(x, 2) != kFloat) return false;
  const int64_t channel = x.strides[1] / kFloat;
  if (channel <= 0 || group_channels() * channel > kMaxConvExtent) return false;
  if (group_channels() > 8 && x.strides[1] % kPage == 0) return false;  // channels would evict each other
  std::array<int64_t, 3> count{}, pitch{};
  int64_t pixels = 1;
  for (size_t i = 0; i < 3; ++i) {
    const ConvAxisPlan& plan = plan_[i];
    if (plan.period != 1 || plan.step != 1 || plan.first_shift < 0) return false;
    if (plan.count() + plan.last_shift > plan.axis.in) return false;
    count[i] = plan.count();
    pitch[i] = stride(x, static_cast<int>(i)) / kFloat;
    if (plan.axis.in > 1 && pitch[i] <= 0) return false;
    pixels *= count[i];
  }
  return choose_segments(count, pitch, kernels_.lanes).vectors * kernels_.lanes <= pixels + pixels / 8 + kernels_.lanes;
}

int64_t Conv::box_floats() const {
  int64_t floats = channel_steps() * (in_place_ ? 1 : planes(plan_));
  for (const ConvBoxAxis& axis : box_) floats *= in_place_ ? axis.extent : axis.pitch;
  return floats;
}

// Halves the pixels of the outermost axis that can be. A box must not read much more than it computes; the last axis
// stays several vectors long.
bool Conv::split_once(bool must_pay) {
  for (size_t i = 0; i < 3; ++i) {
    const int64_t least = std::max<int64_t>({1, halo(plan_[i]) / (must_pay ? 1 : 2), i == 2 ? 8 * kernels_.lanes : 0});
    const int64_t boxes = box_[i].boxes + std::max<int64_t>(1, box_[i].boxes / 4);
    const ConvBoxAxis next = box_conv_axis(plan_[i], boxes);
    if (box_[i].extent <= 1 || next.extent < least || next.extent == box_[i].extent) continue;
    box_[i] = next;
    return true;
  }
  return false;
}

// Boxes as large as L2 takes, but enough of them that all ranks of a team find work.
void Conv::split_boxes() {
  for (size_t i = 0; i < 3; ++i) box_[i] = box_conv_axis(plan_[i], 1);
  while (box_floats() > kBoxFloats && split_once(false)) {
  }
  row_blocks_ = ceil_div(group_outputs(), kernels_.max_rows);
  const int64_t wanted = std::min<int64_t>(kUnits, static_cast<int64_t>(cost_ns_ / kUnitNs) + 1);
  while (boxes() * row_blocks_ < wanted * 2 / 3 && split_once(true)) {
  }
  chunks_ = std::clamp<int64_t>(ceil_div(wanted, boxes()), 1, row_blocks_);
  units_ = boxes() * chunks_;
}

void Conv::place_planes(const Strided& x) {
  if (in_place_) {
    for (int i = 0; i < 3; ++i) pitch_[static_cast<size_t>(i)] = stride(x, i) / kFloat;
    channel_floats_ = x.strides[1] / kFloat;
    for (ConvBoxAxis& axis : box_) axis.lead = 0;
    grid_vectors_ = grid_vectors(box_, pitch_, kernels_.lanes);
    return;
  }
  pitch_ = {box_[1].pitch * box_[2].pitch, box_[2].pitch, 1};
  grid_vectors_ = grid_vectors(box_, pitch_, kernels_.lanes);
  plane_floats_ = box_[0].pitch * pitch_[0];
  channel_floats_ = planes(plan_) * plane_floats_;
  if (channel_floats_ % 256 == 0) channel_floats_ += 16;
  int64_t lowest = 0, highest = kernels_.lanes;
  for (size_t i = 0; i < 3; ++i) {
    lowest += (plan_[i].first_shift - box_[i].lead) * pitch_[i];
    highest += (plan_[i].last_shift - box_[i].lead + box_[i].extent - 1) * pitch_[i];
  }
  head_ = std::max<int64_t>(0, -lowest);
  tail_ = std::max<int64_t>(0, highest - plane_floats_);
  if (head_ + channel_steps() * channel_floats_ + tail_ > kMaxConvExtent) {
    fail(Code::kInvalidArgument, "a convolution reads ", channel_steps() * channel_floats_,
         " floats for one box of outputs");
  }
}

void Conv::add_part(const std::array<int64_t, 3>& phase) {
  Part part;
  part.phase = phase;
  std::vector<int64_t> at;  // offset of each tap
  const auto taps = [&](size_t i) -> const std::vector<ConvTap>& {
    return plan_[i].phases[static_cast<size_t>(phase[i])].taps;
  };
  for (const ConvTap& d : taps(0)) {
    for (const ConvTap& h : taps(1)) {
      for (const ConvTap& w : taps(2)) {
        const auto rows = static_cast<int64_t>(plan_[1].residues.size()),
                   cols = static_cast<int64_t>(plan_[2].residues.size());
        part.taps.push_back({d.tap, h.tap, w.tap});
        at.push_back(((d.plane * rows + h.plane) * cols + w.plane) * plane_floats_ +
                     (d.shift - box_[0].lead) * pitch_[0] + (h.shift - box_[1].lead) * pitch_[1] + w.shift -
                     box_[2].lead);
      }
    }
  }
  part.k = channel_steps() * static_cast<int64_t>(at.size());
  part.offset.reserve(static_cast<size_t>(part.k));
  for (int64_t c = 0; c < channel_steps(); ++c) {
    for (const int64_t offset : at) part.offset.push_back(static_cast<int32_t>(c * channel_floats_ + offset));
  }
  part.row_pitch = odd_pitch(part.k);
  parts_.push_back(std::move(part));
}

void Conv::make_parts() {
  const auto count = [&](size_t i) { return static_cast<int64_t>(plan_[i].phases.size()); };
  for (int64_t d = 0; d < count(0); ++d) {
    for (int64_t h = 0; h < count(1); ++h) {
      for (int64_t w = 0; w < count(2); ++w) add_part({d, h, w});
    }
  }
}

// Work of a thread: a multiply-add of a vector at a time, and the inputs and outputs that are moved.
void Conv::estimate_cost() {
  double macs = static_cast<double>(shape_.n * shape_.outputs * channel_steps());
  double inputs = in_place_ ? 0 : static_cast<double>(shape_.n * shape_.channels);
  double outputs = static_cast<double>(shape_.n * shape_.outputs);
  for (const ConvAxisPlan& axis : plan_) {
    double taps = 0;
    for (const ConvPhase& phase : axis.phases)
      taps += static_cast<double>(phase.count) * static_cast<double>(phase.taps.size());
    macs *= taps;
    inputs *= static_cast<double>(axis.axis.in);
    outputs *= static_cast<double>(axis.axis.out);
  }
  const double few_rows = group_outputs() < 3 ? 2 : 1;  // bound by loads
  cost_ns_ = macs / kernels_.lanes * few_rows * kernels_.ns_per_vector + kNsMoved * (inputs + outputs);
}

int64_t Conv::boxes() const { return shape_.n * shape_.groups * box_[0].boxes * box_[1].boxes * box_[2].boxes; }

size_t Conv::scratch_bytes() const {
  constexpr auto kSpotFloats = static_cast<int64_t>(sizeof(ConvSpot) / sizeof(float));
  int64_t floats = 16 + grid_vectors_ * kSpotFloats + kMaxConvRows + kMaxConvRows * kMaxConvVectors * kernels_.lanes;
  if (!in_place_) floats += head_ + channel_steps() * channel_floats_ + tail_;
  int64_t rows = 0;
  for (const Part& part : parts_) rows = std::max(rows, part.row_pitch);
  if (!fixed_weights_) floats += rows * kernels_.max_rows;
  return static_cast<size_t>(floats) * sizeof(float);
}

bool Conv::weights_are_rows(const Strided& w) const {
  if (w.dtype != DType::kFloat32 || format_ != GemmFormat::kF32 || parts_.size() != 1) return false;
  int64_t dense = kFloat;
  for (int i = 2; i >= 0; --i) {
    const int64_t kernel = shape_.axis[static_cast<size_t>(i)].kernel;
    if (kernel > 1 && stride(w, i) != dense) return false;
    dense *= kernel;
  }
  return static_cast<int64_t>(parts_[0].taps.size()) * kFloat == dense &&
         (group_channels() <= 1 || w.strides[1] == dense);
}

// Weights of successive channels, rounded where the format asks for it.
void Conv::load_factors(const std::byte* from, const Strided& w, int64_t n, float* to) const {
  if (format_ != GemmFormat::kF32) {
    return pack_factors(from, 0, w.strides[1], w.dtype, isa_, GemmFormat::kBf16, 1, n, 0, to);
  }
  tile_functions(isa_).load[static_cast<size_t>(w.dtype)](to, from, w.strides[1], n);
}

void Conv::make_rows(const Part& part, const Strided& w, int64_t first, int64_t count, float* rows) const {
  constexpr int64_t kChunk = 256;
  float chunk[kChunk];
  const auto taps = static_cast<int64_t>(part.taps.size());
  const int64_t d = stride(w, 0), h = stride(w, 1), v = stride(w, 2);
  for (int64_t m = 0; m < count; ++m) {
    float* row = rows + m * part.row_pitch;
    if (group_channels() % 2 != 0) std::fill_n(row, part.k, 0.0f);        // the last channel of pairs may be alone
    for (int64_t begin = 0; begin < group_channels(); begin += kChunk) {  // source and row stay in L1 over all taps
      const int64_t n = std::min(kChunk, group_channels() - begin);
      const std::byte* from = w.data + (first + m) * w.strides[0] + begin * w.strides[1];
      for (int64_t t = 0; t < taps; ++t) {
        const std::array<int64_t, 3>& tap = part.taps[static_cast<size_t>(t)];
        load_factors(from + tap[0] * d + tap[1] * h + tap[2] * v, w, n, chunk);
        if (format_ == GemmFormat::kBf16Pairs) {
          for (int64_t i = 0; i < n; ++i) put_half(chunk[i], begin + i, row + t, taps);
        } else {
          for (int64_t i = 0; i < n; ++i) row[(begin + i) * taps + t] = chunk[i];
        }
      }
    }
  }
}

void Conv::keep_weights(const Strided& w) {
  if (units_ == 0 || (weights_are_rows(w) && w.strides[0] % kPage != 0)) return;
  int64_t floats = 0;
  for (Part& part : parts_) {
    part.kept = floats;
    floats += part.row_pitch * shape_.outputs;
  }
  kept_.resize(static_cast<size_t>(floats));
  for (const Part& part : parts_) make_rows(part, w, 0, shape_.outputs, kept_.data() + part.kept);
  fixed_weights_ = true;
}

}  // namespace rondo::kernels
