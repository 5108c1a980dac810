// Operators that keep the elements and change the shape: Reshape, Flatten, Squeeze, Unsqueeze, Transpose, Expand, Tile.
//
// On constants they are done here, so that weights stay constants; what is known of a small vector stays known.

#include <algorithm>
#include <numeric>

#include "layers/build.h"
#include "model/rearrange.h"
#include "ops/op_table.h"
#include "ops/shape_arithmetic.h"

namespace rondo::onnx {
namespace {

using E = ElementWiseOperation;

/// A reshape of a small vector that stays of rank 0 or 1 keeps what is known of it.
Value reshaped_known(ITensor& y, Value const& x) {
  auto known = known_ints(x);
  const Extents dims = dims_of(y);
  if (!known || dims.size() > 1 || (!dims.empty() && dims[0] != static_cast<int64_t>(known->values.size()))) return y;
  known->dims = dims;
  return with_known(y, std::move(known));
}

/// Extents with 0 and -1 resolved against those of a constant.
Extents resolve_extents(Node const& node, Extents wanted, HostTensor const& x, bool zero_copies) {
  int64_t known = 1;
  int64_t* open = nullptr;
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i] == 0 && zero_copies) {
      node.require(i < x.dims().size(), ErrorCode::kINVALID_NODE,
                   text("0 at index ", i, " copies no dimension of ", type_text(x)));
      wanted[i] = x.dims()[i];
    }
    node.require(wanted[i] >= -1 && (wanted[i] >= 0 || !open), ErrorCode::kINVALID_NODE,
                 text("shape ", dims_text(wanted)));
    if (wanted[i] < 0) {
      open = &wanted[i];
    } else {
      node.require(!__builtin_mul_overflow(known, wanted[i], &known), ErrorCode::kINVALID_NODE,
                   text("shape ", dims_text(wanted)));
    }
  }
  if (open) *open = known == 0 ? 0 : x.count() / known;
  return wanted;
}

Values import_reshape(Context& context, Node& node) {
  const bool zero_copies = !node.attributes.flag("allowzero", false);
  Value const& x = node.input(0);
  Value const& shape = node.input(1);
  node.require(shape.rank() == 1 && shape.dims()[0] >= 0, ErrorCode::kINVALID_NODE,
               text("the shape must be one-dimensional of known length: ", node.input_types()));
  if (shape.is_constant()) {
    const Extents wanted = node.constant_ints(1, "shape");
    if (x.is_constant()) return {x.constant()->reshaped(resolve_extents(node, wanted, *x.constant(), zero_copies))};
    IShuffleLayer& layer = added(context.network().addShuffle(to_tensor(context, x)), "reshape");
    layer.setZeroIsPlaceholder(zero_copies);
    layer.setReshapeDimensions(to_dims(wanted));
    node.require(layer.getOutput(0)->getDimensions().nbDims >= 0, ErrorCode::kINVALID_NODE,
                 text(type_text(x), " cannot take the shape ", dims_text(wanted)));
    return {reshaped_known(result(&layer, "reshape"), x)};
  }
  IShuffleLayer& layer = added(context.network().addShuffle(to_tensor(context, x)), "reshape");
  layer.setZeroIsPlaceholder(zero_copies);
  layer.setInput(1, to_tensor(context, shape));
  return {reshaped_known(result(&layer, "reshape"), x)};
}

Values import_flatten(Context& context, Node& node) {
  ITensor& x = to_tensor(context, node.input(0));
  const int32_t rank = rank_of(x);
  const int64_t given = node.attributes.integer("axis", 1);
  node.require(given >= -rank && given <= rank, ErrorCode::kINVALID_NODE, text("axis ", given, " of rank ", rank));
  const auto axis = static_cast<int32_t>(given < 0 ? given + rank : given);
  return {fold_dims(context, fold_dims(context, x, axis, rank), 0, axis)};
}

/// Axes from the attribute, or from input 1 where versions from 13 on have them.
std::optional<std::vector<int64_t>> read_axes(Node& node) {
  auto axes = node.attributes.optional_integers("axes");
  if (!node.has_input(1)) return axes;
  node.require(!axes, ErrorCode::kINVALID_NODE, "axes both as an attribute and as an input");
  return node.constant_ints(1, "axes");
}

