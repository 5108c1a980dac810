#include "ops/op_list.h"

namespace rondo::ops {

OpDef define_kv_cache_update() { return {}; }

}  // namespace rondo::ops
