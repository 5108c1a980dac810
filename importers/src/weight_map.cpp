#include "rondo/importers/weight_map.h"

#include <algorithm>

#include "io/byte_cursor.h"

namespace rondo::importers {

void WeightMap::add(std::string name, Tensor tensor) {
  if (!index_.emplace(name, items_.size()).second) refuse("tensor ", in_quotes(name), ": the name is taken");
  items_.emplace_back(std::move(name), std::move(tensor));
}

const Tensor* WeightMap::find(std::string_view name) const {
  auto found = index_.find(std::string(name));
  return found == index_.end() ? nullptr : &items_[found->second].second;
}

const Tensor& WeightMap::at(std::string_view name) const {
  if (const Tensor* tensor = find(name)) return *tensor;
  constexpr size_t kShown = 20;
  std::string names;
  for (size_t i = 0; i < std::min(items_.size(), kShown); ++i) names += (i ? ", " : "") + in_quotes(items_[i].first);
  refuse("tensor ", in_quotes(name), " is missing; there are ", items_.size(), ": ", names,
         items_.size() > kShown ? ", ..." : "");
}

WeightMap WeightMap::below(std::string_view prefix) const {
  WeightMap out;
  for (const Item& item : items_) {
    if (item.first.starts_with(prefix)) out.add(item.first.substr(prefix.size()), item.second);
  }
  return out;
}

WeightMap WeightMap::sorted() const {
  std::vector<const Item*> order;
  for (const Item& item : items_) order.push_back(&item);
  std::sort(order.begin(), order.end(), [](const Item* a, const Item* b) { return a->first < b->first; });
  WeightMap out;
  for (const Item* item : order) out.add(item->first, item->second);
  return out;
}

}  // namespace rondo::importers
