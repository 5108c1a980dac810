#include "ops/op_list.h"

namespace rondo::ops {

OpDef define_deconvolution() { return {}; }

}  // namespace rondo::ops
