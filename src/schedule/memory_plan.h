#pragma once

#include "schedule/program_builder.h"

namespace rondo::schedule {

/// Gives every arena buffer an offset and its size at the largest shapes; sets arena_bytes. Buffers that are live at the same time,
/// or used in different blocks of one parallel step, do not overlap.
/// Errors  kInvalidArgument naming the tensor whose largest size is unbounded or above 2^40 bytes
void plan_memory(ProgramBuilder& builder, ir::DimPool& pool);

}  // namespace rondo::schedule
