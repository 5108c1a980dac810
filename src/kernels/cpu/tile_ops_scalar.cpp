#include "kernels/cpu/element_table.h"
#include "kernels/cpu/tile_functions.h"

namespace rondo::kernels {

const tile::TileFunctions& tile_functions_scalar() {
  static const tile::TileFunctions table = make_table();
  return table;
}

}  // namespace rondo::kernels
