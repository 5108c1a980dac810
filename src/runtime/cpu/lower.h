#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "kernels/cpu/isa.h"
#include "kernels/cpu/packing/packing.h"
#include "plan/program.h"
#include "runtime/cpu/binding/bound_views.h"
#include "runtime/cpu/binding/footprint.h"
#include "runtime/cpu/commands.h"
#include "runtime/cpu/team_policy.h"

namespace rondo::runtime {

/// What a schedule is made from. All of it must outlive the schedule.
struct LowerInputs {
  const plan::Program& program;
  std::span<const int64_t> exprs;
  std::span<const BoundBuffer> buffers;
  const BoundViews& views;
  std::span<const kernels::PackedMatrix> packed;
  kernels::Isa isa = kernels::Isa::kScalar;
  int threads = 1;  ///< ranks that are there
  TeamPolicy policy = TeamPolicy::kPaying;
  StepRange range = {};  ///< a part leaves all its loop counters readable behind it
  PluginHost* plugins = nullptr;
};

/// Binds every step, gives each the number of ranks that pays, and places the barriers (docs/design/0005).
/// Errors    kInvalidArgument as find_footprints, StageRunner and KernelRunner
std::unique_ptr<Schedule> lower(const LowerInputs& inputs);

}  // namespace rondo::runtime