void require_unique(Node const& node, std::vector<int64_t>& axes) {
  std::sort(axes.begin(), axes.end());
  node.require(std::adjacent_find(axes.begin(), axes.end()) == axes.end(), ErrorCode::kINVALID_NODE,
               text("axes ", dims_text(axes), " name a dimension twice"));
}

Values import_squeeze(Context& context, Node& node) {
  Value const& x = node.input(0);
  const Extents dims = x.dims();
  auto axes = read_axes(node);
  if (!axes) {
    axes.emplace();
    for (size_t i = 0; i < dims.size(); ++i) {
      node.require(dims[i] >= 0, ErrorCode::kUNSUPPORTED_NODE_DYNAMIC,
                   text("without axes all extents of ", type_text(x), " must be known; name the axes"));
      if (dims[i] == 1) axes->push_back(static_cast<int64_t>(i));
    }
  }
  for (int64_t& axis : *axes) {
    axis = node.axis(axis, static_cast<int64_t>(dims.size()));
    const int64_t extent = dims[static_cast<size_t>(axis)];
    node.require(extent == 1 || extent < 0, ErrorCode::kINVALID_NODE,
                 text("dimension ", axis, " of ", type_text(x), " is not 1"));
  }
  require_unique(node, *axes);
  if (!x.is_constant()) return {reshaped_known(squeeze(context, to_tensor(context, x), *axes), x)};
  Extents kept;
  for (size_t i = 0; i < dims.size(); ++i) {
    if (std::find(axes->begin(), axes->end(), static_cast<int64_t>(i)) == axes->end()) kept.push_back(dims[i]);
  }
  return {x.constant()->reshaped(kept)};
}

Values import_unsqueeze(Context& context, Node& node) {
  Value const& x = node.input(0);
  auto axes = read_axes(node);
  node.require(axes.has_value(), ErrorCode::kINVALID_NODE, "axes are missing");
  const auto rank = static_cast<int64_t>(static_cast<size_t>(x.rank()) + axes->size());
  for (int64_t& axis : *axes) axis = node.axis(axis, rank);
  require_unique(node, *axes);
  if (!x.is_constant()) return {reshaped_known(unsqueeze(context, to_tensor(context, x), *axes), x)};
  Extents dims = x.dims();
  for (int64_t axis : *axes) dims.insert(dims.begin() + axis, 1);
  return {x.constant()->reshaped(dims)};
}

Values import_transpose(Context& context, Node& node) {
  Value const& x = node.input(0);
  const int64_t rank = x.rank();
  std::vector<int64_t> order(static_cast<size_t>(rank));
  std::iota(order.rbegin(), order.rend(), 0);
  order = node.attributes.integers("perm", order);
  std::vector<int64_t> sorted = order;
  for (int64_t& axis : sorted) axis = node.axis(axis, rank, "perm");
  order = sorted;
  std::sort(sorted.begin(), sorted.end());
  bool complete = static_cast<int64_t>(order.size()) == rank;
  for (size_t i = 0; complete && i < sorted.size(); ++i) complete = sorted[i] == static_cast<int64_t>(i);
  node.require(complete, ErrorCode::kINVALID_NODE,
               text("perm ", dims_text(order), " is no permutation of ", rank, " dimensions"));
  if (x.is_constant()) return {transposed(x.constant(), order)};
  return {transpose(context, to_tensor(context, x), order)};
}

/// The extents of x after broadcasting it against `shape`: an element of shape that is 1 leaves the extent as it is.
Value expanded_extents(Context& context, ITensor& x, Value const& shape) {
  const Extents dims = dims_of(x);
  const auto known = known_ints(shape);
  KnownInts extents{{static_cast<int64_t>(dims.size())}, {}};
  bool as_given = true;
  for (size_t i = 0; i < dims.size(); ++i) {
    const std::optional<int64_t> to = known ? known->values[i] : std::optional<int64_t>();
    as_given &= dims[i] == 1 || (to && *to != 1);
    extents.values.push_back(to == 1 ? (dims[i] < 0 ? std::optional<int64_t>() : dims[i]) : to);
  }
  return known_or(std::move(extents), DataType::kINT64, [&]() -> ITensor& {
    ITensor& given = integers(context, to_tensor(context, shape));
    if (as_given) return given;
    return select(context, binary(context, given, 1, E::kEQUAL), shape_of(context, x), given);
  });
}

