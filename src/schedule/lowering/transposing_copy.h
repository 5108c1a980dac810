#pragma once

#include <string>

#include "schedule/stage_draft.h"

namespace rondo::schedule {

/// Appends a stage that only copies as a step of the current block: as the kernel that transposes tiles, if source and destination
/// are dense along different axes, else as the stage it is.
void add_copy(ProgramBuilder& builder, ir::DimPool& pool, const StageDraft& draft, const std::string& origin);

}  // namespace rondo::schedule
