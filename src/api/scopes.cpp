// Membership by data flow, as a least fixpoint.
//
// Each live layer has the set of scopes its outputs are inside of, each scope the set of scopes it lies inside of. A
// plain layer is inside of whatever its inputs are. A recurrence, an iterator or a conditional input adds its own scope
// and the scopes around that; an output of a scope is inside of exactly the scopes around it; whatever reaches the
// border of a scope from somewhere else puts the scope there. Example: an inner loop whose body reads the outer loop's
// recurrence gets the outer loop among its parents through its own recurrence's next value, and with it all its
// outputs. Sets only grow, so going over the layers until nothing changes ends; order of addition makes that two rounds
// mostly.
//
// A value that leaves a loop by the back door makes the sets inconsistent (each of two scopes inside the other, or two
// that share a layer but do not nest), and that is how it is found. Unused layers are left out from the start: a loop
// without outputs is no loop.

#include "api/scopes.h"

#include <algorithm>

namespace rondo::api {

Scopes::Scopes(const Network& network) : network_(network) {
  number_scopes();
  find_live();
  for (const auto& loop : network.loops()) check_loop(*loop);
  for (const auto& node : network.conditionals()) check_conditional(*node);
  spread();
  order_all();
  for (const auto& loop : network.loops()) {
    for (const auto* layer : loop->limits()) {
      if (layer->getTripLimit() == TripLimit::kCOUNT) check_outside(*layer, 0, "trip count");
    }
    for (const auto* layer : loop->recurrences()) check_outside(*layer, 0, "initial value");
    for (const auto* layer : loop->iterators()) check_outside(*layer, 0, "iterated tensor");
    for (const auto* layer : loop->outputs()) check_outside(*layer, 1, "length");
  }
  for (const auto& node : network.conditionals()) {
    if (node->condition()) check_outside(*node->condition(), 0, "condition");
    for (const auto* layer : node->inputs()) check_outside(*layer, 0, "input");
  }
  check_outputs();
}

void Scopes::number_scopes() {
  for (const auto& loop : network_.loops()) {
    ids_[loop.get()] = loops_.size();
    loops_.push_back(loop.get());
    conditionals_.push_back(nullptr);
  }
  for (const auto& node : network_.conditionals()) {
    ids_[node.get()] = loops_.size();
    loops_.push_back(nullptr);
    conditionals_.push_back(node.get());
  }
  parent_sets_.resize(loops_.size());
  parents_.resize(loops_.size());
}

void Scopes::reach(const LayerNode& layer, std::vector<const LayerNode*>& open) {
  if (live_.insert(&layer).second) open.push_back(&layer);
}

void Scopes::find_live() {
  std::vector<const LayerNode*> open;
  for (const Tensor* output : network_.outputs()) reach(*output->producer(), open);
  for (const Tensor* shown : network_.debug_tensors()) {
    if (shown->producer()) reach(*shown->producer(), open);
  }
  for (const auto& layer : network_.layers()) {
    if (layer->type() == LayerType::kASSERTION) reach(*layer, open);
  }
  while (!open.empty()) {
    const LayerNode& layer = *open.back();
    open.pop_back();
    for (const Tensor* input : layer.inputs()) {
      if (input && input->producer()) reach(*input->producer(), open);
    }
    // A live border layer keeps what decides how often its scope runs.
    if (const auto* border = dynamic_cast<const LoopBorder*>(&layer)) {
      for (const TripLimitLayer* limit : border->loop().limits()) reach(*limit, open);
    } else if (const auto* side = dynamic_cast<const ConditionalBorder*>(&layer)) {
      if (side->conditional().condition()) reach(*side->conditional().condition(), open);
    }
  }
  for (const auto& layer : network_.layers()) {
    if (is_live(*layer)) live_order_.push_back(layer.get());
  }
}

ScopeId Scopes::scope_of(const LayerNode& layer) const {
  if (const auto* border = dynamic_cast<const LoopBorder*>(&layer)) return id_of(border->loop());
  return id_of(dynamic_cast<const ConditionalBorder&>(layer).conditional());
}

Scopes::Set Scopes::inside_of(const Tensor& tensor) const {
  const auto found = inside_.find(tensor.producer());
  return found == inside_.end() ? Set{} : found->second;
}

bool Scopes::visit(const LayerNode& layer) {
  Set reached;
  for (const Tensor* input : layer.inputs()) {
    if (input) reached.merge(inside_of(*input));
  }
  const bool border = dynamic_cast<const LoopBorder*>(&layer) || dynamic_cast<const ConditionalBorder*>(&layer);
  if (!border) {
    const size_t before = inside_[&layer].size();
    inside_[&layer].merge(reached);
    return inside_[&layer].size() != before;
  }
  const ScopeId scope = scope_of(layer);
  Set& parents = parent_sets_[scope];
  const size_t before = parents.size() + inside_[&layer].size();
  reached.erase(scope);
  parents.merge(reached);
  Set result = parents;
  const bool leads_out = layer.type() == LayerType::kLOOP_OUTPUT || layer.type() == LayerType::kCONDITIONAL_OUTPUT;
  if (!leads_out) result.insert(scope);
  inside_[&layer] = std::move(result);
  return parents.size() + inside_[&layer].size() != before;
}

void Scopes::spread() {
  bool changed = true;
  while (changed) {
    changed = false;
    for (const LayerNode* layer : live_order_) changed = visit(*layer) || changed;
  }
}

std::string Scopes::scope_name(ScopeId id) const {
  return loops_[id] ? "loop '" + loops_[id]->name() + "'" : "conditional '" + conditionals_[id]->name() + "'";
}

std::vector<ScopeId> Scopes::ordered(const Set& set, const std::string& who) const {
  std::vector<ScopeId> result(set.begin(), set.end());
  std::stable_sort(result.begin(), result.end(),
                   [&](ScopeId a, ScopeId b) { return parent_sets_[a].size() < parent_sets_[b].size(); });
  for (size_t i = 1; i < result.size(); ++i) {
    const ScopeId outer = result[i - 1], inner = result[i];
    const bool nested = parent_sets_[inner].count(outer) != 0 && parent_sets_[outer].count(inner) == 0;
    require(nested, who, " uses values from inside ", scope_name(outer), " and from inside ", scope_name(inner),
            ", which do not nest; hand one of them out with ",
            loops_[outer] ? "ILoop::addLoopOutput" : "IIfConditional::addOutput");
  }
  return result;
}

void Scopes::order_all() {
  for (const LayerNode* layer : live_order_) around_[layer] = ordered(inside_[layer], layer->who());
  for (ScopeId id = 0; id < parents_.size(); ++id) parents_[id] = ordered(parent_sets_[id], scope_name(id));
}

const std::vector<ScopeId>& Scopes::around(const LayerNode& layer) const {
  static const std::vector<ScopeId> kNone;
  const auto found = around_.find(&layer);
  return found == around_.end() ? kNone : found->second;
}

const std::vector<ScopeId>& Scopes::around(const Tensor& tensor) const {
  static const std::vector<ScopeId> kNone;
  return tensor.producer() ? around(*tensor.producer()) : kNone;
}

void Scopes::check_loop(const LoopNode& loop) const {
  const auto live = [&](const LayerNode* layer) { return is_live(*layer); };
  const bool used = std::any_of(loop.outputs().begin(), loop.outputs().end(), live) ||
                    std::any_of(loop.recurrences().begin(), loop.recurrences().end(), live) ||
                    std::any_of(loop.iterators().begin(), loop.iterators().end(), live);
  if (!used) return;
  require(!loop.limits().empty(), "loop '", loop.name(),
          "' has no trip limit; add one of kind kCOUNT or kWHILE with ILoop::addTripLimit");
  for (const RecurrenceLayer* recurrence : loop.recurrences()) {
    require(recurrence->input(1) != nullptr, recurrence->who(), " of loop '", loop.name(),
            "' has no next value; set it with setInput(1, tensor)");
  }
  for (const LoopOutputLayer* output : loop.outputs()) {
    if (!is_live(*output)) continue;
    const LayerNode* producer = output->input(0)->producer();
    const auto* recurrence = dynamic_cast<const RecurrenceLayer*>(producer);
    require(
        output->collects() || (recurrence && &recurrence->loop() == &loop), output->who(), " of loop '", loop.name(),
        "' is of kind kLAST_VALUE, but ", output->input(0)->who(),
        " is not the output of a recurrence of this loop; pass the recurrence's output, or collect with kCONCATENATE");
    require(!output->collects() || output->input(1), output->who(), " of loop '", loop.name(),
            "' has no length; set it with setInput(1, tensor), a 0-D int32 or int64 tensor from outside the loop");
  }
}

void Scopes::check_outside(const LayerNode& layer, size_t input, const char* what) const {
  const Tensor* tensor = layer.input(input);
  if (!is_live(layer) || !tensor) return;
  const ScopeId scope = scope_of(layer);
  require(inside_of(*tensor).count(scope) == 0, layer.who(), ": its ", what, ", ", tensor->who(),
          ", is computed inside ", scope_name(scope), "; it must come from outside");
}

void Scopes::check_conditional(const ConditionalNode& node) const {
  const auto live = [&](const LayerNode* layer) { return is_live(*layer); };
  const bool used = std::any_of(node.outputs().begin(), node.outputs().end(), live) ||
                    std::any_of(node.inputs().begin(), node.inputs().end(), live);
  require(!used || node.condition(), "conditional '", node.name(), "' has no condition; set it with setCondition");
}

void Scopes::check_outputs() const {
  const auto check = [&](const char* what, const Tensor& marked) {
    const auto& scopes = around(marked);
    require(scopes.empty(), what, ": ", marked.who(), " lies inside ", scopes.empty() ? "" : scope_name(scopes.back()),
            "; hand it out with ",
            scopes.empty() || loops_[scopes.back()] ? "ILoop::addLoopOutput" : "IIfConditional::addOutput",
            " and mark that output");
  };
  for (const Tensor* output : network_.outputs()) check("network output", *output);
  for (const Tensor* shown : network_.debug_tensors()) check("debug tensor", *shown);
}

}  // namespace rondo::api
