// A rank's share of a convolution: boxes of input are laid out in scratch, micro-kernels sweep over them.
#include <algorithm>
#include <cstdlib>

#include "kernels/cpu/conv/conv.h"
#include "kernels/cpu/packing/packing.h"
#include "kernels/cpu/tile_functions.h"

namespace rondo::kernels {
namespace {

constexpr int64_t kChunk = 256;  ///< elements converted at a time
constexpr int64_t kFloat = sizeof(float);

}  // namespace

/// One call of Conv::run. Pointers into scratch, the box that is laid out there, and what of it is being computed.
class ConvRun {
 public:
  ConvRun(const Conv& conv, const ConvOperands& operands, std::byte* scratch);
  void units(int64_t first, int64_t last);

 private:
  using Extents = std::array<int64_t, 3>;
  /// Where tiles of one part, box and block of channels go.
  struct Target {
    ConvFn const* fn;  ///< by vectors
    ConvFn edge;
    int rows, max_vectors;
    std::byte* y;    ///< of the first channel and the first pixel of the box
    Extents step{};  ///< bytes of y between pixels of an axis
    Extents extent{};
    ConvSegments segments;
    bool dense;   ///< the pixels of a segment are neighbours in y as well
    bool direct;  ///< the pixels of a row are, and a vector of the grid meets two rows at most
    ConvTile tile;
  };
  /// A row of the grid, as far as its pixels are outputs.
  struct GridRow {
    int64_t d, h, at;  ///< `at`: its first pixel, counted from the segment's
  };

  void seek_box(int64_t image, int64_t group, int64_t index);
  void lay_out();
  void lay_out_plane(const std::byte* x, const Extents& plane, float* to);
  void lay_out_rows(const std::byte* x, int64_t x_row, int64_t x_step, int64_t rows, int64_t first, int64_t n,
                    float* to);
  void lay_out_pairs(const std::byte* x, int64_t step, int64_t n, float* to) const;
  void compute(const Conv::Part& part, int64_t block);
  void set_weights(const Conv::Part& part, int64_t channel, Target& target);
  void set_bias(int64_t channel, int rows);
  void set_destination(const Conv::Part& part, int64_t channel, Target& target);
  void run_segment(Target& target, int64_t d, int64_t h);
  void run_exact(Target& target, const float* x, std::byte* y);
  void next_row(const Target& target, GridRow& row) const;
  void find_spots(const Target& target);
  void emit(const Target& target, GridRow& row, int64_t tile_row, int64_t begin, int64_t end);

