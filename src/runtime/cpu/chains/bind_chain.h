#pragma once

#include <optional>
#include <span>

#include "plan/program.h"
#include "runtime/cpu/binding/footprint.h"
#include "runtime/cpu/chains/chain_runner.h"
#include "runtime/cpu/lower.h"

namespace rondo::runtime {

/// A chain that runs in blocks for these shapes; nothing if that cannot be proven, or does not pay: then its stages run one after the
/// other. `footprints` by step, of all stages.
/// Errors    as StageRunner
std::optional<ChainRunner> bind_chain(const LowerInputs& in, const plan::Chain& chain,
                                      std::span<const Footprint> footprints);

}  // namespace rondo::runtime
