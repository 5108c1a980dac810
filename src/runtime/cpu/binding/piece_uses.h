#pragma once

#include <cstdint>
#include <vector>

#include "plan/program.h"
#include "runtime/cpu/binding/footprint.h"

namespace rondo::runtime {

/// What the steps of a range look at: the binding of the range holds as long as the values of `exprs` do, and needs memory for
/// `buffers`. Both ascending.
struct PieceUses {
  std::vector<plan::ExprId> exprs;
  std::vector<uint32_t> buffers;
};
PieceUses uses_of(const plan::Program& program, const StepRange& range);
/// The same of one view: its expressions and those of its buffer's size.
PieceUses uses_of(const plan::Program& program, plan::ViewId view);

/// True if a kRead step stands in the block, or in a block inside of it.
bool contains_read(const plan::Program& program, uint32_t block);

}  // namespace rondo::runtime