Values import_expand(Context& context, Node& node) {
  Value const& shape = node.input(1);
  node.require(shape.rank() == 1 && shape.dims()[0] >= 0, ErrorCode::kINVALID_NODE,
               text("the shape must be one-dimensional of known length: ", node.input_types()));
  ITensor& x = to_tensor(context, node.input(0));
  const auto length = static_cast<int32_t>(std::min<int64_t>(shape.dims()[0], 64));
  ITensor& wide = with_rank(context, x, length);
  Value target = shape;
  if (const int32_t missing = rank_of(x) - length; missing > 0) {
    const std::vector<int64_t> ones(static_cast<size_t>(missing), 1);
    auto known = known_ints(shape);
    if (known) {
      known->values.insert(known->values.begin(), ones.begin(), ones.end());
      known->dims = {static_cast<int64_t>(known->values.size())};
    }
    target = known_or(std::move(known), DataType::kINT64, [&]() -> ITensor& {
      return concat(context, {&ints(context, ones), &integers(context, to_tensor(context, shape))}, 0);
    });
  }
  return {broadcast_to(context, wide, expanded_extents(context, wide, target))};
}

Values import_tile(Context& context, Node& node) {
  ITensor& x = to_tensor(context, node.input(0));
  const Extents dims = dims_of(x);
  const auto repeats = known_ints(node.input(1));
  node.require(node.input(1).dims() == Extents{static_cast<int64_t>(dims.size())}, ErrorCode::kINVALID_NODE,
               text("one number of repeats per dimension: ", node.input_types()));
  if (dims.empty()) return {x};
  Extents size;
  for (size_t i = 0; i < dims.size(); ++i) {
    const int64_t times = repeats ? repeats->values[i].value_or(-1) : -1;
    int64_t extent = -1;
    node.require(
        dims[i] < 0 || times < 0 || !__builtin_mul_overflow(dims[i], times, &extent), ErrorCode::kINVALID_NODE,
        text("dimension ", i, " of ", dims[i], " is repeated ", times, " times; that is more than 2^63 elements"));
    size.push_back(dims[i] < 0 || times < 0 ? -1 : extent);
  }
  const bool fixed = std::all_of(size.begin(), size.end(), [](int64_t s) { return s >= 0; });
  const Extents zeros(dims.size(), 0);
  const Extents ones(dims.size(), 1);
  ISliceLayer& layer =
      added(context.network().addSlice(x, to_dims(zeros), to_dims(fixed ? size : zeros), to_dims(ones)), "slice");
  layer.setMode(SampleMode::kWRAP);
  if (!fixed) {
    ITensor& times = integers(context, to_tensor(context, node.input(1)));
    layer.setInput(2, binary(context, shape_of(context, x), times, E::kPROD));
  }
  return {result(&layer, "slice")};
}

constexpr Count kOne{1, 1};

constexpr OpRow kRows[] = {
    OpRow::from("Expand", 8, {2, 2}, kOne, import_expand),        OpRow::from("Flatten", 1, kOne, kOne, import_flatten),
    OpRow::from("Reshape", 5, {2, 2}, kOne, import_reshape),      {"Squeeze", 1, 12, kOne, kOne, import_squeeze},
    OpRow::from("Squeeze", 13, {1, 2}, kOne, import_squeeze),     OpRow::from("Tile", 6, {2, 2}, kOne, import_tile),
    OpRow::from("Transpose", 1, kOne, kOne, import_transpose),    {"Unsqueeze", 1, 12, kOne, kOne, import_unsqueeze},
    OpRow::from("Unsqueeze", 13, {2, 2}, kOne, import_unsqueeze),
};

}  // namespace

OpRows reshaping_rows() { return kRows; }

}  // namespace rondo::onnx
