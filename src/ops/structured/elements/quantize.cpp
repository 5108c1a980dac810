#include "ops/op_list.h"

namespace rondo::ops {

OpDef define_quantize() { return {}; }

}  // namespace rondo::ops
