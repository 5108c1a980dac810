#pragma once

#include <string>
#include <vector>

#include "schedule/lowering/lowering.h"

namespace rondo::schedule {

/// JSON for the engine inspector: {"name", "arena_bytes", "Layers": [...]}. A layer is a step with its Name, kind, shape, precision,
/// kernels, tile program and places of operands; a loop tells where its carried values live and why not better, and holds its body's layers.
std::string layer_info(ProgramBuilder& builder, const std::vector<LoopReport>& loops);

}  // namespace rondo::schedule
