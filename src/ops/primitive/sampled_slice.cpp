#include "ops/op_list.h"

namespace rondo::ops {

OpDef define_sampled_slice() { return {}; }

}  // namespace rondo::ops
