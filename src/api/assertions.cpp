#include "api/assertions.h"

#include <algorithm>

namespace rondo::api {

std::vector<const LayerNode*> Assertions::of(std::optional<ScopeId> scope) const {
  std::vector<const LayerNode*> found;
  for (const auto& layer : network_.layers()) {
    if (layer->type() != LayerType::kASSERTION) continue;
    const std::vector<ScopeId>& around = scopes_.around(*layer);
    if (scope ? !around.empty() && around.back() == *scope : around.empty()) found.push_back(layer.get());
  }
  return found;
}

void Assertions::collect(const Tensor* from, ScopeId scope, Layers* found) const {
  std::vector<const Tensor*> open = {from};
  while (!open.empty()) {
    const Tensor* tensor = open.back();
    open.pop_back();
    const LayerNode* layer = tensor ? tensor->producer() : nullptr;
    if (!layer || layer->type() == LayerType::kCONDITIONAL_INPUT) continue;
    const std::vector<ScopeId>& around = scopes_.around(*tensor);
    const bool inside = std::find(around.begin(), around.end(), scope) != around.end();
    if (!inside || !found->insert(layer).second) continue;
    open.insert(open.end(), layer->inputs().begin(), layer->inputs().end());
  }
}

std::vector<const LayerNode*> Assertions::of_branch(const ConditionalNode& node, size_t side) const {
  const ScopeId scope = scopes_.id_of(node);
  std::vector<const LayerNode*> found = of(scope);
  if (found.empty()) return found;
  Layers branches[2];
  for (const ConditionalOutputLayer* output : node.outputs()) {
    for (size_t i = 0; i < 2; ++i) collect(output->input(i), scope, &branches[i]);
  }
  std::erase_if(found, [&](const LayerNode* assertion) {
    Layers needed;
    collect(assertion->input(0), scope, &needed);
    const auto only_in = [&](size_t i) {
      return std::any_of(needed.begin(), needed.end(), [&](const LayerNode* layer) {
        return branches[i].count(layer) && !branches[1 - i].count(layer);
      });
    };
    return only_in(1 - side) && !only_in(side);
  });
  return found;
}

}  // namespace rondo::api
