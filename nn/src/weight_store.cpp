#include "rondo/nn/weight_store.h"

#include <utility>

namespace rondo::nn {

namespace {

template <typename T>
Weights last_of(const std::deque<std::vector<T>>& kept, DataType type) {
  const std::vector<T>& values = kept.back();
  return {type, values.empty() ? nullptr : values.data(), static_cast<int64_t>(values.size())};
}

}  // namespace

Weights WeightStore::keep(std::vector<float> values) {
  floats_.push_back(std::move(values));
  return last_of(floats_, DataType::kFLOAT);
}

Weights WeightStore::keep(std::vector<int32_t> values) {
  integers_.push_back(std::move(values));
  return last_of(integers_, DataType::kINT32);
}

}  // namespace rondo::nn