  const Conv& conv_;
  const ConvOperands& ops_;
  tile::TileFunctions::Load load_x_, load_bias_;
  tile::TileFunctions::Store store_;
  ConvSpot* spots_;  ///< of a segment of `spots_extent_`
  Extents spots_extent_{};
  float* bias_;
  float* tile_;
  float* rows_;
  float* planes_ = nullptr;   ///< element 0 of the first plane
  const float* x_ = nullptr;  ///< what offsets of parts count from
  int64_t image_ = 0, group_ = 0, box_ = -1;
  bool alone_ = false;  ///< the even channel being laid out has no odd one
  Extents begin_{};
};

ConvRun::ConvRun(const Conv& conv, const ConvOperands& operands, std::byte* scratch) : conv_(conv), ops_(operands) {
  const tile::TileFunctions& functions = tile_functions(conv.isa_);
  load_x_ = functions.load[static_cast<size_t>(operands.x.dtype)];
  load_bias_ = functions.load[static_cast<size_t>(operands.bias.dtype)];
  store_ = functions.store[static_cast<size_t>(operands.y.dtype)];
  const auto address = (reinterpret_cast<uintptr_t>(scratch) + 63) & ~uintptr_t{63};
  tile_ = reinterpret_cast<float*>(address);
  bias_ = tile_ + kMaxConvRows * kMaxConvVectors * conv.kernels_.lanes;
  spots_ = reinterpret_cast<ConvSpot*>(bias_ + kMaxConvRows);
  rows_ = reinterpret_cast<float*>(spots_ + conv.grid_vectors_);
  if (conv.in_place_) return;
  const int64_t planes = conv.channel_steps() * conv.channel_floats_;
  std::fill_n(rows_, conv.head_, 0.0f);
  planes_ = rows_ + conv.head_;
  std::fill_n(planes_ + planes, conv.tail_, 0.0f);
  rows_ = planes_ + planes + conv.tail_;
}

void ConvRun::units(int64_t first, int64_t last) {
  const int64_t boxes = conv_.box_[0].boxes * conv_.box_[1].boxes * conv_.box_[2].boxes;
  for (int64_t u = first; u < last; ++u) {
    const int64_t chunk = u % conv_.chunks_, box = u / conv_.chunks_;
    if (box != box_) {
      box_ = box;
      seek_box(box / boxes / conv_.shape_.groups, box / boxes % conv_.shape_.groups, box % boxes);
    }
    const int64_t block_end = conv_.row_blocks_ * (chunk + 1) / conv_.chunks_;
    for (const Conv::Part& part : conv_.parts_) {
      for (int64_t block = conv_.row_blocks_ * chunk / conv_.chunks_; block < block_end; ++block) compute(part, block);
    }
  }
}

void ConvRun::seek_box(int64_t image, int64_t group, int64_t index) {
  image_ = image;
  group_ = group;
  for (size_t i = 3; i-- > 0;) {
    begin_[i] = index % conv_.box_[i].boxes * conv_.box_[i].extent;
    index /= conv_.box_[i].boxes;
  }
  if (!conv_.in_place_) return lay_out();
  const std::byte* x = ops_.x.data + image * ops_.x.strides[0] + group * conv_.group_channels() * ops_.x.strides[1];
  for (int i = 0; i < 3; ++i) x += begin_[static_cast<size_t>(i)] * conv_.stride(ops_.x, i);
  x_ = reinterpret_cast<const float*>(x);
}

void ConvRun::lay_out() {
  x_ = planes_;
  const std::byte* image = ops_.x.data + image_ * ops_.x.strides[0];
  const auto count = [&](size_t i) { return static_cast<int64_t>(conv_.plan_[i].residues.size()); };
  const int64_t channels = conv_.group_channels(), of_step = conv_.format_ == GemmFormat::kBf16Pairs ? 2 : 1;
  for (int64_t c = 0; c < conv_.channel_steps(); ++c) {
    const std::byte* x = image + (group_ * channels + c * of_step) * ops_.x.strides[1];
    alone_ = c * of_step + 1 == channels;
    float* to = planes_ + c * conv_.channel_floats_;
    for (int64_t d = 0; d < count(0); ++d) {
      for (int64_t h = 0; h < count(1); ++h) {
        for (int64_t w = 0; w < count(2); ++w, to += conv_.plane_floats_) lay_out_plane(x, {d, h, w}, to);
      }
    }
    std::fill(to, planes_ + (c + 1) * conv_.channel_floats_, 0.0f);  // read as zeros before the next channel
  }
}

void ConvRun::lay_out_plane(const std::byte* x, const Extents& plane, float* to) {
  Extents first{}, last{}, step{};  // elements of each axis that are input, and bytes of x between them
  for (size_t i = 0; i < 3; ++i) {
    const ConvAxisPlan& plan = conv_.plan_[i];
    const int64_t residue = plan.residues[static_cast<size_t>(plane[i])], from = begin_[i] + conv_.box_[i].lead;
    const int64_t inputs = plan.axis.in > residue ? (plan.axis.in - 1 - residue) / plan.step + 1 : 0;
    first[i] = std::clamp<int64_t>(-from, 0, conv_.box_[i].data);
    last[i] = std::clamp<int64_t>(inputs - from, first[i], conv_.box_[i].data);
    step[i] = plan.step * conv_.stride(ops_.x, static_cast<int>(i));
    if (first[i] < last[i]) x += (from + first[i]) * step[i] + residue * conv_.stride(ops_.x, static_cast<int>(i));
  }
  const int64_t row = conv_.pitch_[1], slice = conv_.pitch_[0];
  if (first[1] == last[1] || first[2] == last[2]) last[0] = first[0];
  std::fill_n(to, first[0] * slice, 0.0f);
  for (int64_t d = first[0]; d < last[0]; ++d) {
    float* at = to + d * slice;
    std::fill_n(at, first[1] * row, 0.0f);
    lay_out_rows(x + (d - first[0]) * step[0], step[1], step[2], last[1] - first[1], first[2], last[2] - first[2],
                 at + first[1] * row);
    std::fill_n(at + last[1] * row, slice - last[1] * row, 0.0f);
  }
  std::fill_n(to + last[0] * slice, conv_.plane_floats_ - last[0] * slice, 0.0f);
}

void ConvRun::lay_out_rows(const std::byte* x, int64_t x_row, int64_t x_step, int64_t rows, int64_t first, int64_t n,
                           float* to) {
  const int64_t pitch = conv_.pitch_[1];
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t i = 0; i < first; ++i) to[r * pitch + i] = 0;
    for (int64_t i = first + n; i < pitch; ++i) to[r * pitch + i] = 0;
  }
  if (conv_.format_ == GemmFormat::kBf16Pairs) {
    for (int64_t r = 0; r < rows; ++r) lay_out_pairs(x + r * x_row, x_step, n, to + r * pitch + first);
    return;
  }
  if (conv_.format_ == GemmFormat::kBf16 && ops_.x.dtype != DType::kBFloat16) {
    return pack_factors(x, x_row, x_step, ops_.x.dtype, conv_.isa_, conv_.format_, rows, n, pitch, to + first);
  }
  if (ops_.x.dtype == DType::kFloat32) {
    return conv_.kernels_.copy_rows(
        {to + first, pitch, reinterpret_cast<const float*>(x), x_row / kFloat, x_step / kFloat, rows, n});
  }
  for (int64_t r = 0; r < rows; ++r) load_x_(to + r * pitch + first, x + r * x_row, x_step, n);
}

