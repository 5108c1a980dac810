// The network's scatter replaces. A fold compares each place of the data with each update's: data [P, S] of P places
// with slices of S, updates [N, S], their places [N]; select(place == update's place, update, neutral) is [N, P, S],
// folded over N and then with the data. That is N times the work of a loop, so its size is bounded.
#include "ops/indexed/scatter_fold.h"

#include <limits>
#include <numeric>

#include "layers/extents.h"

namespace rondo::onnx {
namespace {

using E = ElementWiseOperation;

constexpr int64_t kMostElements = int64_t{1} << 26;

struct FoldRow {
  ReduceOperation reduce;
  E combine;
};

FoldRow row_of(ScatterFold fold) {
  switch (fold) {
    case ScatterFold::kMultiply:
      return {ReduceOperation::kPROD, E::kPROD};
    case ScatterFold::kMax:
      return {ReduceOperation::kMAX, E::kMAX};
    case ScatterFold::kMin:
      return {ReduceOperation::kMIN, E::kMIN};
    default:
      return {ReduceOperation::kSUM, E::kSUM};
  }
}

/// The least or greatest value of a type.
double extreme(DataType type, bool greatest) {
  const auto of = [&](auto limits) {
    using L = decltype(limits);
    return greatest ? static_cast<double>(L::max()) : static_cast<double>(L::lowest());
  };
  switch (type) {
    case DataType::kINT8:
      return of(std::numeric_limits<int8_t>());
    case DataType::kUINT8:
      return of(std::numeric_limits<uint8_t>());
    case DataType::kINT32:
      return of(std::numeric_limits<int32_t>());
    case DataType::kINT64:
      return of(std::numeric_limits<int64_t>());
    case DataType::kHALF:
      return greatest ? 65504 : -65504;
    default:
      return greatest ? std::numeric_limits<double>::infinity() : -std::numeric_limits<double>::infinity();
  }
}

ITensor& neutral(Context& context, DataType type, ScatterFold fold) {
  if (fold == ScatterFold::kAdd) return scalar(context, type, 0, 3);
  if (fold == ScatterFold::kMultiply) return scalar(context, type, 1, 3);
  return scalar(context, type, extreme(type, fold == ScatterFold::kMin), 3);
}

/// data [P, S], places [N], updates [N, S] -> [P, S].
ITensor& fold_into(Context& context, Node const& node, ITensor& data, ITensor& places, ITensor& updates,
                   ScatterFold fold) {
  const Extents d = dims_of(data), u = dims_of(updates);
  node.require(u[0] <= kMostElements && d[0] * d[1] <= kMostElements && u[0] * d[0] * d[1] <= kMostElements,
               ErrorCode::kUNSUPPORTED_NODE_SHAPE,
               text("a reduction of ", u[0], " updates into ", d[0], " places of ", d[1],
                    " elements is larger than this version folds"));
  const FoldRow row = row_of(fold);
  ITensor& at = reshape(context, places, Extents{u[0], 1, 1});
  ITensor& own = reshape(context, iota(context, data, 0), Extents{1, d[0], 1});
  ITensor& meets = binary(context, at, own, E::kEQUAL);
  ITensor& spread =
      select(context, meets, reshape(context, updates, Extents{u[0], 1, u[1]}), neutral(context, data.getType(), fold));
  return binary(context, data, reduce(context, spread, row.reduce, {0}, false), row.combine);
}

void require_known(Node const& node, Extents const& dims) {
  node.require(all_known(dims), ErrorCode::kUNSUPPORTED_NODE_DYNAMIC,
               text("a reduction needs known extents, not ", dims_text(dims)));
}

int64_t product(Extents const& dims, size_t from, size_t to) { return volume(dims.part(from, to), "the data"); }

}  // namespace

ITensor& fold_elements(Context& context, Node const& node, ITensor& data, ITensor& indices, ITensor& updates,
                       int64_t axis, ScatterFold fold) {
  const Extents dims = dims_of(data), index_dims = dims_of(indices);
  require_known(node, dims);
  require_known(node, index_dims);
  ITensor* places = nullptr;
  for (size_t i = 0; i < dims.size(); ++i) {
    const double pitch = static_cast<double>(product(dims, i + 1, dims.size()));
    ITensor& coordinate = static_cast<int64_t>(i) == axis ? indices : iota(context, indices, static_cast<int64_t>(i));
    ITensor& part = binary(context, coordinate, pitch, E::kPROD);
    places = places ? &binary(context, *places, part, E::kSUM) : &part;
  }
  const int64_t count = volume(index_dims, "the indices");
  ITensor& folded =
      fold_into(context, node, reshape(context, data, Extents{volume(dims, "the data"), 1}),
                reshape(context, *places, Extents{count}), reshape(context, updates, Extents{count, 1}), fold);
  return reshape(context, folded, dims);
}

ITensor& fold_slices(Context& context, Node const& node, ITensor& data, ITensor& indices, ITensor& updates,
                     ScatterFold fold) {
  const Extents dims = dims_of(data), index_dims = dims_of(indices);
  require_known(node, dims);
  require_known(node, index_dims);
  const auto k = static_cast<size_t>(index_dims.back());
  const int64_t slice = product(dims, k, dims.size()), count = product(index_dims, 0, index_dims.size() - 1);
  std::vector<int64_t> pitches(k);
  for (size_t i = 0; i < k; ++i) pitches[i] = product(dims, i + 1, k);
  ITensor& flat = reshape(context, indices, Extents{count, static_cast<int64_t>(k)});
  ITensor& places =
      reduce(context, binary(context, flat, ints(context, pitches), E::kPROD), ReduceOperation::kSUM, {1}, false);
  ITensor& folded = fold_into(context, node, reshape(context, data, Extents{product(dims, 0, k), slice}), places,
                              reshape(context, updates, Extents{count, slice}), fold);
  return reshape(context, folded, dims);
}

}  // namespace rondo::onnx
