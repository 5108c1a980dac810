#pragma once

#include "ops/op_def.h"

namespace rondo::ops {

/// One function per row of ir/op_kind.def, defined in structured/<op>.cpp or primitive/<op or family>.cpp.
#define RONDO_OP(name, klass) OpDef define_##name();
#include "ir/op_kind.def"
#undef RONDO_OP

}  // namespace rondo::ops
