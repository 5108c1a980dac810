#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "rondo/network.h"
#include "rondo/nn/cell_activation.h"
#include "rondo/nn/weight_store.h"

namespace rondo::nn {

/// Writes layers into a network, one value at a time. A layer that the network refuses is an NnError.
class LayerWriter {
 public:
  /// `name` stands in front of the names of layers, which keep their own where it is empty; numbers are of `type`.
  LayerWriter(INetworkDefinition& network, WeightStore& store, DataType type, std::string name)
      : network_(network), store_(store), type_(type), name_(std::move(name)) {}

  /// The same writer under a longer name.
  LayerWriter below(const std::string& part) const;
  const std::string& name() const { return name_; }
  INetworkDefinition& network() const { return network_; }

  ITensor& numbers(const std::vector<int64_t>& dims, std::vector<float> values, const char* role = "constant");
  /// [1, 1]
  ITensor& number(float value) { return numbers({1, 1}, {value}); }
  ITensor& integers(const std::vector<int64_t>& dims, std::vector<int32_t> values);

  ITensor& elementwise(ITensor& a, ITensor& b, ElementWiseOperation op, const char* role = nullptr);
  ITensor& add(ITensor& a, ITensor& b) { return elementwise(a, b, ElementWiseOperation::kSUM); }
  ITensor& mul(ITensor& a, ITensor& b) { return elementwise(a, b, ElementWiseOperation::kPROD); }
  /// 1 - a
  ITensor& one_minus(ITensor& a) { return elementwise(number(1), a, ElementWiseOperation::kSUB); }
  ITensor& select(ITensor& condition, ITensor& then, ITensor& otherwise);
  ITensor& cast(ITensor& x, DataType type);
  /// A b^T
  ITensor& product(ITensor& a, ITensor& b, const char* role);
  ITensor& activate(ITensor& x, const CellActivation& activation);
  ITensor& clip(ITensor& x, float bound);

  /// `count` entries from `start` on along one axis.
  ITensor& part(ITensor& x, int32_t axis, int64_t start, int64_t count);
  ITensor& unsqueeze(ITensor& x, int32_t axis);
  ITensor& squeeze(ITensor& x, int32_t axis);
  ITensor& concat(const std::vector<ITensor*>& parts, int32_t axis);

  /// An extent of x as int32 [1], and as a 0-D value.
  ITensor& extent(ITensor& x, int32_t axis);
  ITensor& scalar(ITensor& x);
  /// Zeros [extent of x at axis, width].
  ITensor& zeros(ITensor& x, int32_t axis, int64_t width);

  /// The output of a layer, which gets a name.
  ITensor& result(ILayer* layer, const char* role);

 private:
  INetworkDefinition& network_;
  WeightStore& store_;
  DataType type_;
  std::string name_;
};

/// Dims of a list of extents.
Dims dims_of(const std::vector<int64_t>& extents);

}  // namespace rondo::nn
