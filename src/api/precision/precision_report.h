#pragma once

#include <string>
#include <vector>

#include "plan/program.h"

namespace rondo::api {

/// How many layers of an engine multiply factors of which type, and, where that is not f32, which ones: one line each.
std::vector<std::string> precision_report(const plan::Program& program);

}  // namespace rondo::api
