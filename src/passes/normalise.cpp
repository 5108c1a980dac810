#include "passes/normalise.h"

#include "passes/eliminate_dead.h"
#include "passes/fold_constants.h"
#include "passes/hoist_invariants.h"
#include "passes/normal_form/counters.h"
#include "passes/normal_form/share_subexpressions.h"
#include "passes/normal_form/simplify.h"

namespace rondo::passes {
namespace {

// Rules enable each other (a counter's expression folds, then two gathers are equal). Two or three rounds are usual;
// the bound only ends a cycle of rules that undo each other, which would be a bug but not worth a hang.
constexpr int kMaxRounds = 8;

}  // namespace

bool normalise(ir::Graph& graph, const PassOptions& options) {
  bool changed = false;
  for (int round = 0; round < kMaxRounds; ++round) {
    bool again = simplify(graph);
    again = resolve_counters(graph) || again;
    again = share_subexpressions(graph) || again;
    again = eliminate_dead(graph, options) || again;
    if (!again) return changed;
    changed = true;
  }
  return changed;
}

bool cleanup(ir::Graph& graph, const PassOptions& options) {
  const bool folded = fold_constants(graph, options);
  const bool hoisted = hoist_invariants(graph, options);
  return normalise(graph, options) || folded || hoisted;
}

}  // namespace rondo::passes
