#pragma once

#include "passes/pass.h"

namespace rondo::passes {

/// Infers type and known contents of every value, loop bodies included.
/// Takes / Gives   primitive ops / the same ops with types; carried types are invariant
/// Needs           primitives
/// Establishes     ValueInfo of every value is what inference gives; a network whose shapes cannot fit is refused here
/// Why here        after expand_structured, before all passes that ask for shapes
/// Before → after  the ops are the same
bool infer_shapes(ir::Graph& graph, const PassOptions& options);

}  // namespace rondo::passes
