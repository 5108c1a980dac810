#include "ops/op_list.h"

namespace rondo::ops {

OpDef define_reverse_sequence() { return {}; }

}  // namespace rondo::ops
