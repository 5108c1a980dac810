#pragma once

#include <string>
#include <vector>

#include "plan/program.h"

namespace rondo::api {

/// The story of a build for someone who searches the log: a line `Fusing <layer> with <layer>` for every layer that shares a step with
/// the one before it, then `Engine Layer Information:` and a line `Layer(<kind>): <layers>, Tactic: <kernels>, in (..) -> out (..)` for
/// every step, in the order in which they stand in the plan.
std::vector<std::string> engine_report(const plan::Program& program);

}  // namespace rondo::api