// One row of the even channel at x and of the one behind it.
void ConvRun::lay_out_pairs(const std::byte* x, int64_t step, int64_t n, float* to) const {
  float even[kChunk], odd[kChunk] = {};
  const bool dense = ops_.x.dtype == DType::kFloat32 && step == kFloat;
  const std::byte* next = x + ops_.x.strides[1];
  for (int64_t i = 0; i < n; i += kChunk) {
    const int64_t count = std::min(kChunk, n - i);
    if (dense && !alone_) {
      const auto* from = reinterpret_cast<const float*>(x);
      conv_.kernels_.pair_row(to + i, from + i, reinterpret_cast<const float*>(next) + i, count);
      continue;
    }
    load_x_(even, x + i * step, step, count);
    if (!alone_) load_x_(odd, next + i * step, step, count);
    conv_.kernels_.pair_row(to + i, even, odd, count);
  }
}

void ConvRun::compute(const Conv::Part& part, int64_t block) {
  const int64_t first = conv_.group_outputs() * block / conv_.row_blocks_;
  const int64_t channel = group_ * conv_.group_outputs() + first;
  Target target{};
  target.rows = static_cast<int>(conv_.group_outputs() * (block + 1) / conv_.row_blocks_ - first);
  target.fn = conv_.kernels_.fn[target.rows];
  target.edge = conv_.kernels_.edge[target.rows];
  target.max_vectors = conv_.kernels_.max_vectors[target.rows];
  set_destination(part, channel, target);
  if (target.extent[0] <= 0 || target.extent[1] <= 0 || target.extent[2] <= 0) return;
  set_bias(channel, target.rows);
  set_weights(part, channel, target);
  const int level = target.segments.level;
  for (int64_t d = 0; d < (level < 2 ? target.extent[0] : 1); ++d) {
    for (int64_t h = 0; h < (level < 1 ? target.extent[1] : 1); ++h) run_segment(target, d, h);
  }
}

