#pragma once

#include <optional>
#include <vector>

#include "api/scopes.h"

namespace rondo::api {

/// Where the assertions of a network are checked. No output depends on them, so nothing asks for them: the lowering asks here
/// what stands in the region that it is about to finish.
class Assertions {
 public:
  Assertions(const Network& network, const Scopes& scopes) : network_(network), scopes_(scopes) {}

  /// Those that stand in a loop's body, or, without a scope, in no loop or conditional, in order of addition.
  std::vector<const LayerNode*> of(std::optional<ScopeId> scope) const;
  /// Those that stand in branch `side` (0: true) of a conditional. An assertion feeds no output, so its branch is that of the
  /// layers it depends on; where these stand in both branches or in none it is checked in both.
  std::vector<const LayerNode*> of_branch(const ConditionalNode& node, size_t side) const;

 private:
  using Layers = std::set<const LayerNode*>;
  /// The layers inside a scope that a tensor depends on.
  void collect(const Tensor* from, ScopeId scope, Layers* found) const;

  const Network& network_;
  const Scopes& scopes_;
};

}  // namespace rondo::api
