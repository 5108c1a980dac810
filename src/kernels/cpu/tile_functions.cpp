#include "kernels/cpu/tile_functions.h"

namespace rondo::kernels {

const tile::TileFunctions& tile_functions(Isa isa) {
#if !defined(RONDO_NO_X86_KERNELS)
  if (isa >= Isa::kAvx512) return tile_functions_avx512();
  if (isa == Isa::kAvx2) return tile_functions_avx2();
#endif
  (void)isa;
  return tile_functions_scalar();
}

}  // namespace rondo::kernels
