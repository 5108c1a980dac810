#include "ops/op_list.h"

namespace rondo::ops {

OpDef define_rotary_embedding() { return {}; }

}  // namespace rondo::ops
