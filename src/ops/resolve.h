#pragma once

#include "ir/graph.h"

namespace rondo::ops {

/// Brings every recorded extent, element and Dims attribute to the pool's final form. After ir::DimPool::define nothing may mention
/// the defined symbol any more, since nothing gives it a value.
void resolve_dims(ir::Graph& graph);

}  // namespace rondo::ops
