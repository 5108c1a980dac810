#include "kernels/cpu/structured/reduction/reduce_loops.h"

namespace rondo::kernels {

const ReduceTable& reduce_table_avx2() {
  static const ReduceTable table = make_reduce_table();
  return table;
}

}  // namespace rondo::kernels