void ConvRun::set_weights(const Conv::Part& part, int64_t channel, Target& target) {
  target.tile.offset = part.offset.data();
  target.tile.k = part.k;
  target.tile.w_row = part.row_pitch;
  if (!conv_.kept_.empty()) {
    target.tile.w = conv_.kept_.data() + part.kept + channel * part.row_pitch;
  } else if (conv_.fixed_weights_) {
    target.tile.w = reinterpret_cast<const float*>(ops_.w.data + channel * ops_.w.strides[0]);
    target.tile.w_row = ops_.w.strides[0] / kFloat;
  } else {
    conv_.make_rows(part, ops_.w, channel, target.rows, rows_);
    target.tile.w = rows_;
  }
}

void ConvRun::set_bias(int64_t channel, int rows) {
  std::fill_n(bias_, kMaxConvRows, 0.0f);
  if (ops_.bias.data == nullptr) return;
  load_bias_(bias_, ops_.bias.data + channel * ops_.bias.strides[0], ops_.bias.strides[0], rows);
}

void ConvRun::set_destination(const Conv::Part& part, int64_t channel, Target& target) {
  target.y = ops_.y.data + image_ * ops_.y.strides[0] + channel * ops_.y.strides[1];
  for (size_t i = 0; i < 3; ++i) {
    const ConvAxisPlan& plan = conv_.plan_[i];
    const int64_t stride = conv_.stride(ops_.y, static_cast<int>(i));
    const int64_t count = plan.phases[static_cast<size_t>(part.phase[i])].count;
    target.extent[i] = std::min(conv_.box_[i].extent, count - begin_[i]);
    target.step[i] = plan.period * stride;
    target.y += begin_[i] * target.step[i] + part.phase[i] * stride;
  }
  target.segments = choose_segments(target.extent, conv_.pitch_, conv_.kernels_.lanes);
  const auto same = [&](size_t i) { return target.extent[i] == 1 || target.step[i] == conv_.pitch_[i] * kFloat; };
  const int level = target.segments.level;
  const int64_t row = target.extent[2], slice = row * target.extent[1];
  target.dense = ops_.y.dtype == DType::kFloat32 && target.step[2] == kFloat && (level < 1 || same(1)) &&
                 (level < 2 || same(0)) &&
                 target.segments.pixels == (level == 0   ? row
                                            : level == 1 ? slice
                                                         : slice * target.extent[0]);
  const int64_t reach =
      (target.extent[0] * std::abs(target.step[0]) + target.extent[1] * std::abs(target.step[1])) / kFloat;
  target.direct = ops_.y.dtype == DType::kFloat32 && target.step[2] == kFloat && reach + row <= kMaxConvExtent &&
                  (level == 0 || conv_.pitch_[1] >= conv_.kernels_.lanes);
  target.tile.bias = bias_;
  target.tile.y_row = ops_.y.strides[1] / kFloat;
}

void ConvRun::run_segment(Target& target, int64_t d, int64_t h) {
  const float* x = x_ + d * conv_.pitch_[0] + h * conv_.pitch_[1];
  std::byte* y = target.y + d * target.step[0] + h * target.step[1];
  if (target.dense) return run_exact(target, x, y);
  if (target.direct && target.extent != spots_extent_) find_spots(target);
  const int lanes = conv_.kernels_.lanes;
  const int64_t pixels = target.segments.pixels;
  const int64_t vectors = (conv_.in_place_ ? pixels : pixels + lanes - 1) / lanes;
  const int64_t tiles = (vectors + target.max_vectors - 1) / target.max_vectors;
  ConvTile tile = target.tile;
  GridRow row{d, h, 0};
  for (int64_t t = 0; t < tiles; ++t) {
    const int64_t first = vectors * t / tiles, last = vectors * (t + 1) / tiles;
    tile.x = x + first * lanes;
    if (target.direct) {
      tile.y = reinterpret_cast<float*>(y);
      tile.spots = spots_ + first;
      target.fn[last - first](tile);
      continue;
    }
    tile.y = tile_;
    tile.y_row = (last - first) * lanes;
    target.fn[last - first](tile);
    emit(target, row, tile.y_row, first * lanes, std::min(last * lanes, pixels));
  }
  if (vectors * lanes >= pixels) return;
  tile.x = x + vectors * lanes;
  tile.y = tile_;
  tile.y_row = lanes;
  tile.pixels = pixels - vectors * lanes;
  target.edge(tile);
  emit(target, row, lanes, vectors * lanes, pixels);
}

