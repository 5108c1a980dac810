#include "kernels/cpu/structured/reduction/reduce_loops.h"

namespace rondo::kernels {

const ReduceTable& reduce_table_scalar() {
  static const ReduceTable table = make_reduce_table();
  return table;
}

}  // namespace rondo::kernels
