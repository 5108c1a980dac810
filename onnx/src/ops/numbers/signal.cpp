// Windows and transforms of signals. Sizes must be known: windows, and the matrices of a discrete Fourier transform,
// are constants computed here in double.
#include <cmath>
#include <numbers>

#include "layers/extents.h"
#include "ops/op_table.h"

namespace rondo::onnx {
namespace {

using E = ElementWiseOperation;

constexpr double kPi = std::numbers::pi;
constexpr int64_t kLongest = 8192;  // a transform is a matrix of its square

enum class Taper { kHann, kHamming, kBlackman };

double taper(Taper kind, double phase) {
  switch (kind) {
    case Taper::kHann:
      return 0.5 - 0.5 * std::cos(phase);
    case Taper::kHamming:
      return 25.0 / 46 - 21.0 / 46 * std::cos(phase);
    case Taper::kBlackman:
      break;
  }
  return 0.42 - 0.5 * std::cos(phase) + 0.08 * std::cos(2 * phase);
}

int64_t one_int(Node const& node, int32_t index, char const* what) {
  const std::vector<int64_t> values = node.constant_ints(index, what);
  node.require(values.size() == 1, ErrorCode::kINVALID_NODE, text(what, " needs one element"));
  return values[0];
}

Values import_window(Context&, Node& node) {
  const int64_t size = one_int(node, 0, "size");
  node.require(size >= 0 && size <= 1 << 24, ErrorCode::kUNSUPPORTED_NODE_SHAPE,
               text("a window of ", size, " elements"));
  const bool periodic = node.attributes.flag("periodic", true);
  const DataType type =
      tensor_type(static_cast<int32_t>(node.attributes.integer("output_datatype", 1)), "attribute 'output_datatype'");
  const double period = static_cast<double>(periodic ? size : size - 1);
  std::vector<double> values;
  for (int64_t i = 0; i < size; ++i)
    values.push_back(taper(node.parameter<Taper>(), 2 * kPi * static_cast<double>(i) / period));
  return {host_tensor_of(type, {size}, std::span<double const>(values))};
}

struct Transform {
  int64_t length;   ///< of the signal's axis, zeros behind a shorter one
  int64_t outputs;  ///< all, or the first half
  bool inverse;
};

/// cos or sin of the transform's angles, [length, outputs], divided by the length for an inverse.
ITensor& matrix(Context& context, Transform const& t, DataType type, bool sine) {
  std::vector<double> values;
  const double scale = t.inverse ? 1.0 / static_cast<double>(t.length) : 1;
  for (int64_t n = 0; n < t.length; ++n) {
    for (int64_t k = 0; k < t.outputs; ++k) {
      const double angle =
          (t.inverse ? 2 : -2) * kPi * static_cast<double>(n * k % t.length) / static_cast<double>(t.length);
      values.push_back(scale * (sine ? std::sin(angle) : std::cos(angle)));
    }
  }
  return context.constant_tensor(host_tensor_of(type, {t.length, t.outputs}, std::span<double const>(values)));
}

ITensor& times(Context& context, ITensor& x, ITensor& m) {
  ITensor* const inputs[] = {&x, &m};
  return result(context.network().addEinsum(inputs, 2, "...n,nk->...k"), "einsum");
}

/// x [.., n, 1 or 2] along its last but one dimension -> [.., outputs, 2].
ITensor& transformed(Context& context, ITensor& x, Transform const& t) {
  const int64_t rank = rank_of(x), parts = dims_of(x).back();
  const DataType type = x.getType();
  ITensor &cosine = matrix(context, t, type, false), &sine = matrix(context, t, type, true);
  ITensor& real = squeeze(context, slice_axis(context, x, rank - 1, 0, 1), {rank - 1});
  ITensor* re = &times(context, real, cosine);
  ITensor* im = &times(context, real, sine);
  if (parts == 2) {
    ITensor& imaginary = squeeze(context, slice_axis(context, x, rank - 1, 1, 2), {rank - 1});
    re = &binary(context, *re, times(context, imaginary, sine), E::kSUB);
    im = &binary(context, *im, times(context, imaginary, cosine), E::kSUM);
  }
  return concat(context, {&unsqueeze(context, *re, {rank - 1}), &unsqueeze(context, *im, {rank - 1})}, rank - 1);
}

/// The real signal of which x [.., n / 2 + 1, 2] is the first half of the spectrum; the other half is its conjugate: [.., n, 1].
ITensor& real_inverse(Context& context, ITensor& x, int64_t length) {
  const int64_t rank = rank_of(x), half = length / 2 + 1;
  std::vector<double> cosines, sines;
  for (int64_t k = 0; k < half; ++k) {
    const double times_met = k == 0 || 2 * k == length ? 1 : 2;
    for (int64_t n = 0; n < length; ++n) {
      const double angle = 2 * kPi * static_cast<double>(n * k % length) / static_cast<double>(length);
      cosines.push_back(times_met * std::cos(angle) / static_cast<double>(length));
      sines.push_back(-times_met * std::sin(angle) / static_cast<double>(length));
    }
  }
  const auto part = [&](int64_t at, std::vector<double> const& values) -> ITensor& {
    ITensor& m = context.constant_tensor(host_tensor_of(x.getType(), {half, length}, std::span<double const>(values)));
    return times(context, squeeze(context, slice_axis(context, x, rank - 1, at, at + 1), {rank - 1}), m);
  };
  return unsqueeze(context, binary(context, part(0, cosines), part(1, sines), E::kSUM), {rank - 1});
}

/// The signal cut or filled up with zeros to the length.
ITensor& fitted(Context& context, ITensor& x, int64_t axis, int64_t length) {
  const int64_t extent = dims_of(x)[static_cast<size_t>(axis)];
  if (extent >= length) return slice_axis(context, x, axis, 0, length);
  Extents dims = dims_of(x);
  dims[static_cast<size_t>(axis)] = length - extent;
  ITensor& zeros = broadcast_to(context, scalar(context, x.getType(), 0, rank_of(x)), int_vector(dims));
  return concat(context, {&x, &zeros}, axis);
}

Values import_dft(Context& context, Node& node) {
  ITensor& x = to_tensor(context, node.input(0));
  const int64_t rank = rank_of(x);
  const Extents dims = dims_of(x);
  node.require(rank >= 2 && all_known(dims) && (dims.back() == 1 || dims.back() == 2),
               ErrorCode::kUNSUPPORTED_NODE_SHAPE,
               text("a signal with known extents, the last of them 1 or 2, is needed, not ", node.input_types()));
  int64_t axis = node.opset() >= 20 ? -2 : node.attributes.integer("axis", 1);
  if (node.opset() >= 20 && node.has_input(2)) axis = one_int(node, 2, "axis");
  axis = node.axis(axis, rank);
  node.require(axis != rank - 1, ErrorCode::kINVALID_NODE,
               "the last dimension holds real and imaginary parts and is no signal");
  const bool onesided = node.attributes.flag("onesided", false), inverse = node.attributes.flag("inverse", false);
  const bool real = onesided && inverse;
  const int64_t extent = dims[static_cast<size_t>(axis)];
  const int64_t length = node.has_input(1) ? one_int(node, 1, "dft_length") : real ? 2 * (extent - 1) : extent;
  node.require(!real || dims.back() == 2, ErrorCode::kINVALID_NODE,
               text("half a spectrum is complex, not ", node.input_types()));
  node.require(length >= 1 && length <= kLongest, ErrorCode::kUNSUPPORTED_NODE_SHAPE,
               text("a transform of ", length, " elements; up to ", kLongest, " are supported"));
  std::vector<int64_t> order;
  for (int64_t i = 0; i < rank - 1; ++i) {
    if (i != axis) order.push_back(i);
  }
  order.insert(order.end(), {axis, rank - 1});
  ITensor& moved = transpose(context, fitted(context, x, axis, real ? length / 2 + 1 : length), order);
  ITensor& y = real ? real_inverse(context, moved, length)
                    : transformed(context, moved, {length, onesided ? length / 2 + 1 : length, inverse});
  std::vector<int64_t> back(order.size());
  for (size_t i = 0; i < order.size(); ++i) back[static_cast<size_t>(order[i])] = static_cast<int64_t>(i);
  return {transpose(context, y, back)};
}

/// signal [B, n, 1 or 2] -> [B, frames, outputs, 2].
Values import_stft(Context& context, Node& node) {
  ITensor& x = to_tensor(context, node.input(0));
  const Extents dims = dims_of(x);
  node.require(dims.size() == 3 && dims[1] >= 0, ErrorCode::kUNSUPPORTED_NODE_SHAPE,
               text("a signal of rank 3 and known length is needed, not ", node.input_types()));
  const int64_t step = one_int(node, 1, "frame_step");
  const int64_t length = node.has_input(3) ? one_int(node, 3, "frame_length") : node.input(2).dims().at(0);
  node.require(step >= 1 && length >= 1 && length <= kLongest && length <= dims[1], ErrorCode::kINVALID_NODE,
               text("frames of ", length, " elements every ", step, " do not fit ", node.input_types()));
  const bool onesided = node.attributes.flag("onesided", true);
  const int64_t frames = (dims[1] - length) / step + 1;
  std::vector<int64_t> places;
  for (int64_t f = 0; f < frames; ++f) {
    for (int64_t i = 0; i < length; ++i) places.push_back(f * step + i);
  }
  ITensor& table = context.constant_tensor(make_host_tensor(DataType::kINT64, {frames, length}, std::move(places)));
  ITensor* cut = &gather(context, x, table, 1);  // [B, frames, length, 1 or 2]
  if (node.has_input(2))
    cut = &binary(context, *cut, unsqueeze(context, to_tensor(context, node.input(2)), {1}), E::kPROD);
  return {transformed(context, *cut, {length, onesided ? length / 2 + 1 : length, false})};
}

/// The coordinates that theta [N, 2, 3] or [N, 3, 4] moves each element of the output to: [N, (D), H, W, 2 or 3].
Values import_affine_grid(Context& context, Node& node) {
  ITensor& theta = to_tensor(context, node.input(0));
  const std::vector<int64_t> size = node.constant_ints(1, "size");
  const bool corners = node.attributes.flag("align_corners", false);
  const size_t rank = size.size() < 2 ? 0 : size.size() - 2;
  node.require(rank == 2 || rank == 3, ErrorCode::kINVALID_NODE, "size needs four or five elements");
  const Extents spatial(size.begin() + 2, size.end());
  std::vector<double> points;
  Extents at(rank, 0);
  for (int64_t n = volume(spatial, "size"); n > 0; --n) {
    for (size_t i = rank; i-- > 0;) {  // x first, that is the last dimension
      const auto extent = static_cast<double>(spatial[i]), place = static_cast<double>(at[i]);
      points.push_back(corners ? (extent == 1 ? 0 : 2 * place / (extent - 1) - 1) : (2 * place + 1) / extent - 1);
    }
    points.push_back(1);
    for (size_t i = rank; i-- > 0;) {
      if (++at[i] < spatial[i]) break;
      at[i] = 0;
    }
  }
  const auto columns = static_cast<int64_t>(rank) + 1;
  Extents dims = spatial;
  dims.push_back(columns);
  ITensor& grid = context.constant_tensor(host_tensor_of(theta.getType(), dims, std::span<double const>(points)));
  ITensor* const inputs[] = {&theta, &grid};
  return {result(context.network().addEinsum(inputs, 2, rank == 2 ? "nij,hwj->nhwi" : "nij,dhwj->ndhwi"), "einsum")};
}

double mel(double hertz) { return 2595 * std::log10(1 + hertz / 700); }

/// Triangles between neighbouring mel frequencies, over the bins of a transform. Source: ONNX MelWeightMatrix-17
Values import_mel_weights(Context&, Node& node) {
  const int64_t bins = one_int(node, 0, "num_mel_bins"), length = one_int(node, 1, "dft_length"),
                rate = one_int(node, 2, "sample_rate");
  node.require(bins >= 1 && bins < 1 << 16 && length >= 1 && length < 1 << 20 && rate >= 1, ErrorCode::kINVALID_NODE,
               "sizes and the sample rate are above 0");
  const double low = mel(node.constant(3, "lower_edge_hertz")->to_reals().at(0)),
               high = mel(node.constant(4, "upper_edge_hertz")->to_reals().at(0));
  const DataType type =
      tensor_type(static_cast<int32_t>(node.attributes.integer("output_datatype", 1)), "attribute 'output_datatype'");
  std::vector<int64_t> edges;
  for (int64_t i = 0; i < bins + 2; ++i) {
    const double hertz =
        700 *
        (std::pow(10.0, (low + static_cast<double>(i) * (high - low) / static_cast<double>(bins + 2)) / 2595) - 1);
    edges.push_back(
        static_cast<int64_t>(std::floor(static_cast<double>(length + 1) * hertz / static_cast<double>(rate))));
  }
  const int64_t rows = length / 2 + 1;
  std::vector<double> values(static_cast<size_t>(rows * bins));
  const auto put = [&](int64_t row, int64_t bin, double value) {
    if (row >= 0 && row < rows) values[static_cast<size_t>(row * bins + bin)] = value;
  };
  for (int64_t i = 0; i < bins; ++i) {
    const int64_t first = edges[static_cast<size_t>(i)], centre = edges[static_cast<size_t>(i) + 1],
                  last = edges[static_cast<size_t>(i) + 2];
    if (centre == first) put(centre, i, 1);
    for (int64_t j = first; centre != first && j <= centre; ++j)
      put(j, i, static_cast<double>(j - first) / static_cast<double>(centre - first));
    for (int64_t j = centre; last > centre && j < last; ++j)
      put(j, i, static_cast<double>(last - j) / static_cast<double>(last - centre));
  }
  return {host_tensor_of(type, {rows, bins}, std::span<double const>(values))};
}

constexpr OpRow kRows[] = {
    OpRow::from("HannWindow", 17, {1, 1}, {1, 1}, import_window, Taper::kHann),
    OpRow::from("HammingWindow", 17, {1, 1}, {1, 1}, import_window, Taper::kHamming),
    OpRow::from("BlackmanWindow", 17, {1, 1}, {1, 1}, import_window, Taper::kBlackman),
    OpRow::from("DFT", 17, {1, 3}, {1, 1}, import_dft),
    OpRow::from("STFT", 17, {2, 4}, {1, 1}, import_stft),
    OpRow::from("AffineGrid", 20, {2, 2}, {1, 1}, import_affine_grid),
    OpRow::from("MelWeightMatrix", 17, {5, 5}, {1, 1}, import_mel_weights),
};

}  // namespace

OpRows signal_rows() { return kRows; }

}  // namespace rondo::onnx