void ConvRun::run_exact(Target& target, const float* x, std::byte* y) {
  const int lanes = conv_.kernels_.lanes;
  const int64_t pixels = target.segments.pixels, vectors = pixels / lanes;
  const int64_t tiles = (vectors + target.max_vectors - 1) / target.max_vectors;
  ConvTile tile = target.tile;
  for (int64_t t = 0; t < tiles; ++t) {
    const int64_t first = vectors * t / tiles, last = vectors * (t + 1) / tiles;
    tile.x = x + first * lanes;
    tile.y = reinterpret_cast<float*>(y) + first * lanes;
    target.fn[last - first](tile);
  }
  if (vectors * lanes == pixels) return;
  tile.x = x + vectors * lanes;
  tile.y = reinterpret_cast<float*>(y) + vectors * lanes;
  tile.pixels = pixels - vectors * lanes;
  target.edge(tile);
}

void ConvRun::next_row(const Target& target, GridRow& row) const {
  if (++row.h == target.extent[1]) {
    row.h = 0;
    ++row.d;
  }
  row.at = (target.segments.level == 2 ? row.d * conv_.pitch_[0] : 0) + row.h * conv_.pitch_[1];
}

// Where the vectors of a segment go, counted from its first pixel. The same for all segments, channels and boxes of
// equal extent.
void ConvRun::find_spots(const Target& target) {
  const int lanes = conv_.kernels_.lanes;
  const int64_t width = target.extent[2], pixels = target.segments.pixels;
  spots_extent_ = target.extent;
  GridRow row{0, 0, 0};
  for (int64_t v = 0, begin = 0; begin < pixels; ++v, begin += lanes) {
    const int64_t end = std::min(begin + lanes, pixels);
    const auto lane = [&](int64_t pixel) { return static_cast<int8_t>(std::clamp(pixel, begin, end) - begin); };
    const auto at = [&] {
      return static_cast<int32_t>((row.d * target.step[0] + row.h * target.step[1]) / kFloat + begin - row.at);
    };
    if (begin >= row.at + width) next_row(target, row);
    spots_[v] = {at(), 0, lane(row.at), lane(row.at + width), 0, 0};
    if (end <= row.at + width) continue;
    next_row(target, row);
    spots_[v].next = at();
    spots_[v].next_begin = lane(row.at);
    spots_[v].next_end = lane(row.at + width);
  }
}

// Stores pixels [begin, end) of a segment, which lie in tile_, without those in gaps. `row` follows.
void ConvRun::emit(const Target& target, GridRow& row, int64_t tile_row, int64_t begin, int64_t end) {
  const int64_t width = target.extent[2], y_row = ops_.y.strides[1], step = target.step[2];
  for (int64_t at = std::max(begin, row.at); at < end; at = std::max(at, row.at)) {
    if (at >= row.at + width) {  // behind the outputs of this row
      next_row(target, row);
      continue;
    }
    const int64_t n = std::min(end, row.at + width) - at;
    const float* from = tile_ + at - begin;
    std::byte* y = target.y + row.d * target.step[0] + row.h * target.step[1] + (at - row.at) * step;
    if (ops_.y.dtype == DType::kFloat32 && step == kFloat) {
      conv_.kernels_.copy_rows({reinterpret_cast<float*>(y), y_row / kFloat, from, tile_row, 1, target.rows, n});
    } else {
      for (int r = 0; r < target.rows; ++r) store_(y + r * y_row, step, from + r * tile_row, n);
    }
    at += n;
  }
}

void Conv::run(const ConvOperands& operands, int64_t first, int64_t last, std::byte* scratch) const {
  if (first < last) ConvRun(*this, operands, scratch).units(first, last);
}

}  // namespace rondo::kernels
