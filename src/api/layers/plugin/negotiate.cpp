#include "api/layers/plugin/negotiate.h"

#include <algorithm>

namespace rondo::api {
namespace {

constexpr DataType kFloats[] = {DataType::kFLOAT, DataType::kHALF, DataType::kBF16};
constexpr DataType kIntegers[] = {DataType::kINT32, DataType::kINT64};

bool is_float_type(DataType type) { return std::count(std::begin(kFloats), std::end(kFloats), type) > 0; }
bool is_index_type(DataType type) { return std::count(std::begin(kIntegers), std::end(kIntegers), type) > 0; }

class Search {
 public:
  Search(plugin::LayerPlugin& plugin, const TypeWishes& wishes, std::vector<DynamicPluginTensorDesc>& descs)
      : plugin_(plugin), wishes_(wishes), descs_(descs), inputs_(wishes.inputs.size()) {
    asks_left_ = static_cast<int64_t>(std::max(plugin.combination_limit(), 1)) * static_cast<int64_t>(descs.size() + 1);
    for (size_t i = 0; i < descs_.size(); ++i) set(i, i < inputs_ ? wishes_.inputs[i] : DataType::kFLOAT);
  }

  bool from(size_t pos) {
    if (pos == descs_.size()) return true;
    for (const DataType type : candidates(pos)) {
      set(pos, type);
      if (asks_left_-- <= 0) return false;
      const bool fits = plugin_.supports(static_cast<int32_t>(pos), descs_, static_cast<int32_t>(inputs_));
      if (fits && from(pos + 1)) return true;
    }
    return false;
  }

 private:
  void set(size_t pos, DataType type) {
    PluginTensorDesc& desc = descs_[pos].desc;
    desc.type = type;
    desc.format = TensorFormat::kLINEAR;
    if (type != DataType::kINT8) desc.scale = -1;
  }

  std::vector<DataType> candidates(size_t pos) const {
    const bool input = pos < inputs_;
    const DataType own = input ? wishes_.inputs[pos] : expected(pos - inputs_);
    std::vector<DataType> list;
    const auto add = [&](DataType type) {
      if (std::count(list.begin(), list.end(), type) == 0) list.push_back(type);
    };
    if (wishes_.may_convert && wishes_.precision && is_float_type(own)) add(*wishes_.precision);
    add(own);
    if (!wishes_.may_convert) return list;
    if (is_float_type(own)) std::for_each(std::begin(kFloats), std::end(kFloats), add);
    if (is_index_type(own)) std::for_each(std::begin(kIntegers), std::end(kIntegers), add);
    return list;
  }

  /// The type of an output for the types chosen so far.
  DataType expected(size_t output) const {
    std::vector<DataType> types;
    for (size_t i = 0; i < inputs_; ++i) types.push_back(descs_[i].desc.type);
    return plugin_.output_types(types).at(output);
  }

  plugin::LayerPlugin& plugin_;
  const TypeWishes& wishes_;
  std::vector<DynamicPluginTensorDesc>& descs_;
  size_t inputs_;
  int64_t asks_left_;
};

}  // namespace

bool negotiate(plugin::LayerPlugin& plugin, const TypeWishes& wishes, std::vector<DynamicPluginTensorDesc>& descs) {
  return Search(plugin, wishes, descs).from(0);
}

}  // namespace rondo::api
