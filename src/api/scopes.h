#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "api/network/conditional.h"
#include "api/network/loop.h"
#include "api/network/network.h"

namespace rondo::api {

/// A loop or a conditional of a network, by number: loops first.
using ScopeId = size_t;

/// Which loops and conditionals each live layer is inside of, by data flow (docs/design/0002).
///
/// A layer is live if a network output, a debug tensor or an assertion depends on it. What depends on an iterator or recurrence of a loop, other than
/// through an output of the loop, is inside the loop; likewise for inputs and outputs of a conditional. A scope lies
/// inside all scopes that anything in it is inside of.
class Scopes {
 public:
  /// Analyses and checks a network. Throws Error naming layer, loop and rule for: a live loop without trip limit, a
  /// recurrence without a next value, a kLAST_VALUE that is no recurrence's, a missing length or condition, an operand
  /// of a loop that comes from inside it, scopes that overlap without nesting, an output inside a scope.
  explicit Scopes(const Network& network);

  bool is_live(const LayerNode& layer) const { return live_.count(&layer) != 0; }
  /// The scopes around a tensor, outermost first.
  const std::vector<ScopeId>& around(const Tensor& tensor) const;
  /// The scopes that a live layer is inside of, outermost first; of others nothing.
  const std::vector<ScopeId>& around(const LayerNode& layer) const;
  /// The scopes around a loop or conditional itself, outermost first.
  const std::vector<ScopeId>& around(const LoopNode& loop) const { return parents_[id_of(loop)]; }
  const std::vector<ScopeId>& around(const ConditionalNode& node) const { return parents_[id_of(node)]; }
  ScopeId id_of(const LoopNode& loop) const { return ids_.at(&loop); }
  ScopeId id_of(const ConditionalNode& node) const { return ids_.at(&node); }

 private:
  using Set = std::set<ScopeId>;

  void number_scopes();
  void find_live();
  void reach(const LayerNode& layer, std::vector<const LayerNode*>& open);
  void spread();
  bool visit(const LayerNode& layer);
  Set inside_of(const Tensor& tensor) const;
  ScopeId scope_of(const LayerNode& layer) const;
  void check_loop(const LoopNode& loop) const;
  void check_outside(const LayerNode& layer, size_t input, const char* what) const;
  void check_conditional(const ConditionalNode& node) const;
  void check_outputs() const;
  void order_all();
  std::vector<ScopeId> ordered(const Set& set, const std::string& who) const;
  std::string scope_name(ScopeId id) const;

  const Network& network_;
  std::map<const void*, ScopeId> ids_;
  std::vector<const LoopNode*> loops_;                ///< by id; null for conditionals
  std::vector<const ConditionalNode*> conditionals_;  ///< by id; null for loops
  std::set<const LayerNode*> live_;
  std::vector<const LayerNode*> live_order_;  ///< in order of addition
  std::map<const LayerNode*, Set> inside_;
  std::vector<Set> parent_sets_;
  std::vector<std::vector<ScopeId>> parents_;
  std::map<const LayerNode*, std::vector<ScopeId>> around_;
};

}  // namespace rondo::api
