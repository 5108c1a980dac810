#pragma once

#include <functional>

#include "fuzz_loops/generator.h"

namespace rondo::fuzz {

/// Shrinks a program for which `fails` holds to a small one for which it still holds: drops outputs, replaces values by operands of
/// the op that makes them, by other values of their type or by zeros, and drops what is then unread. Candidates that are no valid
/// program any more are skipped; `fails` sees valid ones only.
/// Time  `fails` is called at most `budget` times
Program reduce(Program program, const std::function<bool(const Program&)>& fails, int budget = 2000);

}  // namespace rondo::fuzz
