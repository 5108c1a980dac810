#pragma once

#include <string>

#include "api/build_watch.h"
#include "api/config.h"
#include "api/network/network.h"
#include "kernels/cpu/isa.h"
#include "passes/pass.h"
#include "plan/program.h"

namespace rondo::api {

/// Refuses settings that change what a plan is and that this version cannot honour; warns about those that only change how
/// fast or in which precision it runs.
void check_settings(const Network& network, const Config& config);

/// Refuses a program whose context needs more temporary memory than the kWORKSPACE pool allows.
void check_workspace(const plan::Program& program, const Config& config);

/// What passes may know of an instruction set; caches and threads are those of no machine in particular.
passes::TargetInfo target_info(kernels::Isa isa);

/// What passes may know: the machine, the switched-off passes, and the watch to call around each.
passes::PassOptions pass_options(const Config& config, int32_t threads, BuildWatch& watch);

/// The optimized graph as it goes into the plan for inspection, without the data of constants; empty at kNONE.
std::string graph_text(const ir::Graph& graph, const Config& config);

}  // namespace rondo::api
